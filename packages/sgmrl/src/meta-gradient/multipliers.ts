import { mean } from "../arithmetic.ts";
import { advantageRows } from "../inner/advantage.ts";
import { isStep, returns, timesteps } from "../trajectory.ts";
import type { Multipliers, ScoreRule, ScoreRuleInput, TaskFigures, TaskMultipliers } from "./estimator.ts";
import type { OuterEstimate } from "./outer.ts";

/** m_j = Ĵ.                                                                            [eq:multiplier-raw] */
export const rawReturn: ScoreRule<Multipliers> = ({ step, outer }) => same(outer.meanReturn, step);

/** m_j = Ĵ / N: the score as a mean over D_t instead of a sum.                          [eq:multiplier-mean] */
export const meanScaledReturn: ScoreRule<Multipliers> = ({ step, outer }) =>
  same(outer.meanReturn / step.batch.trajectories, step);

/**
 * m_j = Ĵ − (mean return of the other trajectories of D_t): the return before the step, without τ_j, is independent of
 * τ_j given θ_{t−1}, so subtracting it adds no bias. If N = 1, 0 is subtracted.
 *                                                                                       [eq:multiplier-leave-one-out]
 */
export const leaveOneOutReturn: ScoreRule<Multipliers> = ({ update, step, outer }) => {
  const R = returns(step.batch, update.discount);
  const total = R.reduce((sum, r) => sum + r, 0);
  return { multipliers: R.map((r) => outer.meanReturn - (R.length > 1 ? (total - r) / (R.length - 1) : 0)) };
};

/** m_j = 1: the score term per unit of return, for multipliers that are known only later (combine.ts). */
export const unitMultiplier: ScoreRule<Multipliers> = ({ step }) => same(1, step);

/**
 * m_j = Ĵ for the first data set, 0 for later ones: counts only the sampling at θ_0.         [eq:multiplier-first-step]
 */
export const firstStepReturn: ScoreRule<Multipliers> = ({ t, step, outer }) =>
  same(t === 1 ? outer.meanReturn : 0, step);

/**
 * m_j = λ_t · α Σ_{h ∈ τ_j} w_h ∇ln π(a_h|s_h; θ_{t−1}): the value of τ_j's own share of the update, to first order.
 *                                                                                       [eq:multiplier-linear]
 * The remainder, of second order in α, is dropped. Where the weights of a trajectory depend on the others
 * (standardised, fitted), that dependence is ignored, too.
 *
 * Source  Tang, ICML 2022, arXiv:2112.07328 (the linearised score function estimate)
 */
export const linearisedReturn: ScoreRule<Multipliers> = ({
  update: { stepSize },
  step: { batch, weights },
  lambda,
  derivatives,
}) => {
  const multipliers = new Float64Array(batch.trajectories);
  derivatives.tangent(lambda).forEach((x, row) => {
    multipliers[Math.floor(row / batch.horizon)]! += stepSize * weights[row]! * x;
  });
  return { multipliers };
};

/**
 * m_j = mean of the *standardised* advantages after adaptation, at the first step; 0 later. [eq:multiplier-reference-2021]
 *
 * A standardised array has mean 0, whatever the baseline (here none), so m is 0 up to rounding and the score term has no
 * effect.
 *
 * Source  public code of Fallah et al., NeurIPS 2021 (vpg_sgmrl.py: mean of adjusted advantages × sum of the
 *         log-likelihoods at step 0, with normalize_adv on)
 */
export const meanStandardisedAdvantage: ScoreRule<Multipliers> = ({ update, t, step, outer: { batch } }) => {
  if (t > 1) return same(0, step);
  const A = advantageRows("standardised", batch, update.discount).filter((_, row) => isStep(batch, row));
  return same(mean(A), step);
};

/**
 * The score of the first step as a mean over the rows of D_1, for a multiplier that comes later.
 *                                                                                       [eq:multiplier-published-emaml]
 *   m_{1,j} = 1/(rows of D_1), 0 later;   m_i = (r̄_i − r̄)/(σ + 1e-8)
 *
 *   r̄_i    mean of the rewards of task i after adaptation, over its rows
 *   r̄, σ   mean and deviation of the rewards of all rows of all tasks of the batch
 *
 * Source  public code of Fallah et al., NeurIPS 2021, e_maml (vpg_maml.py and the sampler's adj_avg_rewards)
 */
export const meanOverRows: ScoreRule<Multipliers> = ({ t, step }) =>
  same(t === 1 ? 1 / timesteps(step.batch) : 0, step);

/** n_i, r̄_i and the mean square of the rewards about r̄_i. */
export const rewardFigures = ({ batch }: OuterEstimate): TaskFigures => {
  const rewards = batch.rewards.filter((_, row) => isStep(batch, row));
  const average = mean(rewards);
  return {
    outerRows: rewards.length,
    outerRewardMean: average,
    outerRewardVariance: mean(rewards.map((r) => (r - average) ** 2)),
  };
};

/** m_i from the figures of all tasks: σ² = Σ_i (n_i/n) (σ_i² + (r̄_i − r̄)²).             [eq:multiplier-published-emaml] */
export const standardisedOverTasks: TaskMultipliers = (_, figures) => {
  const rows = figures.reduce((sum, { outerRows: n }) => sum + n!, 0);
  const average = figures.reduce((sum, { outerRows: n, outerRewardMean: r }) => sum + (n! / rows) * r!, 0);
  const variance = figures.reduce(
    (sum, { outerRows: n, outerRewardMean: r, outerRewardVariance: v }) =>
      sum + (n! / rows) * (v! + (r! - average) ** 2),
    0,
  );
  return figures.map(({ outerRewardMean: r }) => (r! - average) / (Math.sqrt(variance) + 1e-8));
};

/** One multiplier for every trajectory of D_t. */
function same(value: number, { batch }: ScoreRuleInput["step"]): Multipliers {
  return { multipliers: new Float64Array(batch.trajectories).fill(value) };
}
