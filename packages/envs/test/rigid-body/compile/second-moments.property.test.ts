/** An inertia of point masses is one; with a principal moment beyond the sum of the other two it is not. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { isRealizable } from "../../../src/rigid-body/compile/second-moments.ts";
import type { Symmetric3 } from "../../../src/rigid-body/model/robot.ts";

const point = fc.tuple(
  ...Array.from({ length: 3 }, () => fc.integer({ min: -16, max: 16 }).map((n) => n / 8)),
);

/** Σ m (|r|² 1 − r rᵀ), with unit masses */
function inertiaOf(points: readonly (readonly number[])[]): Symmetric3 {
  const sum = (f: (x: number, y: number, z: number) => number) =>
    points.reduce((total, [x, y, z]) => total + f(x!, y!, z!), 0);
  return [
    sum((_x, y, z) => y * y + z * z),
    sum((x, _y, z) => x * x + z * z),
    sum((x, y) => x * x + y * y),
    sum((x, y) => -x * y),
    sum((x, _y, z) => -x * z),
    sum((_x, y, z) => -y * z),
  ];
}

test("point masses have a realizable inertia: solid, flat, slender or none", () => {
  fc.assert(fc.property(fc.array(point, { maxLength: 6 }), (points) => isRealizable(inertiaOf(points))));
});

test("a mass of negative weight along any direction, heavier than the rest, is not realizable", () => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 6 }), point, (points, [x, y, z]) => {
      const [dx, dy, dz] = [x!, y!, z!];
      const norm = dx * dx + dy * dy + dz * dz;
      fc.pre(norm > 0);
      const along = points.reduce((sum, p) => sum + (p[0]! * dx + p[1]! * dy + p[2]! * dz) ** 2 / norm, 0);
      // dᵀ Σ d / |d|² becomes −1% of the trace, or less.
      const weight = 1.05 * along + 0.05;
      const taken = inertiaOf([[dx, dy, dz]]).map((moment) => (weight * moment) / norm);
      const inertia = inertiaOf(points).map((moment, i) => moment - taken[i]!) as unknown as Symmetric3;
      return !isRealizable(inertia);
    }),
  );
});

test("flat and slender bodies are at the edge", () => {
  expect(isRealizable([1, 1, 2, 0, 0, 0])).toBe(true);
  expect(isRealizable([1, 1, 2 + 1e-6, 0, 0, 0])).toBe(false);
  expect(isRealizable([1, 1, 0, 0, 0, 0])).toBe(true);
  expect(isRealizable([1, 1, -1e-6, 0, 0, 0])).toBe(false);
  expect(isRealizable([-1, -1, -1, 0, 0, 0])).toBe(false);
});
