import { describe, expect, it } from "vitest";
import { dot, sub } from "../../src/arithmetic.ts";
import { tabularSoftmax } from "../../src/exact/tabular-softmax.ts";
import { type Adaptation, adapt, adaptFrom, type InnerUpdate } from "../../src/inner/adapt.ts";
import { surrogateWeights } from "../../src/inner/surrogate-weights.ts";
import { surrogateHessian } from "../../src/meta-gradient/curvature.ts";
import type { ScoreRuleInput } from "../../src/meta-gradient/estimator.ts";
import { linearJackknife } from "../../src/meta-gradient/jackknife.ts";
import {
  firstStepReturn,
  leaveOneOutReturn,
  linearisedReturn,
  meanScaledReturn,
  rawReturn,
} from "../../src/meta-gradient/multipliers.ts";
import type { OuterEstimate } from "../../src/meta-gradient/outer.ts";
import { stepDerivatives } from "../../src/meta-gradient/step-derivatives.ts";
import { pick, type TrajectoryBatch } from "../../src/trajectory.ts";

// Three trajectories of two steps in a two-state MDP, adapted to twice. γ = 1/2: returns 1 + 2/2, 3, 0 − 4/2.
const batch: TrajectoryBatch = {
  trajectories: 3,
  horizon: 2,
  lengths: Int32Array.of(2, 1, 2),
  observations: Float64Array.of(1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0),
  actions: Float64Array.of(0, 1, 1, 0, 1, 1),
  rewards: Float64Array.of(1, 2, 3, 0, 0, -4),
};
const update: InnerUpdate = {
  model: tabularSoftmax({ states: 2, actions: 2 }),
  stepSize: 0.7,
  discount: 0.5,
  surrogate: (data) => surrogateWeights({ advantage: "reward-to-go", convention: "paper" }, data, 0.5),
};
const adaptation: Adaptation = adaptFrom(update, Float64Array.of(0.25, 0, -0.5, 1), 2, () => batch);
const outer: OuterEstimate = { batch, meanReturn: 6, gradient: new Float64Array(4) };
const lambda = Float64Array.of(1, -2, 0.5, 3);

/** Step t as the recursion hands it over. */
function at(t: number, taken: Adaptation = adaptation, by: InnerUpdate = update): ScoreRuleInput {
  const step = taken.steps[t - 1]!;
  const derivatives = stepDerivatives(by, step, surrogateHessian, [lambda]);
  return { update: by, adaptation: taken, outer, t, step, lambda, derivatives };
}

describe("multipliers of the scores", () => {
  it("[eq:multiplier-raw] Ĵ for every trajectory", () => {
    expect(rawReturn(at(2)).multipliers).toEqual(Float64Array.of(6, 6, 6));
  });

  it("[eq:multiplier-mean] Ĵ/N", () => {
    expect(meanScaledReturn(at(2)).multipliers).toEqual(Float64Array.of(2, 2, 2));
  });

  it("[eq:multiplier-first-step] Ĵ at the first step, 0 later", () => {
    expect(firstStepReturn(at(1)).multipliers).toEqual(Float64Array.of(6, 6, 6));
    expect(firstStepReturn(at(2)).multipliers).toEqual(Float64Array.of(0, 0, 0));
  });

  it("[eq:multiplier-leave-one-out] Ĵ less the mean return of the others", () => {
    expect(leaveOneOutReturn(at(1)).multipliers).toEqual(
      Float64Array.of(6 - (3 - 2) / 2, 6 - (2 - 2) / 2, 6 - (2 + 3) / 2),
    );
  });

  it.each(["paper", "timestep-mean"] as const)(
    "[eq:multiplier-jackknife-linear] λ · (θ_t − U of the rest), every weight of the rest computed anew: %s",
    (convention) => {
      const centred: InnerUpdate = {
        ...update,
        surrogate: (data) => surrogateWeights({ advantage: "centred", convention }, data, 0.5),
      };
      const taken = adaptFrom(centred, Float64Array.of(0.25, 0, -0.5, 1), 2, () => batch);
      const { theta } = taken.steps[1]!;
      const { multipliers } = linearJackknife(at(2, taken, centred));
      multipliers.forEach((value, j) => {
        const rest = pick(
          batch,
          [0, 1, 2].filter((k) => k !== j),
        );
        const without = adapt(centred, theta, rest, centred.surrogate(rest).rows());
        expect(value).toBeCloseTo(dot(lambda, sub(taken.adapted, without)), 14);
      });
    },
  );

  it("[eq:multiplier-jackknife-linear] a single trajectory: without it, no step", () => {
    const alone = adaptFrom(update, Float64Array.of(0.25, 0, -0.5, 1), 1, () => pick(batch, [0]));
    const { multipliers } = linearJackknife(at(1, alone));
    expect(multipliers).toHaveLength(1);
    expect(multipliers[0]).toBeCloseTo(dot(lambda, sub(alone.adapted, alone.steps[0]!.theta)), 14);
  });

  it("[eq:multiplier-linear] λ · (how far the trajectory's own share moved θ)", () => {
    for (const t of [1, 2]) {
      const { theta, weights } = adaptation.steps[t - 1]!;
      const { multipliers } = linearisedReturn(at(t));
      multipliers.forEach((value, j) => {
        const without = weights.map((w, row) => (Math.floor(row / 2) === j ? 0 : w));
        const share = sub(adapt(update, theta, batch, weights), adapt(update, theta, batch, without));
        expect(value).toBeCloseTo(dot(lambda, share), 14);
      });
    }
  });
});
