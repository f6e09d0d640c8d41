import { describe, expect, it } from "vitest";
import { tabularSoftmax } from "../../src/exact/tabular-softmax.ts";
import { type Adaptation, adapt, adaptFrom, type Problem } from "../../src/inner/adapt.ts";
import { surrogateWeights } from "../../src/inner/advantage.ts";
import { linearJackknife } from "../../src/meta-gradient/linear-jackknife.ts";
import {
  firstStepReturn,
  leaveOneOutReturn,
  linearisedReturn,
  meanScaledReturn,
  rawReturn,
} from "../../src/meta-gradient/multipliers.ts";
import type { OuterEstimate } from "../../src/meta-gradient/outer.ts";
import { pick, type TrajectoryBatch } from "../../src/trajectory.ts";
import { dot, sub } from "../../src/vector.ts";

// Three trajectories of two steps in a two-state MDP, adapted to twice. γ = 1/2: returns 1 + 2/2, 3, 0 − 4/2.
const batch: TrajectoryBatch = {
  trajectories: 3,
  horizon: 2,
  lengths: Int32Array.of(2, 1, 2),
  observations: Float64Array.of(1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0),
  actions: Float64Array.of(0, 1, 1, 0, 1, 1),
  rewards: Float64Array.of(1, 2, 3, 0, 0, -4),
};
const problem: Problem = {
  model: tabularSoftmax({ states: 2, actions: 2 }),
  stepSize: 0.7,
  discount: 0.5,
  weights: (data) => surrogateWeights({ advantage: "reward-to-go", convention: "paper" }, data, 0.5),
};
const adaptation: Adaptation = adaptFrom(problem, Float64Array.of(0.25, 0, -0.5, 1), 2, () => batch);
const outer: OuterEstimate = { batch, meanReturn: 6, gradient: new Float64Array(4) };
const lambda = Float64Array.of(1, -2, 0.5, 3);

/** The tangents along λ at step t, as the recursion hands them over. */
const along =
  ({ steps }: Adaptation, t: number) =>
  (): Float64Array =>
    problem.model.tangent(steps[t - 1]!.theta, steps[t - 1]!.batch, lambda);

describe("multipliers of the scores", () => {
  it("[eq:multiplier-raw] Ĵ for every trajectory", () => {
    expect(rawReturn(problem, adaptation, 2, outer, lambda, along(adaptation, 2)).values).toEqual(
      Float64Array.of(6, 6, 6),
    );
  });

  it("[eq:multiplier-mean] Ĵ/N", () => {
    expect(meanScaledReturn(problem, adaptation, 2, outer, lambda, along(adaptation, 2)).values).toEqual(
      Float64Array.of(2, 2, 2),
    );
  });

  it("[eq:multiplier-first-step] Ĵ at the first step, 0 later", () => {
    expect(firstStepReturn(problem, adaptation, 1, outer, lambda, along(adaptation, 1)).values).toEqual(
      Float64Array.of(6, 6, 6),
    );
    expect(firstStepReturn(problem, adaptation, 2, outer, lambda, along(adaptation, 2)).values).toEqual(
      Float64Array.of(0, 0, 0),
    );
  });

  it("[eq:multiplier-leave-one-out] Ĵ less the mean return of the others", () => {
    const { values } = leaveOneOutReturn(problem, adaptation, 1, outer, lambda, along(adaptation, 1));
    expect(values).toEqual(Float64Array.of(6 - (3 - 2) / 2, 6 - (2 - 2) / 2, 6 - (2 + 3) / 2));
  });

  it.each(["paper", "timestep-mean"] as const)(
    "[eq:multiplier-jackknife-linear] λ · (θ_t − U of the rest), every weight of the rest computed anew: %s",
    (convention) => {
      const centred: Problem = {
        ...problem,
        weights: (data) => surrogateWeights({ advantage: "centred", convention }, data, 0.5),
      };
      const taken = adaptFrom(centred, Float64Array.of(0.25, 0, -0.5, 1), 2, () => batch);
      const { theta } = taken.steps[1]!;
      const { values } = linearJackknife(centred, taken, 2, outer, lambda, along(taken, 2));
      values.forEach((value, j) => {
        const rest = pick(
          batch,
          [0, 1, 2].filter((k) => k !== j),
        );
        const without = adapt(centred, theta, rest, centred.weights(rest).rows());
        expect(value).toBeCloseTo(dot(lambda, sub(taken.adapted, without)), 14);
      });
    },
  );

  it("[eq:multiplier-jackknife-linear] a single trajectory: without it, no step", () => {
    const alone = adaptFrom(problem, Float64Array.of(0.25, 0, -0.5, 1), 1, () => pick(batch, [0]));
    const { values } = linearJackknife(problem, alone, 1, outer, lambda, along(alone, 1));
    expect(values).toHaveLength(1);
    expect(values[0]).toBeCloseTo(dot(lambda, sub(alone.adapted, alone.steps[0]!.theta)), 14);
  });

  it("[eq:multiplier-linear] λ · (how far the trajectory's own share moved θ)", () => {
    for (const t of [1, 2]) {
      const { theta, weights } = adaptation.steps[t - 1]!;
      const { values } = linearisedReturn(problem, adaptation, t, outer, lambda, along(adaptation, t));
      values.forEach((value, j) => {
        const without = weights.map((w, row) => (Math.floor(row / 2) === j ? 0 : w));
        const share = sub(adapt(problem, theta, batch, weights), adapt(problem, theta, batch, without));
        expect(value).toBeCloseTo(dot(lambda, share), 14);
      });
    }
  });
});
