import { describe, expect, it } from "vitest";
import * as autodiff from "../src/index.ts";
import {
  add,
  array,
  compile,
  div,
  grad,
  hvp,
  item,
  less,
  log,
  mul,
  type NdArray,
  NonFiniteError,
  neg,
  scan,
  select,
  sqrt,
  sub,
  sum,
} from "../src/index.ts";

const checked = (f: (x: NdArray) => NdArray) => compile(f, { checkFinite: true });

describe("a result that is not finite, where that is checked", () => {
  it("is refused, naming the primitive that made it", () => {
    const f = checked((x) => sum(div(log(x), x)));
    expect(item(f(array([1, 1])))).toBe(0);
    expect(() => f(array([1, 0]))).toThrow(NonFiniteError);
    expect(() => f(array([1, 0]))).toThrow(
      /^log: every result must be finite; equation 0 gave -Infinity at element 1, from inputs \[2\]\. Look at/,
    );
  });

  it("not one in the branch that select leaves out", () => {
    const f = checked((x) => add(select(less(x, 1), 0, log(x)), sqrt(sub(3, x))));
    expect([...f(array([0, 2])).data]).toEqual([Math.sqrt(3), Math.log(2) + 1]);
    expect(() => f(array([0, 4]))).toThrow(/^sqrt: .* gave NaN at element 1/); // and not the logarithm of 0
    const both = checked((x) => select(less(x, 1), log(x), neg(x)));
    expect(() => both(array([-5, -1]))).toThrow(/^log: .* gave NaN at element 0/);
  });

  it("through several equations, and a constant that is not finite", () => {
    const f = checked((x) => mul(add(div(x, x), 1), 2));
    expect(() => f(array([2, 0]))).toThrow(/^div: .* gave NaN at element 1/);
    expect(() => checked((x) => mul(x, array([1, Number.NaN])))(array([1, 1]))).toThrow(/^mul: /);
    expect(() => checked((x) => x)(array([1, Number.NaN]))).toThrow(/one is argument 0, which is not/);
  });

  it("in a loop, and in a loop within one", () => {
    const step = (y: NdArray): NdArray => log(sub(y, 1));
    const once = checked((x) => scan((y: NdArray) => [step(y), undefined], x, 5)[0]);
    expect(() => once(array(2))).toThrow(/^log: every result must be finite/);
    const twice = checked(
      (x) => scan((y: NdArray) => [scan((z: NdArray) => [step(z), undefined], y, 2)[0], undefined], x, 2)[0],
    );
    expect(() => twice(array(2))).toThrow(/^log: every result must be finite/);
    const four = [1, 2, 3, 4].reduce((y) => Math.log(y - 1), 1e300);
    expect(item(twice(array(1e300)))).toBeCloseTo(four, 12);
  });

  const names = ["acos", "acosh", "asin", "asinh", "atan", "atanh", "erf", "erfc", "erfinv", "expm1"].concat([
    "lgamma",
    "log",
    "log1p",
    "digamma",
    "sigmoid",
    "softplus",
    "sqrt",
    "tanh",
    "logSoftmax",
    "abs",
  ]);
  const functions = autodiff as unknown as Record<string, (x: NdArray) => NdArray>;
  const points = [0, 0.001, 0.25, 0.5, 0.9, 1, 1.5, 3, 30, -0.5];
  it.each(names)(
    "%s, its gradient and Hessian: nothing finite is refused, and nothing else is let through",
    (name) => {
      const f = (x: NdArray): NdArray => sum(functions[name]!(x));
      const kinds = [f, grad(f), (x: NdArray) => hvp(f)(x, array([1]))];
      let finite = 0;
      for (const g of kinds) {
        for (const point of points) {
          const x = array([point]);
          if ([...compile(g)(x).data].every(Number.isFinite)) {
            finite++;
            expect([...checked(g)(x).data].every(Number.isFinite)).toBe(true);
          } else expect(() => checked(g)(x)).toThrow(NonFiniteError);
        }
      }
      expect(finite).toBeGreaterThan(8);
    },
  );
});
