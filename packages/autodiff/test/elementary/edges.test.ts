import { describe, expect, it } from "vitest";
import * as functions from "../../src/elementary/index.ts";

const { atan2, cos, exp, expm1, hypot, log, log1p, sin, tanh } = functions;
const tiny = [5e-324, -5e-324, 2 ** -1022, -(2 ** -1030), 2 ** -60, -(2 ** -60)];

describe("edges that the language fixes", () => {
  const unary = { exp, expm1, log, log1p, tanh, sin, cos };
  it.each(Object.keys(unary) as (keyof typeof unary)[])("%s", (name) => {
    for (const x of [0, -0, 1 / 0, -1 / 0, Number.NaN, ...(name === "log" ? [-1, -5e-324] : [])])
      expect(unary[name](x), `${name}(${x})`).toBe(Math[name](x));
  });

  it("atan2, of every pair of special and ordinary numbers", () => {
    const numbers = [0, -0, 1, -1, 5e-324, -5e-324, 1e308, -1e308, 1 / 0, -1 / 0, Number.NaN, 3e-300];
    for (const y of numbers)
      for (const x of numbers) {
        const [got, expected] = [atan2(y, x), Math.atan2(y, x)];
        const isNear = Math.abs(got - expected) <= 4e-16 * Math.abs(expected);
        expect(Object.is(got, expected) || (expected !== 0 && isNear), `atan2(${y}, ${x}) = ${got}`).toBe(
          true,
        );
      }
  });

  it("hypot", () => {
    expect([hypot(), hypot(-0), hypot(0, -0), hypot(-3, 4), hypot(2, 3, 6)]).toEqual([0, 0, 0, 5, 7]);
    expect(hypot(Number.NaN, -1 / 0)).toBe(1 / 0);
    expect(hypot(Number.NaN, 1)).toBeNaN();
    expect(hypot(5e-324)).toBe(5e-324);
    expect(hypot(1e308, 1e308)).toBe(Math.SQRT2 * 1e308);
    expect(hypot(1.7e308, 1.7e308)).toBe(1 / 0);
  });

  it("numbers too small for a curve: each is its own sine", () => {
    for (const x of tiny) {
      for (const f of [expm1, log1p, tanh, sin]) expect(f(x), `${f.name}(${x})`).toBe(x);
      expect([exp(x), cos(x)]).toEqual([1, 1]);
      expect(atan2(x, 1)).toBe(x);
    }
  });

  it("the ends of the range", () => {
    const [last, first] = [709.782712893384, -745.1332191019411]; // of x whose e^x is finite, and not 0
    expect([exp(last), exp(709.7827128933841)]).toEqual([1.7976931348622732e308, 1 / 0]);
    expect([exp(first), exp(-745.1332191019412)]).toEqual([5e-324, 0]);
    expect([expm1(last), expm1(709.7827128933841)]).toEqual([exp(last), 1 / 0]);
    expect([expm1(-37), expm1(-40)]).toEqual([-1 + 2 ** -53, -1]);
    expect([tanh(19), tanh(20), tanh(-20)]).toEqual([1 - 2 ** -53, 1, -1]);
    expect(log(Number.MAX_VALUE)).toBe(709.782712893384);
    expect(log(5e-324)).toBe(-744.4400719213812);
    expect([log1p(-1), log1p(-1 - 2 ** -52)]).toEqual([-1 / 0, Number.NaN]);
    expect(log1p(Number.MAX_VALUE)).toBe(709.782712893384);
  });

  it("is odd or even where the function is", () => {
    for (const x of [1e-300, 0.1, 0.7, 3, 22, 1e5, 1e22, 1e300]) {
      for (const f of [tanh, sin]) expect(f(-x)).toBe(-f(x));
      expect(cos(-x)).toBe(cos(x));
      expect(atan2(-x, -3)).toBe(-atan2(x, -3));
    }
  });
});
