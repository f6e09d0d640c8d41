import {
  add,
  array,
  cond,
  cos,
  item,
  less,
  mul,
  type NdArray,
  scan,
  sub,
  sum,
  tanh,
  whileLoop,
} from "../../src/index.ts";

type Arrays = readonly NdArray[];

/** A loop that ends by itself: of c, what is carried starts from, and of k, the same in every step. */
export interface While {
  readonly shapes: readonly [c: readonly number[], k: readonly number[]];
  readonly init: (c: NdArray) => Arrays;
  readonly goesOn: (carry: Arrays, k: NdArray) => NdArray;
  readonly step: (carry: Arrays, k: NdArray) => Arrays;
  /** Whether a little more or less of c or k may change the number of steps, and so make a value jump. */
  readonly jumps: boolean;
  /** Whether its steps make rounding errors grow, so that arithmetic of another kind ends elsewhere. */
  readonly amplifies?: boolean;
}

const whole = (n: number): NdArray => array(n, undefined, "int32");

export const whiles: Readonly<Record<string, While>> = {
  "a count": {
    shapes: [[2], [2]],
    init: (c) => [c, whole(0)],
    goesOn: ([, n]) => less(n!, 3),
    step: ([c, n], k) => [tanh(mul(c!, k)), add(n!, whole(1))],
    jumps: false,
  },
  "until it is small": {
    shapes: [[2], []],
    init: (c) => [c, sum(c)],
    goesOn: ([c]) => less(0.02, sum(mul(c!, c!))),
    step: ([c, s], k) => [mul(c!, mul(0.75, cos(k))), add(s!, sum(c!))],
    jumps: true,
  },
  "ended where a further step would go on": {
    shapes: [[], []],
    init: (c) => [c, whole(0)],
    goesOn: ([c, n]) => mul(less(c!, 1), less(n!, 20)),
    step: ([c, n], k) => [mul(1.5, cos(mul(3, add(c!, k)))), add(n!, whole(1))],
    jumps: true,
    amplifies: true,
  },
  "carries that change places": {
    shapes: [[2], [2]],
    init: (c) => [c, mul(2, c), whole(5)],
    goesOn: ([, , n]) => n!,
    step: ([a, b, n], k) => [b!, mul(a!, k), sub(n!, whole(1))],
    jumps: false,
  },
  "other loops and conditionals inside": {
    shapes: [[2], [2]],
    init: (c) => [c],
    goesOn: ([c]) => less(sum(mul(c!, c!)), 30),
    step: ([c], k) => [
      cond(
        less(sum(c!), 0),
        () => sub(c!, 1),
        (d) => add(scan((e: NdArray): [NdArray, undefined] => [add(e, mul(e, k)), undefined], d, 2)[0], 1.5),
        c!,
      ),
    ],
    jumps: true,
  },
  "no step": {
    shapes: [[2], [2]],
    init: (c) => [c],
    goesOn: ([c]) => less(sum(mul(c!, c!)), -1),
    step: ([c], k) => [mul(c!, k)],
    jumps: false,
  },
};

/** What it ends with. */
export function asWhile({ init, goesOn, step }: While): (c: NdArray, k: NdArray) => Arrays {
  return (c, k) =>
    whileLoop(
      (carry: Arrays) => goesOn(carry, k),
      (carry) => step(carry, k),
      init(c),
    );
}

/** How many steps it takes from here. */
export function stepsFrom({ init, goesOn, step }: While, c: NdArray, k: NdArray): number {
  let carry = init(c);
  let steps = 0;
  for (; item(goesOn(carry, k)) !== 0; steps++) carry = step(carry, k);
  return steps;
}

/** That many steps, written out: what the loop is to agree with where it takes as many. */
export function written({ init, step }: While, steps: number): (c: NdArray, k: NdArray) => Arrays {
  return (c, k) => {
    let carry = init(c);
    for (let t = 0; t < steps; t++) carry = step(carry, k);
    return carry;
  };
}
