import { describe, expect, it } from "vitest";
import { dataSets, trajectories } from "../../src/exact/enumerate.ts";
import { sizesOf, trainingProblem } from "../../src/exact/problem.ts";
import { flatten } from "../../src/exact/table.ts";
import { adaptFrom } from "../../src/inner/adapt.ts";
import { advantageRows } from "../../src/inner/advantage.ts";
import { findEstimator } from "../../src/meta-gradient/catalogue.ts";
import { defineEstimator, MultiplierError } from "../../src/meta-gradient/define-estimator.ts";
import { outerEstimate } from "../../src/meta-gradient/outer.ts";
import { type MultiplierRule, metaGradient } from "../../src/meta-gradient/recursion.ts";
import { returns } from "../../src/trajectory.ts";
import { twoStateProblem } from "../support/exact-problems.ts";

const problem = twoStateProblem({ horizon: 1, trajectories: 3 });
const { mdp } = problem.tasks[0]!;
const training = trainingProblem(problem, mdp);
const sets = dataSets(trajectories(mdp), mdp, sizesOf(problem), 3);
const batch = sets.find(({ members }) => new Set(members).size === 3)!.batch; // three different trajectories
const adaptation = adaptFrom(training, flatten(problem.theta), 1, () => batch);
const outer = outerEstimate(training, adaptation, batch);

function run(multipliers: MultiplierRule): Float64Array {
  const estimator = defineEstimator({ ...findEstimator("sgmrl"), name: "mine", multipliers });
  return metaGradient(estimator, training, adaptation, outer).gradient;
}

describe("[eq:recursion] multipliers of one's own", () => {
  it("may be returns: those of SG-MRL give SG-MRL", () => {
    const raw = metaGradient(findEstimator("sgmrl"), training, adaptation, outer).gradient;
    expect(run(() => ({ values: new Float64Array(3).fill(outer.meanReturn) }))).toEqual(raw);
    expect(() => run(() => ({ values: returns(batch, 0.9) }))).not.toThrow();
  });

  it("may not be standardised advantages", () => {
    const standardised: MultiplierRule = () => ({ values: advantageRows("standardised", batch, 0.9) });
    expect(() => run(standardised)).toThrow(MultiplierError);
    expect(() => run(standardised)).toThrow(/mine: .*must be returns.*mean return after adaptation/);
  });

  it("may be such numbers plus a constant, as the message says", () => {
    expect(() =>
      run(() => ({
        values: advantageRows("standardised", batch, 0.9).map((a) => a + 1),
      })),
    ).not.toThrow();
  });

  it.each<[string, number[], string]>([
    ["one per time step of several", [1, 2, 3, 4, 5, 6], "one per trajectory of D_1 (3); got 6"],
    ["not a number", [1, Number.NaN, 3], "must be finite; m_1 is NaN"],
  ])("may not be %s", (_what, values, message) => {
    expect(() => run(() => ({ values: Float64Array.from(values) }))).toThrow(message);
  });
});
