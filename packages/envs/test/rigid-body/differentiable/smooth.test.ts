/** The traced dynamics from Gauss's objective [eq:gauss] beside the hand-written step, without contacts. */
import { array, compile, type NdArray, reshape, slice, vmap } from "@sgmrl/autodiff";
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import { describe, expect, test } from "vitest";
import { workspaceOf } from "../../../src/rigid-body/dynamics/workspace.ts";
import {
  compileModel,
  initialState,
  RobotError,
  type RobotState,
  type SmoothState,
  smoothStep,
  step,
} from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import { robots } from "../../../src/rigid-body/robots/index.ts";

/** States in the air, no limit reached, moving fast; and controls, some beyond the motors' bounds. */
function airborne(model: Model, count: number): { state: RobotState; control: Float64Array }[] {
  return Array.from({ length: count }, (_, k) => {
    const state = initialState(model);
    const start = fold(key(8), k);
    state.qpos.forEach((x, i) => {
      state.qpos[i] = x + 0.2 * (uniform(fold(start, 1), model.nq)[i]! - 0.5);
    });
    // Half-cheetahs and their like have their height second.
    if (model.name !== "swimmer") state.qpos[1]! += 5;
    state.qvel.set(normal(fold(start, 2), model.nv));
    return { state, control: uniform(fold(start, 3), model.nu).map((u) => 3 * u - 1.5) };
  });
}

const stacked = (rows: readonly Float64Array[]): NdArray => array(rows.map((row) => [...row]));
const row = (x: NdArray, i: number): number[] => [...reshape(slice(x, [i, i + 1]), [-1]).data];

describe("smoothStep", () => {
  // [eq:runge-kutta] and, with implicit damping, [eq:semi-implicit-euler]
  test.each(["swimmer", "half-cheetah"] as const)(
    "%s: many at once, each as the hand-written step",
    (name) => {
      const model = compileModel(robots[name]);
      const cases = airborne(model, 3);
      const many = compile(vmap(smoothStep(model)));
      const start: SmoothState = {
        q: stacked(cases.map(({ state }) => state.qpos)),
        v: stacked(cases.map(({ state }) => state.qvel)),
      };
      const next = many(start, stacked(cases.map(({ control }) => control)));
      cases.forEach(({ state, control }, i) => {
        const expected = step(model, state, control);
        expect(workspaceOf(model).contactCount).toBe(0);
        for (const [ours, theirs] of [
          [row(next.q, i), expected.qpos],
          [row(next.v, i), expected.qvel],
        ] as const) {
          const error = Math.max(
            ...ours.map((x, k) => Math.abs(x - theirs[k]!) / (1 + Math.abs(theirs[k]!))),
          );
          expect(error).toBeLessThan(1e-11);
        }
      });
    },
  );

  test("refuses a free joint, naming it", () => {
    expect(() => smoothStep(compileModel(robots.ant))).toThrow(RobotError);
    expect(() => smoothStep(compileModel(robots.ant))).toThrow(/it has a free joint/);
  });
});
