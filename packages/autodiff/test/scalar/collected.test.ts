/** Formulas that nobody uses any more leave memory. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import {
  add,
  div,
  less,
  maskVariable,
  mul,
  type Node,
  select,
  sub,
  variable,
} from "../../src/scalar/index.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

let last = 0;
/** A number that no formula has had before: its constant is younger than the other operands. */
const fresh = (): number => 1000.5 + last++;

test.each<[string, () => Node]>([
  ["x + c", () => add(variable("x"), fresh())],
  ["c − x", () => sub(fresh(), variable("x"))],
  ["c x", () => mul(fresh(), variable("x"))],
  ["c / x", () => div(fresh(), variable("x"))],
  ["x < c", () => less(variable("x"), fresh())],
  ["mask ? c : c'", () => select(maskVariable("mask"), fresh(), fresh())],
])("%s, with a new constant", async (_name, build) => {
  const formula = new WeakRef(build());
  await new Promise((resolve) => setTimeout(resolve)); // what a WeakRef was made for is kept until its task ends
  collectGarbage();
  expect(formula.deref()).toBeUndefined();
});
