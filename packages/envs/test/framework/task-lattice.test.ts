import { fold, type Key, key, uniform } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latticePoint } from "../../src/framework/task-lattice.ts";
import { environments, findEnvironment, latticeTaskKeys, sampleTask } from "../../src/index.ts";

const keys = (n: number): Key[] => Array.from({ length: n }, (_, i) => fold(key(3), i));
const points = (at: Key, B: number, d: number): Float64Array[] =>
  Array.from({ length: B }, (_, i) => latticePoint(at, i, B, d));

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
}

describe("[eq:task-lattice] a lattice of tasks", () => {
  it("splits an interval of length w among B tasks as B w, to the nearest whole number above or below", () => {
    const settings = [
      fc.nat(),
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    ] as const;
    fc.assert(
      fc.property(...settings, (seed, B, w) => {
        const inside = points(key(seed), B, 1).filter(([u]) => u! < w).length;
        expect(Math.abs(inside - B * w)).toBeLessThan(1 + 1e-9);
      }),
    );
  });

  // Kolmogorov's bound for n = 4000 draws of one place: D > 1.95/√n with probability 0.001; six coordinates in all.
  it("has each of its points uniform on the cube", () => {
    const n = 4000;
    for (const d of [1, 2, 3]) {
      const drawn = keys(n).map((at) => latticePoint(at, 5, 8, d));
      for (let k = 0; k < d; k++) {
        const sorted = drawn.map((u) => u[k]!).sort((a, b) => a - b);
        const D = Math.max(...sorted.map((u, i) => Math.abs(u - (i + 0.5) / n)));
        expect(D).toBeLessThan(1.95 / Math.sqrt(n));
        expect(sorted[0]).toBeGreaterThanOrEqual(0);
        expect(sorted.at(-1)).toBeLessThan(1);
      }
    }
  });

  it("averages a smooth function with a fraction of the variance of independent points", () => {
    for (const d of [1, 2, 3]) {
      const f = (u: Float64Array): number => u.reduce((sum, x, k) => sum + (k + 1) * (x - 0.5) ** 2 + x, 0);
      const mean = (all: Float64Array[]): number => all.reduce((sum, u) => sum + f(u), 0) / all.length;
      const lattice = variance(keys(400).map((at) => mean(points(at, 20, d))));
      const independent = variance(
        keys(400).map((at) => mean(Array.from({ length: 20 }, (_, i) => uniform(fold(at, i), d)))),
      );
      expect(lattice / independent).toBeLessThan(0.4);
    }
  });
});

describe("families on a cube", () => {
  it.each(Object.values(environments).map((environment) => [environment.name, environment] as const))(
    "%s draws a task for every place, or says that it cannot",
    (_name, { family, dynamics }) => {
      const places = latticeTaskKeys(key(7), 2, 5);
      if (family.cube === undefined)
        expect(() => sampleTask(family, places[0]!)).toThrow(
          /lattice of tasks.*draw these tasks independently/,
        );
      else for (const place of places) expect(() => dynamics(sampleTask(family, place))).not.toThrow();
      const single = fold(key(7), 1);
      expect(sampleTask(family, single)).toEqual(family.sample(single));
      if (family.cube !== undefined)
        expect(family.sample(single)).toEqual(family.cube.at(uniform(single, family.cube.dimensions)));
    },
  );

  it("gives the corners in equal numbers", () => {
    const { family } = findEnvironment("corner-2d");
    const drawn = latticeTaskKeys(key(1), 0, 20).map((at) => JSON.stringify(sampleTask(family, at)));
    const counts = [...new Set(drawn)].map((task) => drawn.filter((other) => other === task).length);
    expect(counts).toEqual([5, 5, 5, 5]);
  });
});
