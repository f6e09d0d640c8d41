/** What public code computes in place of the estimators that it is named after, by enumeration. */
import { fold, key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { dataSets, trajectories } from "../../src/exact/enumerate.ts";
import { dataProbabilities, histories } from "../../src/exact/histories.ts";
import { type Moments, moments } from "../../src/exact/moments.ts";
import { gradient } from "../../src/exact/objective.ts";
import { type ExactProblem, normalizedTasks, sizesOf, trainingUpdate } from "../../src/exact/problem.ts";
import { advantageRows } from "../../src/inner/advantage.ts";
import { findEstimator } from "../../src/meta-gradient/catalogue.ts";
import { compared, weighed } from "../../src/meta-gradient/combine.ts";
import type { TaskRun } from "../../src/meta-gradient/estimator.ts";
import { outerEstimate } from "../../src/meta-gradient/outer.ts";
import { partsOf } from "../../src/meta-gradient/parts.ts";
import { metaGradient } from "../../src/meta-gradient/recursion.ts";
import { createUnit } from "../../src/meta-gradient/unit.ts";
import type { Experiment, OuterRule } from "../../src/settings.ts";
import { isStep, type TrajectoryBatch } from "../../src/trajectory.ts";
import { maxAbsDifference, needleProblem, twoStateProblem } from "../support/exact-problems.ts";

const reference: OuterRule = { advantage: "standardised-gae", gaeLambda: 0.9 };

/** Everything that can happen to a task. */
function outcomes(problem: ExactProblem): { readonly run: TaskRun; readonly probability: number }[] {
  const sizes = sizesOf(problem);
  return normalizedTasks(problem).flatMap(({ weight, mdp }) => {
    const update = trainingUpdate(problem, mdp);
    const sets = dataSets(trajectories(mdp), mdp, sizes, problem.outerTrajectories);
    const probabilities = dataProbabilities(mdp, sizes, sets);
    return [...histories(problem, mdp, update)].flatMap(({ adaptation, probability }) => {
      const q = probabilities(adaptation.adapted);
      return sets.map(({ batch }, i) => ({
        run: { update, adaptation, outer: outerEstimate(update, adaptation, batch, problem.outer) },
        probability: weight * probability * q[i]!,
      }));
    });
  });
}

const rewardsOf = (batch: TrajectoryBatch): number[] =>
  [...batch.rewards].filter((_, row) => isStep(batch, row));
const meanOf = (x: readonly number[]): number => x.reduce((sum, value) => sum + value, 0) / x.length;

describe("[eq:multiplier-published-emaml] E-MAML as public code has it", () => {
  /** The share of the first task, as the sentence on the page says it: rewards of the whole batch in one array. */
  function shareOfFirst(first: TaskRun, batch: readonly TaskRun[]): Float64Array {
    const all = batch.flatMap(({ outer }) => rewardsOf(outer.batch));
    const sigma = Math.sqrt(meanOf(all.map((r) => (r - meanOf(all)) ** 2)));
    const standardised = meanOf(rewardsOf(first.outer.batch).map((r) => (r - meanOf(all)) / (sigma + 1e-8)));
    const { pathwise } = metaGradient(findEstimator("maml"), first);
    const { theta, batch: data } = first.adaptation.steps[0]!;
    const rows = rewardsOf(data).length;
    const perRow = data.rewards.map((_, row) => (isStep(data, row) ? 1 / rows : 0));
    const score = first.update.model.gradient(theta, data, perRow);
    return pathwise.map((value, i) => value + standardised * score[i]!);
  }

  it.each([
    ["two tasks of the needle", needleProblem(2, 4, [0.5, 0, -0.25, 0.25])],
    ["one task, two steps of two", twoStateProblem({ horizon: 1, steps: 2, trajectories: 2 })],
    [
      "with the reference step",
      { ...twoStateProblem({ horizon: 1, outerTrajectories: 2 }), outer: reference },
    ],
  ])("%s: mean and variance over batches of two", (_, problem) => {
    const possible = outcomes(problem);
    const mean = new Float64Array(gradient(problem).length);
    let square = 0;
    for (const a of possible)
      for (const b of possible) {
        const share = shareOfFirst(a.run, [a.run, b.run]);
        const p = a.probability * b.probability;
        share.forEach((value, i) => {
          mean[i]! += p * value;
          square += p * value * value;
        });
      }
    const [found] = moments(problem, [findEstimator("emaml-published")], { tasks: 2 });
    expect(maxAbsDifference(found!.mean, mean)).toBeLessThan(1e-11);
    expect(found!.variance).toBeCloseTo(square - mean.reduce((sum, x) => sum + x * x, 0), 11);
  });

  it("has neither the mean of E-MAML nor the gradient", () => {
    const problem = twoStateProblem({ trajectories: 2 });
    const [published, emaml, maml] = moments(
      problem,
      ["emaml-published", "emaml", "maml"].map((name) => findEstimator(name)),
    );
    const biases = [published!, emaml!, maml!].map(({ mean }) => maxAbsDifference(mean, gradient(problem)));
    console.log(`bias of emaml-published, emaml, maml: ${biases.map((x) => x.toExponential(2)).join(", ")}`);
    for (const bias of biases) expect(bias).toBeGreaterThan(1e-3);
    expect(maxAbsDifference(published!.mean, emaml!.mean)).toBeGreaterThan(1e-3);
    expect(maxAbsDifference(published!.mean, maml!.mean)).toBeGreaterThan(1e-3);
  });

  it("training gives every task the figures that the others need", () => {
    const experiment: Experiment = {
      environment: "needle-bandit",
      policy: { kind: "categorical-mlp", hidden: [] },
      inner: { steps: 1, stepSize: 4, trajectories: 3, advantage: "reward-to-go", convention: "paper" },
      outer: { trajectories: 2 },
      estimator: { name: "emaml-published" },
      backend: "reference",
      precision: "float64",
    };
    const parts = partsOf(experiment);
    const unit = createUnit(parts);
    const results = [0, 1, 2].map((i) => {
      const task = fold(key(3), i);
      return weighed(
        parts,
        task,
        unit.contribute(Float64Array.of(0.5, 0, -0.5, 0.25), task, fold(key(4), i)),
      );
    });
    // One step a trajectory, as many rows in each task: r̄_i is the mean return.
    const means = results.map(({ meanReturn }) => meanReturn);
    const all = results.flatMap(({ statistics: s }) => {
      const spread = Math.sqrt(s.outerRewardVariance!); // of two rewards: r̄ ± σ
      return [s.outerRewardMean! - spread, s.outerRewardMean! + spread];
    });
    const sigma = Math.sqrt(meanOf(all.map((r) => (r - meanOf(all)) ** 2)));
    compared(parts, results).forEach(({ pathwise }, i) => {
      const m = (means[i]! - meanOf(means)) / (sigma + 1e-8);
      const { pathwise: P, score: S } = results[i]!;
      expect(
        maxAbsDifference(
          pathwise,
          P.map((x, k) => x + m * S![k]!),
        ),
      ).toBeLessThan(1e-14);
    });
  });
});

describe("[eq:outer-gradient-reference] the outer step of public code", () => {
  const problem = twoStateProblem({ trajectories: 2, outerTrajectories: 2, horizon: 2 });
  const referenceProblem = { ...problem, outer: reference };

  it("is the mean over rows of standardised advantages times scores, row by row", () => {
    for (const { run } of outcomes(referenceProblem).slice(0, 400)) {
      const { batch } = run.outer;
      const A = advantageRows("standardised-gae", batch, run.update.discount, 0.9);
      const expected = new Float64Array(4);
      let rows = 0;
      A.forEach((advantage, row) => {
        if (!isStep(batch, row)) return;
        rows += 1;
        const single = A.map((_, k) => (k === row ? 1 : 0));
        run.update.model.gradient(run.adaptation.adapted, batch, single).forEach((value, i) => {
          expected[i]! += advantage * value;
        });
      });
      expect(
        maxAbsDifference(
          run.outer.gradient,
          expected.map((x) => x / rows),
        ),
      ).toBeLessThan(1e-13);
    }
  });

  it("does not see the scale of rewards, which ∇V does", () => {
    const scaled = (factor: number): ExactProblem => ({
      ...referenceProblem,
      // The step must not see it either, or the policy after it would differ.
      inner: { ...problem.inner, advantage: "standardised" },
      tasks: problem.tasks.map(({ weight, mdp }) => ({
        weight,
        mdp: { ...mdp, rewards: mdp.rewards.map((row) => row.map((r) => factor * r)) },
      })),
    });
    const [one, ten] = [1, 10].map((c) => moments(scaled(c), [findEstimator("maml")])[0]!.mean);
    expect(maxAbsDifference(one!, ten!)).toBeLessThan(1e-3); // the ridge of the fit and the 1e-8 do see it
    const [slope, steeper] = [1, 10].map((c) => gradient(scaled(c)));
    expect(maxAbsDifference(slope!, steeper!)).toBeGreaterThan(0.1);
  });

  // The second task's rewards are the first's, reversed and a quarter as large: together they favour the first task.
  it("points away from ∇V where the task of small rewards contradicts the other", () => {
    const [first] = problem.tasks;
    const reversed = first!.mdp.rewards.map((row) => row.map((r) => -r / 4));
    const tasks = [first!, { weight: 1, mdp: { ...first!.mdp, rewards: reversed } }];
    const names = ["maml", "reference-2021"];
    const exact = gradient({ ...problem, tasks });
    const [plain] = moments({ ...problem, tasks }, [findEstimator("maml")]);
    const [published, whole] = moments(
      { ...referenceProblem, tasks },
      names.map((name) => findEstimator(name)),
    );
    const cosine = ({ mean }: Moments): number =>
      mean.reduce((sum, x, i) => sum + x * exact[i]!, 0) / Math.hypot(...mean) / Math.hypot(...exact);
    console.log(`cosine with ∇V: ${cosine(published!).toFixed(4)}, of MAML ${cosine(plain!).toFixed(4)}`);
    expect(cosine(plain!)).toBeGreaterThan(0.9);
    expect(cosine(published!)).toBeLessThan(-0.9);
    // The score term of the public code is zero up to rounding.
    expect(maxAbsDifference(published!.mean, whole!.mean)).toBeLessThan(1e-12);
    expect(gradient({ ...referenceProblem, tasks })).toEqual(exact);
  });
});
