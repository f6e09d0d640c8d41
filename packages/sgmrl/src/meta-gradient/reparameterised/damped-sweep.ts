import { norm } from "../../arithmetic.ts";
import type { StepAdjoint } from "../../sampling/step-adjoint.ts";
import type { TrajectoryBatch } from "../../trajectory.ts";
import { adjointSweep, type BatchCotangents, stepsBack, trajectoriesAt } from "./sweep.ts";

/** How much of the cotangent from later steps is carried further back. */
export interface Damping {
  /** ρ, from 0 to 1: the factor by which each step multiplies a cotangent. */
  readonly damping: number;
  /** κ > 0: the bound on the carried cotangent, in units of the median that a single step adds. */
  readonly clip: number;
}

/** Chosen on half-cheetah-short after 20 and 40 iterations of MAML, by bias and deviation (docs/results/half-cheetah.md). */
export const defaultDamping: Damping = { damping: 1, clip: 30 };

/** The contribution of a single step is measured once in this many steps, at a tenth of the sweep's cost. */
const spacing = 10;

/**
 * `adjointSweep` for derivatives that explode over many steps: the cotangent carried over a step is damped and clipped,
 * at the cost of a bias.
 *
 *   p̂_h = ρ p_h min(1, κ m / ‖p_h‖)   in place of p_h where step h − 1 takes it up                     [eq:damped-sweep]
 *   m    = median of ‖p_h‖ with p_{h+1} = 0, over the trajectories and every tenth h
 *
 * The dependence of F on an action through the reward and the observation of its own step is not changed. With ρ = 1
 * and κ = ∞ this is `adjointSweep`.
 */
export function dampedSweep(
  batch: TrajectoryBatch,
  adjoint: StepAdjoint,
  feedback: readonly Float64Array[],
  partial: BatchCotangents,
  { damping, clip }: Damping,
): Float64Array {
  const s = adjoint.stateSize;
  const most =
    clip === Number.POSITIVE_INFINITY ? clip : clip * medianSource(batch, adjoint, feedback, partial);
  return adjointSweep(batch, adjoint, feedback, partial, (p) => {
    for (let j = 0; j < batch.trajectories; j++) {
      const own = p.subarray(j * s, (j + 1) * s);
      const size = norm(own);
      const factor = size > most ? (damping * most) / size : damping;
      for (let k = 0; k < s; k++) own[k]! *= factor;
    }
  });
}

/** m: the median of what single steps add to p when nothing is carried. */
function medianSource(
  batch: TrajectoryBatch,
  adjoint: StepAdjoint,
  feedback: readonly Float64Array[],
  partial: BatchCotangents,
): number {
  const s = adjoint.stateSize;
  const back = stepsBack(batch, adjoint, feedback, partial);
  const p = new Float64Array(batch.trajectories * s);
  const unused = new Float64Array(partial.actions.length);
  const found: number[] = [];
  for (let h = 0; h < batch.horizon; h += spacing) {
    p.fill(0);
    back(h, p, unused);
    for (const j of trajectoriesAt(batch, h)) found.push(norm(p.subarray(j * s, (j + 1) * s)));
  }
  const sizes = Float64Array.from(found).sort();
  const middle = sizes.length / 2;
  return (sizes[Math.ceil(middle) - 1]! + sizes[Math.floor(middle)]!) / 2;
}
