import type { StepAdjoint } from "../../sampling/step-adjoint.ts";
import type { TrajectoryBatch } from "../../trajectory.ts";

/** Cotangents of data: partial derivatives of a scalar in each reward, observation and action. */
export interface BatchCotangents {
  /** [N, H], [N, H, observationWidth], [N, H, actionWidth]; 0 on padding. */
  readonly rewards: Float64Array;
  readonly observations: Float64Array;
  readonly actions: Float64Array;
}

/**
 * Back in time through each trajectory, s_{h+1}, r_h = f(s_h, a_h) o_h = o(s_h), a_h = a(θ′, o_h, ε_h):    [eq:adjoint-sweep]
 *
 *   p_H = 0
 *   ā_h = ∂F/∂a_h + (∂s_{h+1}/∂a_h)ᵀ p_{h+1} + (∂r_h/∂a_h) ∂F/∂r_h
 *   p_h = (∂o_h/∂s_h)ᵀ (∂F/∂o_h + (∂a_h/∂o_h)ᵀ ā_h) + (∂s_{h+1}/∂s_h)ᵀ p_{h+1} + (∂r_h/∂s_h) ∂F/∂r_h     h = H−1, …, 0
 *
 * F is a scalar function of the data with the given partial derivatives. p_h and ā_h are the total derivatives of F in
 * s_h and a_h: dF/dθ′ = Σ_h (∂a_h/∂θ′)ᵀ ā_h. Neither s_0 nor the length of a trajectory moves with θ′.
 *
 * `pass` may change p_{h+1}, [N, s], before it is carried over step h; by default it is not changed.
 *
 * Shapes  feedback: ∂a/∂o, for each action [H, N, o] → ā: [N, H, actionWidth]
 * Source  Bryson & Ho, Applied Optimal Control, 1975, section 2.2 (the adjoint equations in discrete time)
 */
export function adjointSweep(
  batch: TrajectoryBatch,
  adjoint: StepAdjoint,
  feedback: readonly Float64Array[],
  partial: BatchCotangents,
  pass: (p: Float64Array) => void = () => {},
): Float64Array {
  const back = stepsBack(batch, adjoint, feedback, partial);
  const actionBars = new Float64Array(partial.actions.length);
  const p = new Float64Array(batch.trajectories * adjoint.stateSize);
  for (let h = batch.horizon - 1; h >= 0; h--) {
    pass(p);
    back(h, p, actionBars);
  }
  return actionBars;
}

/** From p_{h+1} to p_h, in place, and ā_h into its rows; in the trajectories that took step h. */
export function stepsBack(
  batch: TrajectoryBatch,
  adjoint: StepAdjoint,
  feedback: readonly Float64Array[],
  partial: BatchCotangents,
): (h: number, p: Float64Array, actionBars: Float64Array) => void {
  const { trajectories: N, horizon } = batch;
  const [o, a] = [partial.observations.length / (N * horizon), feedback.length];
  const observationBars = new Float64Array(N * o);
  const pulled = new Float64Array(N * a);
  return (h, p, actionBars) => {
    const running = trajectoriesAt(batch, h);
    adjoint.pull(h, running, p, partial.rewards, pulled);
    for (const j of running) {
      const row = j * horizon + h;
      for (let k = 0; k < o; k++) observationBars[j * o + k] = partial.observations[row * o + k]!;
      for (let i = 0; i < a; i++) {
        const bar = pulled[j * a + i]! + partial.actions[row * a + i]!;
        actionBars[row * a + i] = bar;
        addRow(bar, feedback[i]!, (h * N + j) * o, observationBars, j * o, o);
      }
    }
    adjoint.pullObservations(h, running, observationBars, p);
  };
}

/** y += c x, for the `length` numbers from x[from] and y[to] on. */
function addRow(c: number, x: Float64Array, from: number, y: Float64Array, to: number, length: number): void {
  for (let k = 0; k < length; k++) y[to + k]! += c * x[from + k]!;
}

/** The trajectories that took step h. */
export function trajectoriesAt({ lengths }: TrajectoryBatch, h: number): Int32Array {
  const running = new Int32Array(lengths.length);
  let count = 0;
  for (let j = 0; j < lengths.length; j++) if (lengths[j]! > h) running[count++] = j;
  return running.subarray(0, count);
}
