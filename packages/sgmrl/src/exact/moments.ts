import { EnvironmentError, type Mdp } from "@sgmrl/envs";
import { power } from "../arithmetic.ts";
import { returnLessOtherTasks, type Terms } from "../meta-gradient/combine.ts";
import type { Estimator, TaskRun } from "../meta-gradient/estimator.ts";
import { outerEstimate } from "../meta-gradient/outer.ts";
import { dataSets, trajectories } from "./enumerate.ts";
import {
  dataProbabilities,
  defaultLimit,
  type EnumerationOptions,
  histories,
  refuseBeyond,
  termCount,
} from "./histories.ts";
import { batchOf, enteredTerms, shareOfFirst } from "./joint.ts";
import { type ExactProblem, normalizedTasks, sizesOf, trainingUpdate } from "./problem.ts";

/** Exact mean and spread of what one task contributes to the meta-gradient, over the draw of the task and all data. */
export interface Moments {
  /** E λ_0, row by row: [S A], or [K A] with features. */
  readonly mean: Float64Array;
  /** Trace of the covariance, E|λ_0 − E λ_0|². */
  readonly variance: number;
}

/** An estimator as training calls it: one from the table of estimators, or a variation of one. */
export type MetaGradientFunction = (run: TaskRun) => Float64Array;

/** How the tasks of an estimate are combined. */
export interface MomentsOptions extends EnumerationOptions {
  /** Coefficient on the score term (default 1). */
  readonly scoreCoefficient?: number;
  /** The number of tasks, 1 or more, for estimators that compare several (default 2 for "sgmrl-other-tasks", else 3). */
  readonly tasks?: number;
}

/**
 * Mean and variance of several estimators on a problem, computed by the code of training, which      [eq:exact-moments]
 * receives every possible data set instead of a sampled one.
 *
 *   E e = Σ_i p_i Σ_{D_1 … D_ζ, D_o} q(D_1; θ_0) ⋯ q(D_ζ; θ_{ζ−1}) q(D_o; θ_ζ) e(D_1, …, D_ζ, D_o)
 *
 * Errors  EnvironmentError for a problem that is none, or an option out of range; TooLargeError beyond the limit
 */
export function moments(
  problem: ExactProblem,
  estimators: readonly Estimator[],
  { scoreCoefficient = 1, tasks, ...given }: MomentsOptions = {},
): Moments[] {
  if (tasks !== undefined && !(Number.isInteger(tasks) && tasks >= 1))
    throw new EnvironmentError("exact", "options.tasks", tasks, "a whole number, 1 or more");
  if (!Number.isFinite(scoreCoefficient))
    throw new EnvironmentError("exact", "options.scoreCoefficient", scoreCoefficient, "a finite number");
  const { trajectories: N } = problem.inner;
  const inGroups = estimators.some(({ groups = N }) => groups < N); // formed in the order of the trajectories
  const options = inGroups ? { ...given, ordered: true } : given;
  const separate = estimators.filter(({ taskMultipliers }) => taskMultipliers === undefined);
  const found = new Map<Estimator, Moments>();
  const ofFunctions = functionMoments(
    problem,
    separate.map((estimator) => (run) => enteredTerms(estimator, run, scoreCoefficient).pathwise),
    options,
  );
  separate.forEach((estimator, i) => {
    found.set(estimator, ofFunctions[i]!);
  });
  return estimators.map(
    (estimator) => found.get(estimator) ?? jointMoments(problem, estimator, scoreCoefficient, tasks, options),
  );
}

/** The same for functions; `moments` uses it for estimators that treat each task on its own. */
export function functionMoments(
  problem: ExactProblem,
  functions: readonly MetaGradientFunction[],
  options: EnumerationOptions = {},
): Moments[] {
  const accumulators = functions.map(() => new WeightedMoments());
  if (functions.length === 0) return [];
  forEachOutcome(problem, options, (run, probability) => {
    functions.forEach((estimate, i) => {
      accumulators[i]!.add(probability, estimate(run));
    });
  });
  return accumulators.map((accumulator) => accumulator.moments());
}

/**
 * For estimators that combine the tasks of a batch: the first task's share, with the other tasks enumerated, too.
 *
 * A baseline from the other tasks enters linearly, so their mean return may be replaced by any variable of the same
 * mean and variance, here the two equally likely values mean ± standard deviation.
 */
function jointMoments(
  problem: ExactProblem,
  estimator: Estimator,
  scoreCoefficient: number,
  tasks: number | undefined,
  options: EnumerationOptions,
): Moments {
  const outcomes: { readonly terms: Terms; readonly probability: number }[] = [];
  forEachOutcome(problem, options, (run, probability) => {
    outcomes.push({ terms: enteredTerms(estimator, run, scoreCoefficient), probability });
  });
  const result = new WeightedMoments();
  const B = tasks ?? batchOf(estimator);
  const others = B - 1;
  const share = (batch: readonly Terms[]): Float64Array => shareOfFirst(estimator, batch, scoreCoefficient);

  if (estimator.taskMultipliers === returnLessOtherTasks && others > 0) {
    const mean = outcomes.reduce((sum, o) => sum + o.probability * o.terms.meanReturn, 0);
    const variance = outcomes.reduce((sum, o) => sum + o.probability * (o.terms.meanReturn - mean) ** 2, 0);
    for (const { terms, probability } of outcomes) {
      for (const side of [-1, 1]) {
        const meanReturn = mean + side * Math.sqrt(variance / others);
        result.add(probability / 2, share([terms, { ...terms, meanReturn }]));
      }
    }
    return result.moments();
  }

  // Of the others only Ĵ and the figures matter: those that agree in them count as one.
  const kinds = new Map<string, { readonly terms: Terms; probability: number }>();
  for (const { terms, probability } of outcomes) {
    const name = JSON.stringify([terms.meanReturn, terms.statistics]);
    const known = kinds.get(name);
    if (known === undefined) kinds.set(name, { terms, probability });
    else known.probability += probability;
  }
  refuseBeyond(
    options.limit ?? defaultLimit,
    outcomes.length * power(kinds.size, others),
    `${estimator.name}, a batch of ${B} tasks`,
  );
  const choose = (chosen: readonly Terms[], probability: number): void => {
    if (chosen.length === B) {
      result.add(probability, share(chosen));
      return;
    }
    for (const other of chosen.length === 0 ? outcomes : kinds.values())
      choose([...chosen, other.terms], probability * other.probability);
  };
  choose([], 1);
  return result.moments();
}

/** Calls `visit` with everything that can happen to one task drawn from the family. */
function forEachOutcome(
  problem: ExactProblem,
  options: EnumerationOptions,
  visit: (run: TaskRun, probability: number) => void,
): void {
  const sizes = sizesOf(problem);
  const { limit = defaultLimit, ordered = false } = options;
  const tasks = normalizedTasks(problem);
  const terms = (mdp: Mdp): number => termCount(problem, mdp, ordered).outcomes;
  refuseBeyond(
    limit,
    tasks.reduce((sum, { mdp }) => sum + terms(mdp), 0),
    "exact.moments",
  );
  for (const { weight, mdp } of tasks) {
    const update = trainingUpdate(problem, mdp);
    const sets = dataSets(trajectories(mdp), mdp, sizes, problem.outerTrajectories, ordered);
    const probabilities = dataProbabilities(mdp, sizes, sets);
    for (const { adaptation, probability } of histories(problem, mdp, update, options)) {
      const q = probabilities(adaptation.adapted);
      sets.forEach(({ batch }, i) => {
        const outer = outerEstimate(update, adaptation, batch, problem.outer);
        visit({ update, adaptation, outer }, weight * probability * q[i]!);
      });
    }
  }
}

/**
 * Weighted mean and variance in one pass.
 *
 *   W' = W + p,   δ = x − m,   m' = m + (p/W') δ,   S' = S + p δ·(x − m')
 *
 * Source  West, Communications of the ACM 22(9), 1979, doi:10.1145/359146.359153
 */
export class WeightedMoments {
  #total = 0;
  #mean: Float64Array | undefined;
  #squares = 0;

  add(weight: number, x: Float64Array): void {
    if (weight === 0) return;
    this.#mean ??= new Float64Array(x.length);
    this.#total += weight;
    const share = weight / this.#total;
    let inner = 0;
    for (let i = 0; i < x.length; i++) {
      const delta = x[i]! - this.#mean[i]!;
      this.#mean[i]! += share * delta;
      inner += delta * (x[i]! - this.#mean[i]!);
    }
    this.#squares += weight * inner;
  }

  moments(): Moments {
    const mean = this.#mean ?? new Float64Array(0);
    return { mean, variance: this.#squares / this.#total };
  }
}
