import { array, choleskySolve, DomainError } from "@sgmrl/autodiff";
import type { TrajectoryBatch } from "../trajectory.ts";
import { combine, gramByTrajectory, productsByTrajectory, sumOver } from "./combination.ts";

const firstRidge = 1e-5;
const attempts = 5;

/**
 * Features of the observation and the time, for a value function linear in them: [N, H] each, 0 on padding.
 *
 *   V(o, h) = w · φ,   φ = [clip(o, ±10), clip(o, ±10)², τ, τ², τ³, 1],   τ = h/100
 */
export function features({ observations, rewards, horizon, lengths }: TrajectoryBatch): Float64Array[] {
  const width = observations.length / rewards.length;
  const columns = Array.from({ length: 2 * width + 4 }, () => new Float64Array(rewards.length));
  for (let j = 0; j < lengths.length; j++) {
    for (let h = 0; h < lengths[j]!; h++) {
      const row = j * horizon + h;
      for (let i = 0; i < width; i++) {
        const o = Math.max(-10, Math.min(10, observations[row * width + i]!));
        columns[i]![row] = o;
        columns[width + i]![row] = o * o;
      }
      const tau = h / 100;
      columns[2 * width]![row] = tau;
      columns[2 * width + 1]![row] = tau * tau;
      columns[2 * width + 2]![row] = tau * tau * tau;
      columns[2 * width + 3]![row] = 1;
    }
  }
  return columns;
}

/** The adjoint of `features`: φ̄ to ō, [N, H, observationWidth]; 0 where an observation was clipped. */
export function featuresAdjoint(
  { observations, rewards, horizon, lengths }: TrajectoryBatch,
  phiBar: (q: number, row: number) => number,
): Float64Array {
  const width = observations.length / rewards.length;
  const bars = new Float64Array(observations.length);
  for (let j = 0; j < lengths.length; j++) {
    for (let row = j * horizon; row < j * horizon + lengths[j]!; row++) {
      for (let i = 0; i < width; i++) {
        const o = observations[row * width + i]!;
        if (Math.abs(o) <= 10) bars[row * width + i] = phiBar(i, row) + 2 * o * phiBar(width + i, row);
      }
    }
  }
  return bars;
}

/**
 * A ridge regression on a batch: the coefficients for any part of the batch, and the adjoint of those for the whole.
 */
export interface RidgeRegression {
  /** w as a function of the trajectories that are kept. */
  coefficients(kept: readonly boolean[]): readonly number[];
  /** From the cotangents w̄ of the whole batch's coefficients to those of its targets, and of feature q in a row; w itself beside them. */
  pullback(wBar: readonly number[]): {
    readonly w: readonly number[];
    readonly targets: Float64Array;
    phi(q: number, row: number): number;
  };
}

/**
 * The fit of features to targets on the trajectories that are kept.                     [eq:feature-baseline]
 *
 *   w = argmin_w Σ_rows (w · φ − y)² + ridge |w|²
 *
 * The ridge starts at 1e-5 and grows tenfold while the normal equations are singular.
 *
 * Adjoint, with G = ΦᵀΦ + ridge I and z = G⁻¹ w̄: dw = G⁻¹ (dΦᵀ (y − Φw) + Φᵀ (dy − dΦ w)), so that
 *
 *   ȳ = Φ z,   φ̄_q = z_q (y − Φw) − w_q Φ z
 *
 * Source  Duan et al., ICML 2016, arXiv:1604.06778; ridge and retries as in the code of Fallah et al., NeurIPS 2021
 */
export function ridgeRegression(
  batch: TrajectoryBatch,
  phi: readonly Float64Array[],
  targets: Float64Array,
): RidgeRegression {
  const gram = gramByTrajectory(batch, phi);
  const moments = phi.map((x) => productsByTrajectory(batch, x, targets));
  let ofAll: readonly number[] | undefined; // asked for by the weights and by their adjoint
  const coefficients = (kept: readonly boolean[]): readonly number[] => {
    const all = !kept.includes(false);
    if (all && ofAll !== undefined) return ofAll;
    const w = solve(
      gram(kept),
      moments.map((products) => sumOver(kept, products)),
    );
    if (all) ofAll = w;
    return w;
  };
  return {
    coefficients,
    pullback(wBar) {
      const everything = Array.from(batch.lengths, () => true);
      const w = coefficients(everything);
      const z = solve(gram(everything), wBar);
      const targetsBar = combine(batch, phi, z, everything);
      const fitted = combine(batch, phi, w, everything);
      return {
        w,
        targets: targetsBar,
        phi: (q, row) => z[q]! * (targets[row]! - fitted[row]!) - w[q]! * targetsBar[row]!,
      };
    },
  };
}

/** (ΦᵀΦ + ridge I)⁻¹ Φᵀy. */
function solve(gram: Float64Array, moments: readonly number[]): number[] {
  const n = moments.length;
  for (let attempt = 0, ridge = firstRidge; ; attempt++, ridge *= 10) {
    try {
      const regularised = gram.map((value, i) => (i % (n + 1) === 0 ? value + ridge : value));
      return Array.from(choleskySolve(array(regularised, [n, n]), array(moments)).data);
    } catch (error) {
      if (!(error instanceof DomainError) || attempt + 1 === attempts) throw error;
    }
  }
}
