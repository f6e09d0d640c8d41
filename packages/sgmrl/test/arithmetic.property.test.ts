import fc from "fast-check";
import { expect, it } from "vitest";
import { concatenated, median, power } from "../src/arithmetic.ts";

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

it("median is the middle, or between the middle two", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 10, 2])).toBe(3);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});

it("concatenated has the vectors in their order", () => {
  expect(concatenated([[1, 2], Float64Array.of(3), []])).toEqual(Float64Array.of(1, 2, 3));
  expect(concatenated([])).toEqual(new Float64Array(0));
});
