/** What is carried back in time, damped and clipped. */
import { array, jvp, type NdArray } from "@sgmrl/autodiff";
import { fold, key, normal } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { expect, it } from "vitest";
import { dot } from "../../../src/arithmetic.ts";
import { dampedSweep } from "../../../src/meta-gradient/reparameterised/damped-sweep.ts";
import { adjointSweep } from "../../../src/meta-gradient/reparameterised/sweep.ts";
import type { StepAdjoint } from "../../../src/sampling/step-adjoint.ts";
import { smoothEnvironment } from "../../support/smooth-environment.ts";
import { walks } from "../../support/walks.ts";

const cases = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  states: fc.integer({ min: 1, max: 3 }),
  actions: fc.integer({ min: 1, max: 2 }),
  horizon: fc.integer({ min: 1, max: 5 }),
  trajectories: fc.integer({ min: 1, max: 3 }),
  damping: fc.integer({ min: 0, max: 8 }).map((k) => k / 8),
});

function dataOf({
  seed,
  states,
  actions,
  horizon,
  trajectories,
}: Omit<typeof cases extends fc.Arbitrary<infer T> ? T : never, "damping">) {
  const k = key(seed);
  const environment = smoothEnvironment(k, { states, actions, horizon });
  const { theta, sampler, adapt } = walks(environment, k, {
    advantage: "reward-to-go",
    convention: "paper",
    steps: 1,
    stepSize: 0.1,
    trajectories,
    horizon,
  });
  const { batch } = adapt(theta).steps[0]!;
  const rows = batch.rewards.length;
  const feedback = Array.from({ length: actions }, (_, i) => normal(fold(k, 5, i), rows * states));
  const partial = {
    rewards: normal(fold(k, 6), rows),
    observations: normal(fold(k, 7), rows * states),
    actions: normal(fold(k, 8), rows * actions),
  };
  return {
    k,
    environment,
    batch,
    feedback,
    partial,
    adjoint: sampler.simulator!.adjoint(batch, sampler.task),
  };
}

const none = Number.POSITIVE_INFINITY;

it.each(["coordinate", "norm"] as const)(
  "[eq:damped-sweep] with ρ = 1 and κ = ∞ it is the adjoint sweep, bit for bit, by %s",
  (clipBy) => {
    fc.assert(
      fc.property(cases, (each) => {
        const { batch, adjoint, feedback, partial } = dataOf(each);
        expect(dampedSweep(batch, adjoint, feedback, partial, { damping: 1, clip: none, clipBy })).toEqual(
          adjointSweep(batch, adjoint, feedback, partial),
        );
      }),
      { numRuns: 20 },
    );
  },
);

it("[eq:damped-sweep] unclipped, it is the adjoint of tangents that lose 1 − ρ in every step", () => {
  fc.assert(
    fc.property(cases, ({ damping, ...each }) => {
      const { k, environment, batch, adjoint, feedback, partial } = dataOf(each);
      const { states: s, actions: a } = each;
      const { step } = environment.differentiable!;
      const v = normal(fold(k, 9), partial.actions.length);
      let expected = 0;
      for (let j = 0; j < batch.trajectories; j++) {
        let moving = new Float64Array(s);
        for (let h = 0; h < batch.horizon; h++) {
          const row = j * batch.horizon + h;
          const at = (x: Float64Array, width: number) => x.subarray(row * width, (row + 1) * width);
          const action = at(v, a).map((direct, i) => {
            const byTime = (h * batch.trajectories + j) * s;
            return direct + dot(feedback[i]!.subarray(byTime, byTime + s), moving);
          });
          const [, next] = jvp((state: NdArray, act: NdArray) => {
            const reached = step(state, act, array([0]));
            return { state: reached.state, reward: reached.reward };
          })([array(at(batch.observations, s)), array(at(batch.actions, a))], [array(moving), array(action)]);
          expected +=
            dot(at(partial.observations, s), moving) +
            dot(at(partial.actions, a), action) +
            partial.rewards[row]! * next.reward.data[0]!;
          moving = Float64Array.from(next.state.data, (x) => damping * x);
        }
      }
      const found = dot(
        dampedSweep(batch, adjoint, feedback, partial, { damping, clip: none, clipBy: "norm" }),
        v,
      );
      expect(Math.abs(found - expected)).toBeLessThan(1e-10 * Math.max(1, Math.abs(expected)));
    }),
    { numRuns: 40 },
  );
});

/** s' = g s + a, r = 0, o = s, no feedback: p_h = ∂F/∂o_h + g p̂_{h+1}, ā_h = p̂_{h+1}. */
const scalarSteps = (gain: number): StepAdjoint => ({
  stateSize: 1,
  pull(_h, trajectories, stateBars, _rewardBars, actionBars) {
    for (const j of trajectories) {
      actionBars[j] = stateBars[j]!;
      stateBars[j]! *= gain;
    }
  },
  pullObservations(_h, trajectories, observationBars, stateBars) {
    for (const j of trajectories) stateBars[j]! += observationBars[j]!;
  },
});

function scalarSweep(
  gain: number,
  lengths: readonly number[],
  horizon: number,
  damping: number,
  clip: number,
  clipBy: "coordinate" | "norm" = "norm",
) {
  const rows = lengths.length * horizon;
  const zeros = new Float64Array(rows);
  const batch = {
    trajectories: lengths.length,
    horizon,
    lengths: Int32Array.from(lengths),
    observations: zeros,
    actions: zeros,
    rewards: zeros,
  };
  const partial = { rewards: zeros, observations: new Float64Array(rows).fill(2), actions: zeros };
  return dampedSweep(batch, scalarSteps(gain), [zeros], partial, { damping, clip, clipBy });
}

it("[eq:damped-sweep] clipped, nothing that is carried exceeds κ medians of what a step adds; by hand", () => {
  const horizon = 21;
  // The second trajectory ends after step 4.
  const bars = scalarSweep(100, [horizon, 5], horizon, 0.5, 3);
  // m = 2, and at most 3 · 2 is carried, halved: 3. p_20 = 2, p̂_20 = 1, p_19 = 2 + 100 · 1, p̂_19 = 3, and so on.
  const expected = new Float64Array(2 * horizon);
  expected.fill(3, 0, horizon - 2);
  expected[horizon - 2] = 1;
  expected.fill(3, horizon, horizon + 3);
  expected[horizon + 3] = 1;
  expect(bars).toEqual(expected);
});

it("[eq:damped-sweep] what is below the most that may be carried is only damped", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -24, max: 24 }),
      fc.integer({ min: 0, max: 8 }),
      fc.integer({ min: 1, max: 40 }),
      (eighths, rho, kappa) => {
        const [gain, damping, clip, horizon] = [eighths / 8, rho / 8, kappa / 4, 8];
        const bars = scalarSweep(gain, [horizon], horizon, damping, clip);
        let [p, carried] = [0, 0];
        for (let h = horizon - 1; h >= 0; h--) {
          expect(Math.abs(bars[h]! - carried)).toBeLessThan(1e-12);
          p = 2 + gain * carried;
          carried = damping * Math.sign(p) * Math.min(Math.abs(p), clip * 2);
        }
      },
    ),
  );
});

/** s' = diag(g) s, r = 0, o = s: p_h = ∂F/∂o_h + g p̂_{h+1}; the action reads p̂_{h+1} out, ā_h = p̂_{h+1}. */
const diagonalSteps = (gains: readonly number[]): StepAdjoint => ({
  stateSize: gains.length,
  pull(_h, trajectories, stateBars, _rewardBars, actionBars) {
    for (const j of trajectories)
      for (const [i, gain] of gains.entries()) {
        actionBars[j * gains.length + i] = stateBars[j * gains.length + i]!;
        stateBars[j * gains.length + i]! *= gain;
      }
  },
  pullObservations(_h, trajectories, observationBars, stateBars) {
    for (const j of trajectories)
      for (let k = j * gains.length; k < (j + 1) * gains.length; k++) stateBars[k]! += observationBars[k]!;
  },
});

it("[eq:damped-sweep] beyond the bound each coordinate is bounded by κ of its own medians, within it none; by hand", () => {
  const horizon = 4;
  const sources = [3, -4];
  const carried = (gains: readonly number[], clip: number, clipBy: "coordinate" | "norm"): number[] => {
    const rows = new Float64Array(2 * horizon).map((_, k) => sources[k % 2]!);
    const zeros = new Float64Array(2 * horizon);
    const batch = {
      trajectories: 1,
      horizon,
      lengths: Int32Array.of(horizon),
      observations: zeros,
      actions: zeros,
      rewards: new Float64Array(horizon),
    };
    const partial = { rewards: batch.rewards, observations: rows, actions: zeros };
    const feedback = [zeros, zeros];
    return [...dampedSweep(batch, diagonalSteps(gains), feedback, partial, { damping: 1, clip, clipBy })];
  };
  // m = 5, m_i = 3 and 4; rows are p̂_1, ..., p̂_4 = 0, where p_h = (3, −4) + g p̂_{h+1}.
  // The first coordinate grows: (3, −4), then (33, −4) and (333, −4), beyond 2 · 5: at most 6 and 8.
  expect(carried([10, 0], 2, "coordinate")).toEqual([6, -4, 6, -4, 3, -4, 0, 0]);
  // (33, −4) is within 7 · 5, though 33 > 7 · 3; (333, −4) is not.
  expect(carried([10, 0], 7, "coordinate")).toEqual([21, -4, 33, -4, 3, -4, 0, 0]);
  // By norm the coordinate that did not grow is shortened too.
  const [first, second] = carried([10, 0], 7, "norm");
  expect(Math.hypot(first!, second!)).toBeCloseTo(35, 10);
  expect(Math.abs(second!)).toBeLessThan(1);
});
