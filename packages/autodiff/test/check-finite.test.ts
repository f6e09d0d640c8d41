import { describe, expect, it } from "vitest";
import {
  add,
  array,
  asinh,
  atan,
  compile,
  div,
  erfinv,
  grad,
  hvp,
  item,
  less,
  lgamma,
  log,
  log1p,
  minimum,
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

/** Four times ln(y − 1), from 1e300. */
const four = [1, 2, 3, 4].reduce((y) => Math.log(y - 1), 1e300);

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
    const other = checked((x) => select(less(1, x), log(x), div(1, x)));
    expect(() => other(array([0]))).toThrow(/^div: /); // log 0 is left out, and is not finite either
  });

  it("not at another element of what select takes", () => {
    const masked = checked((x) => select(less(x, 5), add(log(x), sqrt(sub(x, 3))), 0));
    expect(() => masked(array([1, 0]))).toThrow(/^sqrt: .* gave NaN at element 0/); // the log is bad at element 1
    const left = checked((x) => select(array([0, 1], undefined, "int32"), add(log(x), sqrt(sub(x, 3))), 0));
    expect(() => left(array([0, 1]))).toThrow(/^sqrt: .* at element 1/);
  });

  it("through several equations, and a constant or an argument that is not finite", () => {
    const f = checked((x) => mul(add(div(x, x), 1), 2));
    expect(() => f(array([2, 0]))).toThrow(/^div: .* gave NaN at element 1/);
    expect(() => checked((x) => mul(x, array([1, Number.NaN])))(array([1, 1]))).toThrow(/^mul: /);
    const given = /^compile: every result must be finite; input x0 is not/;
    expect(() => checked((x) => x)(array([1, Number.NaN]))).toThrow(given);
    expect(() => checked((x) => mul(x, 2))(array([1, Number.NaN]))).toThrow(given);
    expect(() => checked(() => array([Number.NaN]))(array([1]))).toThrow(/; a constant is not/);
    expect(() => checked((x) => sum(x))(array([1e308, 1e308]))).toThrow(/^sum: .* gave Infinity/);
  });

  it("in a loop, and in a loop within one", () => {
    const step = (y: NdArray): NdArray => log(sub(y, 1));
    const once = checked((x) => scan((y: NdArray) => [step(y), undefined], x, 5)[0]);
    expect(() => once(array(2))).toThrow(/^log: every result must be finite/);
    const twice = checked(
      (x) => scan((y: NdArray) => [scan((z: NdArray) => [step(z), undefined], y, 2)[0], undefined], x, 2)[0],
    );
    expect(() => twice(array(2))).toThrow(/^log: every result must be finite/);
    expect(item(twice(array(1e300)))).toBeCloseTo(four, 12);
  });

  it("in a loop that carries an infinity, not for that", () => {
    type Carry = [best: NdArray, y: NdArray];
    const next = ([best, y]: Carry): [Carry, undefined] => [
      [best, add(log(sub(y, 1)), minimum(best, 0))],
      undefined,
    ];
    const carried = checked((x) => scan(next, [array(Number.POSITIVE_INFINITY), x] as Carry, 4)[0][1]);
    expect(() => carried(array(2))).toThrow(/^log: /);
    expect(item(carried(array(1e300)))).toBeCloseTo(four, 12);
  });

  // Some are made with infinite constants, or take a branch that is not finite where it is not used.
  const functions = { asinh, atan, erfinv, lgamma, log, log1p };
  it.each(Object.entries(functions))("%s, its gradient and Hessian, where these are finite", (_, f) => {
    const total = (x: NdArray): NdArray => sum(f(x));
    for (const g of [total, grad(total), (x: NdArray) => hvp(total)(x, array([1, 1]))])
      expect([...checked(g)(array([0.25, 0.5])).data].every(Number.isFinite)).toBe(true);
  });
});
