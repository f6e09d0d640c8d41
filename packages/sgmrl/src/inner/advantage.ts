import type { AdvantageName, InnerSettings } from "../settings.ts";
import { discountedRewards, isStep, rewardsToGo, type TrajectoryBatch, timesteps } from "../trajectory.ts";
import { addScaled } from "../vector.ts";
import {
  combine,
  type DataCotangents,
  discountedSums,
  discountedSumsAdjoint,
  type LinearCombination,
  ones,
  productsByTrajectory,
  sumOver,
} from "./combination.ts";
import { features, featuresAdjoint, ridgeRegression } from "./feature-baseline.ts";

/** The weights of the log-probabilities of an inner batch, before the mean over the batch. */
export type AdvantageRule = (batch: TrajectoryBatch, discount: number, lambda: number) => LinearCombination;

/**
 * The inner update may use any weights computed from its data: they define the map U(θ; D), and SG-MRL is unbiased for
 * the objective with that U. (The *outer* estimate may not.)
 */
export const advantages: Readonly<Record<AdvantageName, AdvantageRule>> = {
  "reward-to-go": plain,
  centred: (batch, discount) => centred(batch, plain(batch, discount)),
  standardised: (batch, discount) => standardised(batch, plain(batch, discount)),
  "leave-one-out": (batch, discount) => lessMeanOfOthers(batch, discount),
  gae: generalised,
  "standardised-gae": (batch, discount, lambda) => standardised(batch, generalised(batch, discount, lambda)),
};

/** A of a whole batch: [N, H]. */
export function advantageRows(
  name: AdvantageName,
  batch: TrajectoryBatch,
  discount: number,
  lambda: number = 1,
): Float64Array {
  const everything = Array.from(batch.lengths, () => true);
  return combine(batch, advantages[name](batch, discount, lambda), everything);
}

function plain(batch: TrajectoryBatch, discount: number): LinearCombination {
  return {
    columns: [rewardsToGo(batch, discount)],
    coefficients: () => [1],
    pullback: (ABar) => ({ rewards: rewardsToGoAdjoint(batch, discount, ABar) }),
  };
}

/** r̄_t = γ^t Σ_{h ≤ t} Ā_h. */
function rewardsToGoAdjoint(batch: TrajectoryBatch, discount: number, ABar: Float64Array): Float64Array {
  return discountedRewards({ ...batch, rewards: discountedSumsAdjoint(batch, 1, ABar) }, discount);
}

/** A − mean A, over the steps of the part. */
function centred(batch: TrajectoryBatch, combination: LinearCombination): LinearCombination {
  return lessMean(batch, combination, { factor: () => 1, slope: () => 0 });
}

/** (A − mean A) / (std A + 1e-8), population standard deviation, over the steps of the part. [eq:standardise] */
function standardised(batch: TrajectoryBatch, combination: LinearCombination): LinearCombination {
  return lessMean(batch, combination, {
    factor: (deviation) => 1 / (deviation + 1e-8),
    slope: (deviation) => -1 / (deviation + 1e-8) ** 2,
  });
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
): LinearCombination {
  return {
    columns: [...columns, ones(batch)],
    coefficients: (kept) => {
      const c = coefficients(kept);
      const A = combine(batch, { columns, coefficients: () => c }, kept);
      const { mean, deviation } = meanAndDeviation(batch, A, kept);
      const scale = factor(deviation);
      return [...c.map((x) => scale * x), -scale * mean];
    },
    pullback(yBar) {
      const everything = Array.from(batch.lengths, () => true);
      const A = combine(batch, { columns, coefficients }, everything);
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

function meanAndDeviation({ lengths, horizon }: TrajectoryBatch, A: Float64Array, kept: readonly boolean[]) {
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
    coefficients: (kept) => {
      const n = kept.filter(Boolean).length;
      return n === 1 ? [1, ...kept.map(() => 0)] : [n / (n - 1), ...kept.map((k) => (k ? -1 / (n - 1) : 0))];
    },
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
    coefficients: (kept) => [1, ...fit.coefficients(kept).map((w) => -w)],
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

/** The row weights of U(θ; D \ G), G the trajectories left out (none: D itself). */
export interface SurrogateWeights {
  /** w: [N, H], 0 on the rows of G. */
  rows(leftOut?: readonly number[]): Float64Array;
  /** Σ_r w_r x_r, for one x: [N, H] and many G. */
  product(x: Float64Array): (leftOut?: readonly number[]) => number;
  /** From the cotangents w̄ of `rows()`, of any value on padding, to those of the data.  [eq:weights-adjoint] */
  pullback(wBar: Float64Array): DataCotangents;
}

/** The row weights w of the surrogate ν(θ; D) = Σ_r w_r ln π(a_r|s_r; θ): advantages over the batch size. [eq:surrogate] */
export function surrogateWeights(
  { advantage, convention, gaeLambda = 1 }: Pick<InnerSettings, "advantage" | "convention" | "gaeLambda">,
  batch: TrajectoryBatch,
  discount: number,
): SurrogateWeights {
  const rule = advantages[advantage](batch, discount, gaeLambda);
  const keptOf = (leftOut: readonly number[]): boolean[] =>
    Array.from(batch.lengths, (_, j) => !leftOut.includes(j));
  const divisor = (kept: readonly boolean[]): number =>
    sumOver(kept, convention === "paper" ? batch.lengths.map(() => 1) : batch.lengths);
  return {
    rows(leftOut = []) {
      const kept = keptOf(leftOut);
      const size = divisor(kept);
      if (size === 0) return new Float64Array(batch.rewards.length);
      return combine(batch, rule, kept).map((value) => value / size);
    },
    product(x) {
      const products = rule.columns.map((column) => productsByTrajectory(batch, column, x));
      return (leftOut = []) => {
        const kept = keptOf(leftOut);
        const size = divisor(kept);
        if (size === 0) return 0;
        const sums = products.map((byTrajectory) => sumOver(kept, byTrajectory));
        return sumOfProducts(rule.coefficients(kept), sums) / size;
      };
    },
    pullback(wBar) {
      const size = divisor(keptOf([]));
      return rule.pullback(wBar.map((bar, row) => (isStep(batch, row) ? bar / size : 0)));
    },
  };
}

function sumOfProducts(x: readonly number[], y: readonly number[]): number {
  return x.reduce((total, value, i) => total + value * y[i]!, 0);
}
