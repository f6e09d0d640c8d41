import { expect, it } from "vitest";
import {
  all,
  any,
  argmax,
  argmin,
  array,
  cumsum,
  DomainError,
  eye,
  logSumExp,
  max,
  mean,
  min,
  type NdArray,
  norm,
  prod,
  sum,
  triangularSolve,
  variance,
} from "../../src/index.ts";

const x = array([[1, 2]]);
const mistyped = { keepdims: true } as object;

it.each(Object.entries({ sum, max, min, mean, variance, logSumExp, norm, prod, any, all, argmax, argmin }))(
  "%s refuses options that it would ignore",
  (_name, f) => {
    const reduce = f as (x: NdArray, axis: number, options?: object) => NdArray;
    expect(reduce(x, 1, { keepDims: true }).shape).toEqual([1, 1]);
    expect(() => reduce(x, 1, mistyped)).toThrow(DomainError);
    expect(() => reduce(x, 1, mistyped)).toThrow(/there is no option keepdims. The options are keepDims/);
  },
);

it("so do cumsum and triangularSolve", () => {
  expect(() => cumsum(x, 0, { reversed: true } as object)).toThrow(/cumsum: there is no option reversed/);
  expect(() => triangularSolve(eye(2), x, { upper: true } as object)).toThrow(/there is no option upper/);
});
