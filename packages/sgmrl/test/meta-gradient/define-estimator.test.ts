import { describe, expect, it } from "vitest";
import { dataSets, trajectories } from "../../src/exact/enumerate.ts";
import { sizesOf, trainingUpdate } from "../../src/exact/problem.ts";
import { flatten } from "../../src/exact/table.ts";
import { adaptFrom } from "../../src/inner/adapt.ts";
import { advantageRows } from "../../src/inner/advantage.ts";
import { findEstimator } from "../../src/meta-gradient/catalogue.ts";
import { defineEstimator, ScoreTermError } from "../../src/meta-gradient/define-estimator.ts";
import type { ScoreRule } from "../../src/meta-gradient/estimator.ts";
import { outerEstimate } from "../../src/meta-gradient/outer.ts";
import { metaGradient } from "../../src/meta-gradient/recursion.ts";
import { returns } from "../../src/trajectory.ts";
import { twoStateProblem } from "../support/exact-problems.ts";

const problem = twoStateProblem({ horizon: 1, trajectories: 3 });
const { mdp } = problem.tasks[0]!;
const update = trainingUpdate(problem, mdp);
const sets = dataSets(trajectories(mdp), mdp, sizesOf(problem), 3);
const batch = sets.find(({ members }) => new Set(members).size === 3)!.batch; // three different trajectories
const adaptation = adaptFrom(update, flatten(problem.theta), 1, () => batch);
const outer = outerEstimate(update, adaptation, batch);
const taskRun = { update, adaptation, outer };

function run(score: ScoreRule): Float64Array {
  const estimator = defineEstimator({ ...findEstimator("sgmrl"), name: "mine", score });
  return metaGradient(estimator, taskRun).gradient;
}

describe("[eq:recursion] multipliers of one's own", () => {
  it("may be returns: those of SG-MRL give SG-MRL", () => {
    const raw = metaGradient(findEstimator("sgmrl"), taskRun).gradient;
    expect(run(() => ({ multipliers: new Float64Array(3).fill(outer.meanReturn) }))).toEqual(raw);
    expect(() => run(() => ({ multipliers: returns(batch, 0.9) }))).not.toThrow();
  });

  it("may not be standardised advantages", () => {
    const standardised: ScoreRule = () => ({ multipliers: advantageRows("standardised", batch, 0.9) });
    expect(() => run(standardised)).toThrow(ScoreTermError);
    expect(() => run(standardised)).toThrow(/mine: .*must be returns.*mean return after adaptation/);
  });

  it("may be such numbers plus a constant, as the message says", () => {
    expect(() =>
      run(() => ({
        multipliers: advantageRows("standardised", batch, 0.9).map((a) => a + 1),
      })),
    ).not.toThrow();
  });

  it.each<[string, number[], string]>([
    ["one per time step of several", [1, 2, 3, 4, 5, 6], "one per trajectory of D_1 (3); got 6"],
    ["not a number", [1, Number.NaN, 3], "must be finite; m_1 is NaN"],
  ])("may not be %s", (_what, values, message) => {
    expect(() => run(() => ({ multipliers: Float64Array.from(values) }))).toThrow(message);
  });
});

it.each([
  [7, "got 7"],
  [undefined, "got nothing"],
  [{}, "got {}"],
  [{ multipliers: [1, 2, 3] }, 'got {"multipliers":[1,2,3]}'],
])("a rule may not return %o", (term, message) => {
  const expected = `mine: the score rule must return { multipliers } or { vector }, each a Float64Array; ${message}.`;
  expect(() => run(() => term as never)).toThrow(expected);
});

describe("[eq:recursion] a score term given as a vector", () => {
  it("is added as it is: the sum of scores itself gives SG-MRL", () => {
    const raw = metaGradient(findEstimator("sgmrl"), taskRun);
    const multipliers = new Float64Array(3).fill(outer.meanReturn);
    const vector: ScoreRule = ({ derivatives }) => ({ vector: derivatives.scoreSum(multipliers) });
    expect(run(vector)).toEqual(raw.gradient);
    const { statistics } = metaGradient({ ...findEstimator("sgmrl"), score: vector }, taskRun);
    expect(statistics).toEqual({ ...raw.statistics, multiplierMean: 0, multiplierStd: 0 });
  });

  it.each<[string, number[], string]>([
    ["of another length than θ", [1, 2, 3], "the score term must have d = 4 elements; got 3"],
    [
      "not finite",
      [1, 2, Number.POSITIVE_INFINITY, 4],
      "the score term must be finite; element 2 is Infinity",
    ],
  ])("may not be %s", (_what, values, message) => {
    expect(() => run(() => ({ vector: Float64Array.from(values) }))).toThrow(message);
  });
});
