import { returns } from "../trajectory.ts";
import type { MultiplierRule } from "./estimator.ts";

/** m_j = Ĵ.                                                                            [eq:multiplier-raw] */
export const rawReturn: MultiplierRule = (_problem, { steps }, t, { meanReturn }) => ({
  values: new Float64Array(steps[t - 1]!.batch.trajectories).fill(meanReturn),
});

/** m_j = Ĵ / N: the score as a mean over D_t instead of a sum.                          [eq:multiplier-mean] */
export const meanScaledReturn: MultiplierRule = (_problem, { steps }, t, { meanReturn }) => {
  const N = steps[t - 1]!.batch.trajectories;
  return { values: new Float64Array(N).fill(meanReturn / N) };
};

/**
 * m_j = Ĵ − (mean return of the other trajectories of D_t): the return before the step, without τ_j, is
 * independent of τ_j given θ_{t−1}, so the subtraction leaves the mean as it was. 0 is subtracted if N = 1.
 *                                                                                       [eq:multiplier-leave-one-out]
 */
export const leaveOneOutReturn: MultiplierRule = ({ discount }, { steps }, t, { meanReturn }) => {
  const R = returns(steps[t - 1]!.batch, discount);
  const total = R.reduce((sum, r) => sum + r, 0);
  return { values: R.map((r) => meanReturn - (R.length > 1 ? (total - r) / (R.length - 1) : 0)) };
};

/** m_j = 1: the score term per unit of return, for a multiplier that is only known later (across-tasks.ts). */
export const unitMultiplier: MultiplierRule = (_problem, { steps }, t) => ({
  values: new Float64Array(steps[t - 1]!.batch.trajectories).fill(1),
});
