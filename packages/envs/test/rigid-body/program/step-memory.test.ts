/** The memory of compiled steps: what is outgrown, and what there is no room for. */
import { expect, test } from "vitest";
import { batchedSteps, compileModel } from "../../../src/rigid-body/index.ts";
import { tapeLength } from "../../../src/rigid-body/program/tape.ts";
import { robots } from "../../../src/rigid-body/robots/index.ts";

test("after a batch that there is no room for, a smaller one is as if that had not been", () => {
  const model = compileModel(robots.swimmer);
  const width = model.nq + 2 * model.nv;
  const steps = batchedSteps(model, 1);
  const advanced = (by: typeof steps, rows: number) => {
    const states = new Float64Array(rows * width);
    by.advance(
      states,
      Int32Array.from({ length: rows }, (_, r) => r * width),
      new Float64Array(rows * model.nu).fill(0.8),
    );
    return states;
  };
  const expected = advanced(batchedSteps(model, 1), 10);
  // Room for the states of the batch, but not for their controls.
  const rows = 1000;
  const left = rows * width * 8 + 4000;
  steps.tapes(1, 2 * Math.floor((2 ** 31 - 1 - left) / (16 * tapeLength(model))));
  expect(() => advanced(steps, rows)).toThrow(
    /^wasm: programs need \d+ bytes of memory for 1000 more rows of \d+ numbers; they have 2147483647\. Use fewer states/,
  );
  expect(advanced(steps, 10)).toEqual(expected);
});

test("room is found for batches that grow one by one", () => {
  const model = compileModel(robots.hopper);
  const steps = batchedSteps(model, 4);
  const grow = () => {
    for (let rows = 1; rows <= 400; rows++) steps.tapes(20, rows);
  };
  expect(grow).not.toThrow();
});
