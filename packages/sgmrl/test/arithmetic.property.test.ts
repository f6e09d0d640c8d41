import fc from "fast-check";
import { expect, it } from "vitest";
import { power } from "../src/arithmetic.ts";

it("power is the product of n factors, to n roundings", () => {
  fc.assert(
    fc.property(fc.double({ min: -2, max: 2, noNaN: true }), fc.nat(300), (base, n) => {
      let product = 1;
      for (let i = 0; i < n; i++) product *= base;
      expect(Math.abs(power(base, n) - product)).toBeLessThanOrEqual(
        2 * (n + 1) * Number.EPSILON * Math.abs(product) + Number.MIN_VALUE * n,
      );
    }),
  );
});

it("power has one value, whatever the machine's own power gives", () => {
  expect(power(0.99, 6)).toBe(0.99 * 0.99 * (0.99 * 0.99 * (0.99 * 0.99)));
  expect(power(0, 0)).toBe(1);
  expect(power(0.5, 2000)).toBe(0);
});

it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("power refuses the exponent %d", (n) => {
  expect(() => power(2, n)).toThrow("power: expected n = 0, 1, 2, …");
});
