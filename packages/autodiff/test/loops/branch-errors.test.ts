import { expect, it } from "vitest";
import {
  add,
  array,
  compile,
  cond,
  convert,
  less,
  log,
  mul,
  type NdArray,
  sub,
  sum,
  vmap,
  whileLoop,
} from "../../src/index.ts";

const x = array([1, 2]);
const same = (y: NdArray): NdArray => y;
const never = (): boolean => false;

it.each<readonly [what: string, mistake: () => unknown, message: RegExp]>([
  [
    "branches of two shapes",
    () => cond(1, same, (y) => sum(y), x),
    /^ShapeError: cond: the result of onFalse must have the shape .*got is \[\]; expected is \[2\]/,
  ],
  [
    "branches of two types",
    () => cond(1, same, (y) => convert(y, "float32"), x),
    /^DTypeError: cond: the result of onFalse must be float64.*got float32/,
  ],
  [
    "branches of two trees",
    () => cond<[NdArray], unknown>(1, same, (y) => [y], x),
    /^TreeError: cond: the result of onFalse must have the structure/,
  ],
  [
    "a branch that returns no tree",
    () =>
      cond(
        1,
        () => "no",
        () => "yes",
      ),
    /^TreeError: cond: .*got "/,
  ],
  [
    "a predicate that is no whole number",
    () => cond(array(0.5), same, same, x),
    /^DTypeError: cond: .*int32.*float64/,
  ],
  [
    "many predicates",
    () => cond(less(x, 1), same, same, x),
    /^ShapeError: cond: .*predicate is \[2\].*select/,
  ],
  [
    "a predicate of a wrong kind",
    () => cond("yes" as never, same, same, x),
    /^DTypeError: cond: the predicate/,
  ],
  [
    "operands that a branch would not look at",
    () => cond(1, same as never, same as never, x, x),
    /^TreeError: cond: the function takes at most 1; got 2 arguments/,
  ],
  [
    "an operand whose data do not match its shape",
    () => cond(1, same, same, { ...x, shape: [3] }),
    /^ShapeError: cond: .*operands\[0\]/,
  ],
  [
    "another carry",
    () => whileLoop(never, (y: NdArray) => sum(y), x),
    /^ShapeError: whileLoop: the next carry/,
  ],
  [
    "another type of carry",
    () => whileLoop(never, (y: NdArray) => convert(y, "float32"), x),
    /^DTypeError: whileLoop: the next carry/,
  ],
  [
    "another tree",
    () => whileLoop(never, (y: NdArray) => [y] as never, x),
    /^TreeError: whileLoop: the next carry must have the structure/,
  ],
  [
    "a condition that is no whole number",
    () => whileLoop((y: NdArray) => sum(y), same, x),
    /^DTypeError: whileLoop: the predicate must be int32/,
  ],
  [
    "many conditions",
    () => whileLoop((y: NdArray) => less(y, 3), same, x),
    /^ShapeError: whileLoop: the predicate/,
  ],
  [
    "an initial carry whose data do not match its shape",
    () => whileLoop(never, same, { ...x, shape: [3] }),
    /^ShapeError: whileLoop: .*init/,
  ],
])("refuses %s", (_what, mistake, message) => {
  let thrown: unknown;
  try {
    mistake();
  } catch (error) {
    thrown = error;
  }
  expect(String(thrown)).toMatch(message);
});

it("a number or a boolean decides as in JavaScript", () => {
  const of = (predicate: boolean | number): number =>
    cond(
      predicate,
      () => array(1),
      () => array(2),
    ).data[0]!;
  expect([true, 1, -0.5, false, 0, Number.NaN].map(of)).toEqual([1, 1, 1, 2, 2, 2]);
});

it("an error of a branch's own is the caller's, and leaves nothing behind", () => {
  const fails = (): NdArray => {
    throw new RangeError("mine");
  };
  expect(() => cond(1, same, fails, x)).toThrow(RangeError);
  expect([...mul(x, 2).data]).toEqual([2, 4]); // computed, not recorded
});

it("a NaN ends a loop: no comparison with it holds", () => {
  const f = (y: NdArray): NdArray =>
    whileLoop(
      (z: NdArray) => less(z, 10),
      (z) => log(sub(z, 2)),
      y,
    );
  for (const run of [f, compile(f)]) expect(run(array(1)).data[0]).toBeNaN();
});

it("no row, no step", () => {
  const rows = array(new Float64Array(0), [0]);
  const f = vmap((y: NdArray) =>
    whileLoop(
      (z: NdArray) => less(z, 1),
      (z) => add(z, 1),
      y,
    ),
  );
  expect(f(rows).shape).toEqual([0]);
});
