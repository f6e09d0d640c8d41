import { sizeOf } from "../../src/array/shape.ts";
import {
  add,
  array,
  concat,
  convert,
  cos,
  gather,
  less,
  matmul,
  mul,
  type NdArray,
  ones,
  reshape,
  type ScanOptions,
  scan,
  select,
  sin,
  slice,
  square,
  stack,
  stopGradient,
  sub,
  sum,
  tanh,
} from "../../src/index.ts";

type Arrays = readonly NdArray[];

/** One step of a loop: what is carried, this step's row, what is fixed; to what is carried on, and what is collected. */
export type Step = (carry: Arrays, x: NdArray, k: NdArray) => readonly [carry: Arrays, ys: Arrays];

export interface Loop {
  readonly step: Step;
  /** What is carried, from the first argument. */
  readonly init: (c: NdArray) => Arrays;
  /** Shapes of the arguments: what the carry starts from, a row, what is fixed. */
  readonly shapes: readonly [c: readonly number[], x: readonly number[], k: readonly number[]];
}

const whole = (n: number): NdArray => array(n, undefined, "int32");

export const loops: Readonly<Record<string, Loop>> = {
  recurrence: {
    shapes: [[3], [3], [3]],
    init: (c) => [c],
    step: ([c], x, k) => {
      const next = add(mul(k, c!), x);
      return [[next], [mul(next, c!)]];
    },
  },
  "two carries, a scalar each": {
    shapes: [[], [], []],
    init: (c) => [c, mul(0.5, c)],
    step: ([q, p], x, k) => {
      const pNext = sub(p!, mul(0.25, sin(mul(k, q!))));
      const qNext = add(q!, add(pNext, x));
      return [
        [qNext, pNext],
        [mul(q!, pNext), cos(qNext)],
      ];
    },
  },
  "a layer of a network": {
    shapes: [[2, 3], [3], [3, 3]],
    init: (c) => [c],
    step: ([c], x, k) => {
      const next = tanh(add(matmul(c!, k), x));
      return [[next], [sum(square(next), 1)]];
    },
  },
  "a whole number carried and collected": {
    shapes: [[2], [2], [4]],
    init: (c) => [c, whole(0)],
    step: ([c, n], x, k) => {
      const next = select(less(n!, 2), mul(c!, add(x, 1)), add(c!, gather(k, n!)));
      return [
        [next, select(less(n!, 3), add(n!, whole(1)), whole(0))],
        [next, n!],
      ];
    },
  },
  "carries that change places": {
    shapes: [[2], [2], [2]],
    init: (c) => [convert(array([0.5, -1]), c.dtype), c, convert(array([1, 2]), c.dtype)],
    step: ([a, b, d], x) => [
      [b!, mul(a!, add(x, 1)), d!],
      [a!, mul(d!, b!)],
    ],
  },
  "the carry ignored": {
    shapes: [[2], [2], [2]],
    init: (c) => [c],
    step: ([c], x, k) => [[mul(x, k)], [c!, x, k]],
  },
  "a carry that passes no derivative on": {
    shapes: [[2], [2], [2]],
    init: (c) => [c, c],
    step: ([c, d], x, k) => [
      [mul(stopGradient(c!), x), add(mul(d!, c!), k)],
      [add(c!, d!), stopGradient(x)],
    ],
  },
  "a loop in a loop": {
    shapes: [[2], [3, 2], [2]],
    init: (c) => [c],
    step: ([c], x, k) => {
      const [end, ys] = scan((d: NdArray, row: NdArray) => [tanh(add(mul(d, k), row)), mul(d, c!)], c!, x);
      return [[end], [sum(ys, 0)]];
    },
  },
  "constants of its own": {
    shapes: [[2], [2], []],
    init: (c) => [c],
    step: ([c], x, k) => {
      const next = mul(add(mul(c!, convert(array([0.5, -0.75]), k.dtype)), x), k);
      return [[next], [concat([next, ones([1], k.dtype)])]];
    },
  },
};

/** The arguments of a loop as it is called: what is carried and collected, one array after the other. */
export type Looping = (c: NdArray, xs: NdArray, k: NdArray) => NdArray[];

export function asScan({ step, init }: Loop, options: ScanOptions = {}): Looping {
  return (c, xs, k) => {
    const [carry, ys] = scan((at: Arrays, x: NdArray) => step(at, x, k), init(c), xs, options);
    return [...carry, ...ys];
  };
}

/** The same by tracing every step: what a scan is to agree with. */
export function unrolled({ step, init }: Loop, { reverse = false }: ScanOptions = {}): Looping {
  return (c, xs, k) => {
    const length = xs.shape[0]!;
    let carry = init(c);
    const rows: Arrays[] = [];
    for (let at = 0; at < length; at++) {
      const t = reverse ? length - 1 - at : at;
      const [next, ys] = step(carry, reshape(slice(xs, [t, t + 1]), xs.shape.slice(1)), k);
      carry = next;
      rows[t] = ys;
    }
    return [...carry, ...rows[0]!.map((_, i) => stack(rows.map((ys) => ys[i]!)))];
  };
}

/** The floating-point results in one vector. */
export function asVector(looping: Looping): (...args: NdArray[]) => NdArray {
  return (c, xs, k) =>
    concat(
      looping(c!, xs!, k!)
        .filter(({ dtype }) => dtype !== "int32")
        .map((y) => reshape(y, [sizeOf(y.shape)])),
    );
}
