/**
 * Robots from MJCF in the programs: what only such robots have (boxes [eq:collision], tilted floors, ball joints with
 * limits [eq:ball-limit]) in a batch of steps and in derivatives, against the scalar step and the official engine.
 */
import { fold, key } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import { differentiateStep } from "../../../src/rigid-body/differentiable/differentiate-step.ts";
import { workspaceOf } from "../../../src/rigid-body/dynamics/workspace.ts";
import {
  batchedSteps,
  bodyContactForces,
  compileModel,
  linearize,
  robotFromMjcf,
  step,
} from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import { centralDifferences, error } from "../support/central-differences.ts";
import { largestDifference } from "../support/measure-parity.ts";
import { modelXml, nearStart } from "../support/mjcf-models.ts";
import { loadOfficialXml } from "../support/official.ts";

const compiled = (name: string): Model => compileModel(robotFromMjcf(modelXml(name)));

test.each(["crates", "slope", "downhill", "drifting-crates", "ball-leg", "ball-chain", "wheels"])(
  "a batch of %s takes the scalar step",
  (name) => {
    const model = compiled(name);
    const batch = batchedSteps(model, 1, { contactForces: true });
    const count = 100;
    const cases = Array.from({ length: count }, (_, i) => nearStart(model, fold(key(3), i)));
    const room = 6 * model.partNames.length;
    const width = model.nq + 2 * model.nv + room;
    const states = Float64Array.from(
      cases.flatMap(({ state: { qpos, qvel, warmstart } }) => [
        ...[...qpos, ...qvel, ...warmstart],
        ...new Float64Array(room),
      ]),
    );
    const offsets = Int32Array.from({ length: count }, (_, r) => r * width);
    batch.advance(states, offsets, Float64Array.from(cases.flatMap(({ control }) => [...control])));
    expect(batch.left).toBeLessThan(0.02 * count);
    const forces = new Float64Array(room);
    let touching = 0;
    cases.forEach(({ state, control }, r) => {
      const expected = step(model, state, control);
      if (workspaceOf(model).contactCount > 0) touching++;
      bodyContactForces(model, workspaceOf(model), forces);
      const close = (at: number, values: Float64Array) => {
        const found = states.subarray(r * width + at, r * width + at + values.length);
        expect(largestDifference(found, values) / Math.max(1, ...values.map(Math.abs))).toBeLessThan(1e-10);
      };
      close(0, expected.qpos);
      close(model.nq, expected.qvel);
      close(model.nq + 2 * model.nv, forces);
    });
    if (model.pairs.length > 0) expect(touching).toBeGreaterThan(count / 4);
  },
);

describe("derivatives", () => {
  test.each([
    ["slope", true],
    ["downhill", true],
    ["drifting-crates", true],
    ["ball-leg", true],
    ["wheels", true],
    ["ball-limits", false],
  ] as const)("of %s are those of the official step", async (name, isProgram) => {
    const model = compiled(name);
    const official = await loadOfficialXml(name, modelXml(name));
    let found = 0;
    for (let seed = 0; found < 3; seed++) {
      const { state, control } = nearStart(model, fold(key(8), seed));
      step(model, state, control);
      const { rowCount, rowGap } = workspaceOf(model);
      if (rowCount === 0 || rowGap.subarray(0, rowCount).every((gap) => gap >= 0)) continue;
      const expected = centralDifferences(official, model, state, control, 1e-6);
      const nearer = centralDifferences(official, model, state, control, 2e-7);
      const scale = Math.max(...expected.flat().map(Math.abs));
      // Where a row begins or ends within the differences' reach they see both sides, and depend on it.
      if (largestDifference(expected.flat(), nearer.flat()) > 1e-5 * scale) continue;
      found++;
      const own = linearize(model, state, control);
      expect(error(own, expected)).toBeLessThan(1e-5);
      if (isProgram && found === 1) {
        const defined = differentiateStep(model, state, control);
        const size = Math.max(...defined.state.data.map(Math.abs));
        expect(largestDifference(own.state.data, defined.state.data) / size).toBeLessThan(1e-9);
      }
    }
  });
});
