import { addScaled } from "../arithmetic.ts";
import type { AdvantageName } from "../settings.ts";
import { discountedRewards, isStep, rewardsToGo, type TrajectoryBatch, timesteps } from "../trajectory.ts";
import {
  type BatchPart,
  combine,
  combineEach,
  discountedSums,
  discountedSumsAdjoint,
  type LinearCombination,
  type MatrixProduct,
  ones,
  productsByTrajectory,
  sumOver,
} from "./combination.ts";
import { features, featuresAdjoint, ridgeRegression } from "./feature-baseline.ts";

/** The weights of the log-probabilities of an inner batch, before the mean over the batch. */
export type AdvantageRule = (
  batch: TrajectoryBatch,
  discount: number,
  lambda: number,
  multiply?: MatrixProduct,
) => LinearCombination;

/**
 * The inner update may use any weights computed from its data: they define the map U(θ; D), and SG-MRL is unbiased for
 * the objective with that U. (The *outer* estimate may not.)
 */
export const advantages: Readonly<Record<AdvantageName, AdvantageRule>> = {
  "reward-to-go": plain,
  centred: (batch, discount, _, multiply) => centred(batch, plain(batch, discount), multiply),
  standardised: (batch, discount, _, multiply) => standardised(batch, plain(batch, discount), multiply),
  "leave-one-out": (batch, discount) => lessMeanOfOthers(batch, discount),
  gae: generalised,
  "standardised-gae": (batch, discount, lambda, multiply) =>
    standardised(batch, generalised(batch, discount, lambda), multiply),
};

/** A of a whole batch: [N, H]. */
export function advantageRows(
  name: AdvantageName,
  batch: TrajectoryBatch,
  discount: number,
  lambda: number = 1,
): Float64Array {
  return wholeOf(batch, advantages[name](batch, discount, lambda));
}

/** The rows of the whole batch. */
function wholeOf(
  batch: TrajectoryBatch,
  { columns, coefficients }: Pick<LinearCombination, "columns" | "coefficients">,
): Float64Array {
  const everything = Array.from(batch.lengths, () => true);
  return combine(batch, columns, coefficients([everything])[0]!, everything);
}

function plain(batch: TrajectoryBatch, discount: number): LinearCombination {
  return {
    columns: [rewardsToGo(batch, discount)],
    coefficients: (parts) => parts.map(() => [1]),
    pullback: (ABar) => ({ rewards: rewardsToGoAdjoint(batch, discount, ABar) }),
  };
}

/** r̄_t = γ^t Σ_{h ≤ t} Ā_h. */
function rewardsToGoAdjoint(batch: TrajectoryBatch, discount: number, ABar: Float64Array): Float64Array {
  return discountedRewards({ ...batch, rewards: discountedSumsAdjoint(batch, 1, ABar) }, discount);
}

/** A − mean A, over the steps of the part. */
function centred(
  batch: TrajectoryBatch,
  combination: LinearCombination,
  multiply: MatrixProduct | undefined,
): LinearCombination {
  return lessMean(batch, combination, { factor: () => 1, slope: () => 0 }, multiply);
}

/** (A − mean A) / (std A + 1e-8), population standard deviation, over the steps of the part. [eq:standardise] */
function standardised(
  batch: TrajectoryBatch,
  combination: LinearCombination,
  multiply: MatrixProduct | undefined,
): LinearCombination {
  const factor = (deviation: number): number => 1 / (deviation + 1e-8);
  const slope = (deviation: number): number => -1 / (deviation + 1e-8) ** 2;
  return lessMean(batch, combination, { factor, slope }, multiply);
}

/**
 * y = f(σ) (A − m), m and σ mean and deviation of A, f a factor and f′ its slope. Mean and deviation are computed from
 * the rows of A, because products of the columns would suffer cancellation where a fit leaves small residuals.
 *
 *   Ā_r = f(σ) (ȳ_r − mean ȳ) + f′(σ) (Σ_k ȳ_k (A_k − m)) (A_r − m) / (n σ)
 */
function lessMean(
  batch: TrajectoryBatch,
  { columns, coefficients, pullback }: LinearCombination,
  { factor, slope }: Record<"factor" | "slope", (deviation: number) => number>,
  multiply: MatrixProduct | undefined,
): LinearCombination {
  return {
    columns: [...columns, ones(batch)],
    coefficients(parts) {
      const c = coefficients(parts);
      const scaled: number[][] = [];
      combineEach(batch, columns, c, parts, multiply, (A, p) => {
        const { mean, deviation } = meanAndDeviation(batch, A, parts[p]!);
        const scale = factor(deviation);
        scaled.push([...c[p]!.map((x) => scale * x), -scale * mean]);
      });
      return scaled;
    },
    pullback(yBar) {
      const everything = Array.from(batch.lengths, () => true);
      const A = wholeOf(batch, { columns, coefficients });
      const { mean, deviation } = meanAndDeviation(batch, A, everything);
      const n = timesteps(batch);
      let [yBarMean, alongA] = [0, 0];
      yBar.forEach((bar, row) => {
        if (!isStep(batch, row)) return;
        yBarMean += bar / n;
        alongA += bar * (A[row]! - mean);
      });
      // Where all advantages are equal, y = 0 whatever the deviation is.
      const spread = deviation === 0 ? 0 : (slope(deviation) * alongA) / (n * deviation);
      const scale = factor(deviation);
      return pullback(
        yBar.map((bar, row) =>
          isStep(batch, row) ? scale * (bar - yBarMean) + spread * (A[row]! - mean) : 0,
        ),
      );
    },
  };
}

function meanAndDeviation({ lengths, horizon }: TrajectoryBatch, A: Float64Array, kept: BatchPart) {
  const count = sumOver(kept, lengths);
  let total = 0;
  for (let row = 0; row < A.length; row++) total += A[row]!; // 0 where there is no step
  const mean = total / count;
  let squares = 0;
  for (let j = 0; j < lengths.length; j++) {
    if (!kept[j]) continue;
    for (let row = j * horizon; row < j * horizon + lengths[j]!; row++) squares += (A[row]! - mean) ** 2;
  }
  return { mean, deviation: Math.sqrt(squares / count) };
}

/**
 * X_j^h − (mean of X_k^h over the other trajectories k), where steps after the end count as 0;       [eq:leave-one-out]
 * unchanged for a single trajectory. As a baseline it is independent of trajectory j.
 */
export function leaveOneOut(batch: TrajectoryBatch, values: Float64Array): Float64Array {
  const { trajectories: N, horizon: H } = batch;
  if (N === 1) return values;
  const totals = new Float64Array(H);
  for (let row = 0; row < values.length; row++) totals[row % H]! += values[row]!;
  return values.map((value, row) => (isStep(batch, row) ? value - (totals[row % H]! - value) / (N - 1) : 0));
}

/** `leaveOneOut` within a part of n: n/(n−1) X_j^h − 1/(n−1) Σ_k X_k^h over the kept k, one column for each. */
function lessMeanOfOthers(batch: TrajectoryBatch, discount: number): LinearCombination {
  const H = batch.horizon;
  const values = rewardsToGo(batch, discount);
  const each = Array.from(batch.lengths, (_, j) => values.map((_, row) => values[j * H + (row % H)]!));
  return {
    columns: [values, ...each],
    coefficients: (parts) =>
      parts.map((kept) => {
        const n = kept.filter(Boolean).length;
        return n === 1
          ? [1, ...kept.map(() => 0)]
          : [n / (n - 1), ...kept.map((k) => (k ? -1 / (n - 1) : 0))];
      }),
    // x ↦ x_j − mean of the others is a symmetric map; restricted to steps, it still is.
    pullback: (ABar) => ({ rewards: rewardsToGoAdjoint(batch, discount, leaveOneOut(batch, ABar)) }),
  };
}

/**
 * Generalised advantage estimates with the fitted linear baseline V = w · φ.             [eq:gae]
 *
 *   δ_h = r_h + γ V(s_{h+1}) − V(s_h),   A_h = Σ_k (γ λ)^k δ_{h+k},   V = 0 after the last step
 *       = Σ_k (γ λ)^k r_{h+k} − Σ_q w_q ψ_{q,h}
 *
 * V is fitted to Σ_{t ≥ h} γ^{t−h} r_t, discounted from h as usual here.
 *
 * Source  Schulman et al., ICLR 2016, arXiv:1506.02438
 */
function generalised(batch: TrajectoryBatch, discount: number, lambda: number): LinearCombination {
  const phi = features(batch);
  const psi = phi.map((x) => traced(batch, x, discount, lambda));
  const fit = ridgeRegression(batch, phi, discountedSums(batch, discount, batch.rewards));
  return {
    columns: [discountedSums(batch, discount * lambda, batch.rewards), ...psi],
    coefficients: (parts) => parts.map((kept) => [1, ...fit.coefficients(kept).map((w) => -w)]),
    /** Through the rewards, the features in ψ, and the fit: w̄_q = −Σ_h Ā_h ψ_{q,h}. */
    pullback(ABar) {
      const everything = Array.from(batch.lengths, () => true);
      const fitted = fit.pullback(psi.map((x) => -sumOver(everything, productsByTrajectory(batch, x, ABar))));
      const throughPsi = tracedAdjoint(batch, ABar, discount, lambda);
      const direct = discountedSumsAdjoint(batch, discount * lambda, ABar);
      const throughFit = discountedSumsAdjoint(batch, discount, fitted.targets);
      return {
        rewards: addScaled(direct, 1, throughFit),
        observations: featuresAdjoint(
          batch,
          (q, row) => fitted.phi(q, row) - fitted.w[q]! * throughPsi[row]!,
        ),
      };
    },
  };
}

/** ψ_h = Σ_k (γ λ)^k (φ_{h+k} − γ φ_{h+k+1}) = φ_h − γ (1 − λ) Σ_{k ≥ 0} (γ λ)^k φ_{h+1+k}, by partial summation. */
function traced(batch: TrajectoryBatch, phi: Float64Array, discount: number, lambda: number): Float64Array {
  const { horizon, lengths } = batch;
  const psi = new Float64Array(phi.length);
  for (let j = 0; j < lengths.length; j++) {
    let later = 0;
    for (let row = j * horizon + lengths[j]! - 1; row >= j * horizon; row--) {
      psi[row] = phi[row]! - discount * (1 - lambda) * later;
      later = phi[row]! + discount * lambda * later;
    }
  }
  return psi;
}

/** The adjoint of `traced`, which is linear in φ: φ̄_t = ψ̄_t − γ (1 − λ) Σ_{k ≥ 1} (γ λ)^{k−1} ψ̄_{t−k}. */
function tracedAdjoint(
  batch: TrajectoryBatch,
  psiBar: Float64Array,
  discount: number,
  lambda: number,
): Float64Array {
  const sums = discountedSumsAdjoint(batch, discount * lambda, psiBar);
  return psiBar.map((bar, row) =>
    row % batch.horizon === 0 ? bar : bar - discount * (1 - lambda) * sums[row - 1]!,
  );
}
