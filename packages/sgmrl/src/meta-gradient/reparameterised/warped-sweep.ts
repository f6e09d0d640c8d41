import type { WarpedSteps } from "../../sampling/warped-steps.ts";
import { isStep, type TrajectoryBatch } from "../../trajectory.ts";
import type { BatchCotangents } from "./sweep.ts";

/** ā and σ̄, the derivatives of the scalar in the actions and their scales: [N, H, actionWidth] each. */
export interface WarpedCotangents {
  readonly actions: Float64Array;
  readonly scales: Float64Array;
}

/**
 * `adjointSweep` for data that jump. The part χ of the velocity of the aim s̃_h moves the data; χ is 0 on a   [eq:warp]
 * jump. The rest moves their distribution: the field ψ = −(1 − χ) K̃⁻¹ (∂s̃/∂s ds + K̃ da) of actions, whose score is
 * c_h = (1/π) ∇_a·(π ψ), with a multiplier m.
 *
 *   g_h = (∂(s_{h+1}, r_h)/∂s̃)ᵀ (p_{h+1}, ∂F/∂r_h)
 *   q_h = m [(1 − χ) K̃⁻¹ ε/σ + K̃⁻¹ K ∇χ] − (1 − χ) K̃⁻¹ ∂F/∂a_h
 *   ā_h = ∂F/∂a_h + K̃ q_h + χ K g_h,   σ̄_h = −m (1 − χ)/σ
 *   p_h = ∂F/∂s_h + (∂(s_{h+1}, r_h)/∂s)ᵀ (p_{h+1}, ∂F/∂r_h) + (∂s̃/∂s)ᵀ (q_h + (1 − (1 − χ) K̃⁻¹ K) g_h) + (∂a_h/∂s_h)ᵀ ā_h
 *
 * K = ∂s̃/∂a is diagonal, 0 where an action is clipped and K̃ elsewhere. A clipped action cannot hold its coordinate
 * back, which moves with all of ds; yet ψ goes on as if nothing were clipped, since c_h has mean 0 only if it is continuous.
 *
 * Shapes  feedback: for each action [H, N, s]; noise, scale (ε, σ): [N, H, a]; m: [N]
 */
export function warpedSweep(
  batch: TrajectoryBatch,
  { stateSize: s, chi, slope, reach, free, drift, arrival }: WarpedSteps,
  feedback: readonly Float64Array[],
  partial: BatchCotangents,
  { noise, scale, multipliers }: Readonly<Record<"noise" | "scale" | "multipliers", Float64Array>>,
): WarpedCotangents {
  const actions = new Float64Array(partial.actions.length);
  const scales = new Float64Array(partial.actions.length);
  const [p, before, q] = [new Float64Array(s), new Float64Array(s), new Float64Array(s)];
  for (let j = 0; j < batch.trajectories; j++) {
    const m = multipliers[j]!;
    p.fill(0);
    for (let row = j * batch.horizon + batch.lengths[j]! - 1; row >= j * batch.horizon; row--) {
      const x = chi[row]!;
      for (let k = 0; k < s; k++) {
        const at = row * s + k;
        let [inState, inAim] = [0, 0];
        for (let i = 0; i <= s; i++) {
          const bar = i < s ? p[i]! : partial.rewards[row]!;
          inState += arrival[i]!.inState[at]! * bar;
          inAim += arrival[i]!.inAim[at]! * bar;
        }
        before[k] = inState + partial.observations[at]!;
        const [rest, f] = [1 - x, free[at]!];
        const corrected =
          (rest / reach[at]!) * ((m * noise[at]!) / scale[at]! - partial.actions[at]!) + m * f * slope[at]!;
        actions[at] = partial.actions[at]! + reach[at]! * (corrected + x * f * inAim);
        scales[at] = (-m * rest) / scale[at]!;
        q[k] = corrected + (1 - rest * f) * inAim;
      }
      const later = ((row % batch.horizon) * batch.trajectories + j) * s;
      for (let k = 0; k < s; k++) {
        let total = before[k]!;
        for (let i = 0; i < s; i++) {
          total += drift[i]![row * s + k]! * q[i]! + feedback[i]![later + k]! * actions[row * s + i]!;
        }
        p[k] = total;
      }
    }
  }
  return { actions, scales };
}

/** The trajectories that come near a jump; only their multipliers matter. */
export function nearJumps(batch: TrajectoryBatch, { chi }: WarpedSteps): number[] {
  return Array.from(batch.lengths.keys()).filter((j) => {
    for (let row = j * batch.horizon; row < (j + 1) * batch.horizon; row++)
      if (isStep(batch, row) && chi[row]! < 1) return true;
    return false;
  });
}
