import {
  add,
  array,
  cond,
  cos,
  exp,
  lessEqual,
  mul,
  type NdArray,
  scan,
  sin,
  stopGradient,
  sub,
  sum,
  tanh,
} from "../../src/index.ts";

/** One of two functions; `near` is what the question is asked of, where there is one. */
export type Choose = <Y>(
  which: boolean,
  near: NdArray,
  onTrue: (...xs: NdArray[]) => Y,
  onFalse: (...xs: NdArray[]) => Y,
  ...xs: NdArray[]
) => Y;

/** By `cond`, of a traced predicate. */
export const byCond: Choose = (which, near, onTrue, onFalse, ...xs) =>
  cond(lessEqual(mul(0, sum(near)), which ? 0 : -1), onTrue, onFalse, ...xs);

/** What it is to agree with: the function that is chosen, alone. */
export const alone: Choose = (which, _near, onTrue, onFalse, ...xs) => (which ? onTrue : onFalse)(...xs);

type Chosen = (x: NdArray, k: NdArray) => readonly NdArray[];

export interface Conditional {
  readonly of: (choose: Choose, which: boolean) => Chosen;
  readonly shapes: readonly [x: readonly number[], k: readonly number[]];
}

const whole = (n: number): NdArray => array(n, undefined, "int32");

export const conditionals: Readonly<Record<string, Conditional>> = {
  "two functions": {
    shapes: [[3], [3]],
    of: (choose, which) => (x, k) => [
      choose(
        which,
        x,
        (a, b) => tanh(mul(a!, b!)),
        (a, b) => add(sin(a!), mul(b!, b!)),
        x,
        k,
      ),
    ],
  },
  "several results, of what is closed over": {
    shapes: [[2, 2], [2]],
    of: (choose, which) => (x, k) => {
      const { y, n, z } = choose(
        which,
        k,
        () => ({ y: mul(x, k), n: whole(1), z: [sum(exp(x))] }),
        () => ({ y: add(x, k), n: whole(2), z: [sum(mul(k, k))] }),
      );
      return [y, n, ...z];
    },
  },
  "a derivative that one of them stops": {
    shapes: [[2], [2]],
    of: (choose, which) => (x, k) => [
      ...choose<NdArray[]>(
        which,
        x,
        (a) => [stopGradient(mul(a!, k)), a!],
        (a) => [mul(a!, a!), mul(a!, cos(k))],
        x,
      ),
    ],
  },
  "operands handed on": {
    shapes: [[2], [2]],
    of: (choose, which) => (x, k) => [
      ...choose<NdArray[]>(
        which,
        x,
        (a, b) => [a!, b!, a!],
        (a, b) => [b!, a!, mul(a!, b!)],
        x,
        k,
      ),
    ],
  },
  "one in another": {
    shapes: [[2], []],
    of: (choose, which) => (x, k) => [
      choose(
        which,
        x,
        (a) =>
          choose(
            !which,
            a!,
            (b) => mul(b!, b!),
            (b) => sin(mul(b!, k)),
            mul(a!, k),
          ),
        (a) => sub(a!, k),
        x,
      ),
    ],
  },
  "one in a loop, a loop in one": {
    shapes: [[2], [2]],
    of: (choose, which) => (x, k) => {
      const grow = (a: NdArray): NdArray =>
        scan((c: NdArray): [NdArray, undefined] => [tanh(add(c, mul(a, k))), undefined], a, 2)[0];
      const [end, ys] = scan(
        (c: NdArray): [NdArray, NdArray] => {
          const next = choose(
            which,
            c,
            (a) => grow(a!),
            (a) => mul(a!, k),
            c,
          );
          return [next, sum(next)];
        },
        x,
        3,
      );
      return [end, ys];
    },
  },
};
