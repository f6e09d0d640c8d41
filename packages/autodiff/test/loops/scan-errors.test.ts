import { expect, it } from "vitest";
import {
  add,
  array,
  compile,
  convert,
  grad,
  log,
  mul,
  type NdArray,
  reshape,
  scan,
  sub,
  sum,
} from "../../src/index.ts";

const same = (x: NdArray): readonly [NdArray, undefined] => [x, undefined];

it.each<readonly [what: string, mistake: () => unknown, message: RegExp]>([
  [
    "another shape",
    () => scan((x: NdArray) => [reshape(x, [1, 2]), undefined], array([1, 2]), 3),
    /^ShapeError: scan: the next carry/,
  ],
  [
    "another type",
    () => scan((x: NdArray) => [convert(x, "float32"), undefined], array([1, 2]), 3),
    /^DTypeError: scan: the next carry/,
  ],
  [
    "another tree",
    () => scan((x: NdArray) => [[x, x] as unknown as NdArray, undefined], array([1, 2]), 3),
    /^TreeError: scan: the next carry/,
  ],
  [
    "no pair",
    () => scan((x: NdArray) => x as never, array([1, 2]), 3),
    /^TreeError: scan: the step must return \[carry, y\]/,
  ],
  [
    "no number of steps",
    () => scan(same, 1, -1),
    /^DomainError: scan: the length must be a whole number of at least 0; got -1/,
  ],
  ["part of a step", () => scan(same, 1, 2.5), /^DomainError: scan: the length .*got 2\.5/],
  ["rows of a scalar", () => scan(same, 1, array(2)), /^AxisError: scan: xs are read row by row/],
  ["no rows", () => scan(same, 1, []), /^AxisError: scan: xs holds no array/],
  [
    "rows of two lengths",
    () => scan(same, 1, [array([1]), array([1, 2])]),
    /^ShapeError: scan: the first axes of xs/,
  ],
  [
    "checkpoints of none",
    () => scan(same, 1, 3, { checkpoint: 0 }),
    /^DomainError: scan: checkpoint must be/,
  ],
  ["an unknown option", () => scan(same, 1, 3, { revers: true } as object), /^\w+Error: scan: .*revers/],
])("refuses %s", (_what, mistake, message) => {
  let thrown: unknown;
  try {
    mistake();
  } catch (error) {
    thrown = error;
  }
  expect(String(thrown)).toMatch(message);
});

it("runs no step, and differentiates that", () => {
  const f = (x: NdArray): NdArray => {
    const [end, ys] = scan((y: NdArray, row: NdArray) => [mul(y, row), y], x, array([]));
    expect(ys.shape).toEqual([0]);
    return add(mul(end, end), sum(ys));
  };
  expect(grad(f)(array(3)).data[0]).toBe(6);
  expect(compile(grad(f))(array(3)).data[0]).toBe(6);
});

it("gives the caller arrays of his own", () => {
  const x = array([1, 2]);
  const [end] = scan(same, x, 0);
  const [last] = scan((_: NdArray, row: NdArray) => [row, undefined], array(0), x);
  (end.data as Float64Array)[0] = 7;
  (last.data as Float64Array)[0] = 7;
  expect([...x.data]).toEqual([1, 2]);
});

it("stops at the first value of a step that is not finite, if asked", () => {
  const f = compile((x: NdArray) => scan((y: NdArray) => [log(sub(y, 1)), undefined], x, 5)[0], {
    checkFinite: true,
  });
  expect(() => f(array(2))).toThrow(/log: every result must be finite/);
});
