import type { AdvantageName, InnerSettings } from "../experiment.ts";
import { isStep, rewardsToGo, stepCount, type TrajectoryBatch } from "../trajectory.ts";
import { fittedValues } from "./feature-baseline.ts";

/** What each log-probability of an inner batch is weighted by, before the mean over the batch: [N, H]. */
export type AdvantageRule = (batch: TrajectoryBatch, discount: number, lambda: number) => Float64Array;

/**
 * The inner update may weight its data by anything computed from that data: the update rule is then another
 * map U(θ; D), and SG-MRL is unbiased for the objective that this U defines. (The *outer* estimate may not.)
 */
export const advantages: Readonly<Record<AdvantageName, AdvantageRule>> = {
  "reward-to-go": (batch, discount) => rewardsToGo(batch, discount),
  centred: (batch, discount) => centred(batch, rewardsToGo(batch, discount)),
  standardised: (batch, discount) => standardised(batch, rewardsToGo(batch, discount)),
  "leave-one-out": (batch, discount) => leaveOneOut(batch, rewardsToGo(batch, discount)),
  gae: generalised,
  "standardised-gae": (batch, discount, lambda) => standardised(batch, generalised(batch, discount, lambda)),
};

/** A − mean A, over the steps of the batch. */
function centred(batch: TrajectoryBatch, values: Float64Array): Float64Array {
  const average = meanOfSteps(batch, (row) => values[row]!);
  return values.map((value, row) => (isStep(batch, row) ? value - average : 0));
}

/** (A − mean A) / (std A + 1e-8), population standard deviation, over the steps of the batch. [eq:standardise] */
function standardised(batch: TrajectoryBatch, values: Float64Array): Float64Array {
  const deviations = centred(batch, values);
  const deviation = Math.sqrt(meanOfSteps(batch, (row) => deviations[row]! ** 2));
  return deviations.map((x) => x / (deviation + 1e-8));
}

function meanOfSteps(batch: TrajectoryBatch, value: (row: number) => number): number {
  let total = 0;
  for (let row = 0; row < batch.rewards.length; row++) if (isStep(batch, row)) total += value(row);
  return total / stepCount(batch);
}

/**
 * X_j^h − (mean of X_k^h over the other trajectories k), 0 being the value of steps after the end; unchanged for
 * a single trajectory. As a baseline it is independent of trajectory j.                  [eq:leave-one-out]
 */
export function leaveOneOut(batch: TrajectoryBatch, values: Float64Array): Float64Array {
  const { trajectories: N, horizon: H } = batch;
  if (N === 1) return values;
  const totals = new Float64Array(H);
  for (let row = 0; row < values.length; row++) totals[row % H]! += values[row]!;
  return values.map((value, row) => (isStep(batch, row) ? value - (totals[row % H]! - value) / (N - 1) : 0));
}

/**
 * Generalised advantage estimates with the fitted linear baseline.                       [eq:gae]
 *
 *   δ_h = r_h + γ V(s_{h+1}) − V(s_h),   A_h = Σ_k (γ λ)^k δ_{h+k},   V = 0 after the last step
 *
 * V is fitted to Σ_{t ≥ h} γ^{t−h} r_t, discounted from h as usual here.
 *
 * Source  Schulman et al., ICLR 2016, arXiv:1506.02438
 */
function generalised(batch: TrajectoryBatch, discount: number, lambda: number): Float64Array {
  const { rewards, horizon: H, trajectories: N, lengths } = batch;
  const targets = new Float64Array(rewards.length);
  const advantage = new Float64Array(rewards.length);
  forEachStepBackwards((row, last) => {
    targets[row] = rewards[row]! + (last ? 0 : discount * targets[row + 1]!);
  });
  const V = fittedValues(batch, targets);
  forEachStepBackwards((row, last) => {
    const delta = rewards[row]! + (last ? 0 : discount * V[row + 1]!) - V[row]!;
    advantage[row] = delta + (last ? 0 : discount * lambda * advantage[row + 1]!);
  });
  return advantage;

  function forEachStepBackwards(visit: (row: number, last: boolean) => void): void {
    for (let j = 0; j < N; j++) {
      for (let h = lengths[j]! - 1; h >= 0; h--) visit(j * H + h, h === lengths[j]! - 1);
    }
  }
}

/** The row weights w of the surrogate ν(θ; D) = Σ_r w_r ln π(a_r|s_r; θ): advantages over the batch size. [eq:surrogate] */
export function surrogateWeights(
  { advantage, convention, gaeLambda = 1 }: Pick<InnerSettings, "advantage" | "convention" | "gaeLambda">,
  batch: TrajectoryBatch,
  discount: number,
): Float64Array {
  const divisor = convention === "paper" ? batch.trajectories : stepCount(batch);
  return advantages[advantage](batch, discount, gaeLambda).map((value) => value / divisor);
}
