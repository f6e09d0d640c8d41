import type { StepAdjoint } from "../../sampling/step-adjoint.ts";
import type { TrajectoryBatch } from "../../trajectory.ts";

/** Cotangents of data: what a scalar owes to each reward, observation and action, the others held fixed. */
export interface BatchCotangents {
  /** [N, H], [N, H, observationWidth], [N, H, actionWidth]; 0 on padding. */
  readonly rewards: Float64Array;
  readonly observations: Float64Array;
  readonly actions: Float64Array;
}

/**
 * Back in time through each trajectory, s_{h+1}, r_h = f(s_h, a_h) and a_h = a(θ′, s_h, ε_h):    [eq:adjoint-sweep]
 *
 *   p_H = 0
 *   ā_h = ∂F/∂a_h + (∂s_{h+1}/∂a_h)ᵀ p_{h+1} + (∂r_h/∂a_h) ∂F/∂r_h
 *   p_h = ∂F/∂s_h + (∂s_{h+1}/∂s_h)ᵀ p_{h+1} + (∂r_h/∂s_h) ∂F/∂r_h + (∂a_h/∂s_h)ᵀ ā_h       h = H−1, …, 0
 *
 * F is a scalar function of the data with the given partial derivatives. p_h is what F owes to s_h in all, and ā_h what it owes
 * to a_h: dF/dθ′ = Σ_h (∂a_h/∂θ′)ᵀ ā_h. Neither s_0 nor the length of a trajectory moves with θ′.
 *
 * Shapes  feedback: ∂a/∂s, for each action [N, H, s] → ā: [N, H, actionWidth]
 * Source  Bryson & Ho, Applied Optimal Control, 1975, section 2.2 (the adjoint equations in discrete time)
 */
export function adjointSweep(
  { horizon, lengths }: TrajectoryBatch,
  steps: StepAdjoint,
  feedback: readonly Float64Array[],
  partial: BatchCotangents,
): Float64Array {
  const [s, a] = [steps.stateSize, feedback.length];
  const total = new Float64Array(partial.actions.length);
  const [p, stateBar, actionBar] = [new Float64Array(s), new Float64Array(s), new Float64Array(a)];
  for (let j = 0; j < lengths.length; j++) {
    p.fill(0);
    for (let row = j * horizon + lengths[j]! - 1; row >= j * horizon; row--) {
      steps.pull(row, p, partial.rewards[row]!, stateBar, actionBar);
      for (let k = 0; k < s; k++) p[k] = stateBar[k]! + partial.observations[row * s + k]!;
      for (let i = 0; i < a; i++) {
        const bar = actionBar[i]! + partial.actions[row * a + i]!;
        total[row * a + i] = bar;
        for (let k = 0; k < s; k++) p[k]! += feedback[i]![row * s + k]! * bar;
      }
    }
  }
  return total;
}
