import { describe, expect, it } from "vitest";
import { normalQuantile, RandomArgumentError } from "../../src/random/index.ts";
import { log } from "../../src/random/normal-quantile.ts";
import { upperTail } from "../support/normal.ts";

// [eq:normal-quantile]
describe("normalQuantile", () => {
  // Wichura 1988 prints these three to check an implementation; the last is the 97.5% point of every table.
  it.each([
    [0.25, -0.6744897501960817],
    [0.001, -3.090232306167813],
    [1e-20, -9.26234008979841],
    [0.975, 1.959963984540054],
  ])("of %f is %f", (p, z) => {
    expect(Math.abs(normalQuantile(p) / z - 1)).toBeLessThan(1e-15);
  });

  // An error e in the reference q explains an error e / phi(z) in z. Every branch of the algorithm is met.
  it("inverts the distribution function", () => {
    for (let z = 0; z <= 8.2; z += 0.01) {
      const q = upperTail(z);
      const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
      const referenceError = z < 3 ? 3e-16 : 2e-15 * q; // upperTail subtracts from 1/2 below 3
      const tolerance = 1e-15 * (1 + z) + referenceError / density;
      expect(Math.abs(-normalQuantile(q) - z), `z = ${z}`).toBeLessThan(tolerance);
    }
  });

  it("is odd about 1/2, bit for bit", () => {
    for (let j = 1; j < 1000; j++) expect(normalQuantile(1 - j / 1024)).toBe(-normalQuantile(j / 1024) + 0);
  });

  // Its logarithm would halve them for ever.
  it.each([0, 1, -0.1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY])("refuses %f", (p) => {
    expect(() => normalQuantile(p)).toThrow(RandomArgumentError);
    expect(() => normalQuantile(p)).toThrow(
      `normalQuantile: p must be a probability, above 0 and below 1; got ${p}`,
    );
  });
});

describe("log", () => {
  it("agrees with the engine's to three units in the last place", () => {
    for (const x of [1, 0.9999, 0.75, Math.SQRT1_2, 0.5, 0.3, 1e-3, 1e-10, 2 ** -53, 1e-300]) {
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(3 * 2 ** -52 * Math.abs(Math.log(x)));
    }
  });
});
