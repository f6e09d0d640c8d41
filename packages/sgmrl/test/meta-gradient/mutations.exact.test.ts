/**
 * The exact test can fail: each unbiased estimator is broken in the ways that estimators are broken in practice, and
 * every break shows as a bias far above rounding. And each estimator that claims no zero bias has one, somewhere.
 */
import { key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { functionMoments, type MetaGradientFunction, moments } from "../../src/exact/moments.ts";
import { valueAndGradient } from "../../src/exact/objective.ts";
import type { ExactProblem } from "../../src/exact/problem.ts";
import { estimatorTable } from "../../src/meta-gradient/catalogue.ts";
import { weighed } from "../../src/meta-gradient/combine.ts";
import type { Estimator, ScoreRule, TaskRun } from "../../src/meta-gradient/estimator.ts";
import { type OuterEstimate, outerEstimate } from "../../src/meta-gradient/outer.ts";
import { metaGradient } from "../../src/meta-gradient/recursion.ts";
import { maxAbsDifference, type Setting, twoStateProblem } from "../support/exact-problems.ts";

const table = estimatorTable();
const unbiased = [
  "sgmrl",
  "sgmrl-leave-one-out",
  "jackknife-next-step",
  "jackknife-whole-path",
  "jackknife-per-decision",
].map((name) => table[name]!);

// N = 2 tells a sum from a mean, ζ = 2 every step from the first, H = 2 with γ < 1 one discount from the other.
const settings: readonly Setting[] = [
  { horizon: 1, steps: 2, trajectories: 2, stepSize: 1.5 },
  { horizon: 2, steps: 1, trajectories: 2, stepSize: 1.5 },
];
const problemsAndGradients = settings.map((setting) => {
  const problem = twoStateProblem(setting);
  return { problem, gradient: valueAndGradient(problem).gradient };
});

/** The larger of the biases on the two problems. */
function bias(estimate: MetaGradientFunction): number {
  return Math.max(
    ...problemsAndGradients.map(({ problem, gradient }) =>
      maxAbsDifference(functionMoments(problem, [estimate])[0]!.mean, gradient),
    ),
  );
}

const run =
  (estimator: Estimator, scoreCoefficient = 1): MetaGradientFunction =>
  (taskRun) =>
    weighed({ estimator, scoreCoefficient }, key(0), { ...metaGradient(estimator, taskRun), meanReturn: 0 })
      .pathwise;

function scaled({ score }: Estimator, factor: (t: number, N: number) => number): ScoreRule {
  return (at) => {
    const term = score!(at);
    if ("vector" in term) throw new Error("these estimators give multipliers");
    return { multipliers: term.multipliers.map((m) => factor(at.t, at.step.batch.trajectories) * m) };
  };
}

/** ĝ with the reward to go discounted from h, as most code has it. */
function discountedFromNow({ update, adaptation: { adapted }, outer }: TaskRun): OuterEstimate {
  const { batch } = outer;
  const rewards = batch.rewards.map((_, row) => {
    let toGo = 0;
    const h = row % batch.horizon;
    for (let t = h; t < batch.horizon; t++) toGo += update.discount ** (t - h) * batch.rewards[row + t - h]!;
    return toGo / batch.trajectories;
  });
  return { ...outer, gradient: update.model.gradient(adapted, batch, rewards) };
}

const mutations: Readonly<Record<string, (estimator: Estimator) => MetaGradientFunction>> = {
  "without the score term": (e) => run({ ...e, score: null }),
  "without the curvature": (e) => run({ ...e, curvature: null }),
  "half of the score term": (e) => run(e, 0.5),
  "score term of the first step only": (e) => run({ ...e, score: scaled(e, (t) => (t === 1 ? 1 : 0)) }),
  "score term of the last step only": (e) => run({ ...e, score: scaled(e, (t) => (t === 1 ? 0 : 1)) }),
  "mean of scores instead of their sum": (e) => run({ ...e, score: scaled(e, (_t, N) => 1 / N) }),
  "reward to go discounted from h": (e) => (taskRun) =>
    run(e)({ ...taskRun, outer: discountedFromNow(taskRun) }),
  "curvature of the wrong sign": (e) =>
    run({ ...e, curvature: (update, step, v) => e.curvature!(update, step, v).map((x) => -x) }),
  "scores at the adapted parameters": (e) => (taskRun) => {
    const { update, adaptation } = taskRun;
    const { steps, adapted } = adaptation;
    const moved = steps.map((step) => ({
      ...step,
      theta: adapted,
      objective: update.model.weighted(adapted, step.batch, step.weights),
    }));
    return run(e)({ ...taskRun, adaptation: { steps: moved, adapted } });
  },
  "return estimated on the data that were adapted to": (e) => (taskRun) => {
    const { update, adaptation } = taskRun;
    return run(e)({ ...taskRun, outer: outerEstimate(update, adaptation, adaptation.steps.at(-1)!.batch) });
  },
};

describe("[eq:recursion] broken on purpose", () => {
  it.each(unbiased)("$name as it is: no bias", (estimator) => {
    expect(bias(run(estimator))).toBeLessThan(1e-13);
  });

  const cases = unbiased.flatMap((estimator) =>
    Object.entries(mutations).map(([what, mutate]) => ({
      name: estimator.name,
      what,
      broken: mutate(estimator),
    })),
  );
  it.each(cases)("$name, $what: caught", ({ broken }) => {
    expect(bias(broken)).toBeGreaterThan(1e-4);
  });
});

describe("estimators that claim no zero bias have one", () => {
  const easy = twoStateProblem({ horizon: 2, steps: 1, trajectories: 2, stepSize: 3 });
  const biasOf = (name: string, problem: ExactProblem): number =>
    maxAbsDifference(moments(problem, [table[name]!])[0]!.mean, valueAndGradient(problem).gradient);
  const names = [
    "maml",
    "fomaml",
    "emaml",
    "lsf",
    "jackknife-linear",
    "reference-2021",
    "dice",
    "loaded-dice",
    "tmaml",
    "lvc",
  ];

  it.each(names)("%s: above 1e-2 at ζ = 1, N = 2, α = 3", (name) => {
    expect(biasOf(name, easy)).toBeGreaterThan(1e-2);
  });

  it("emaml-sum: above 1e-2 at ζ = 2", () => {
    expect(biasOf("emaml-sum", twoStateProblem({ horizon: 2, steps: 2, stepSize: 1.5 }))).toBeGreaterThan(
      1e-2,
    );
  });

  it("[eq:multiplier-reference-2021] the term of the 2021 code is zero to rounding", () => {
    const found = moments(easy, [table["reference-2021"]!, table.maml!]);
    expect(maxAbsDifference(found[0]!.mean, found[1]!.mean)).toBeLessThan(1e-15);
  });
});
