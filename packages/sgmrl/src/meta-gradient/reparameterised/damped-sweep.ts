import { median, norm } from "../../arithmetic.ts";
import type { StepAdjoint } from "../../sampling/step-adjoint.ts";
import type { TrajectoryBatch } from "../../trajectory.ts";
import { adjointSweep, type BatchCotangents, stepsBack, trajectoriesAt } from "./sweep.ts";

/** How much of the cotangent from later steps is carried further back. */
export interface Damping {
  /** ρ, from 0 to 1: the factor by which each step multiplies a cotangent. */
  readonly damping: number;
  /** κ > 0: the bound on the carried cotangent, in units of the median that a single step adds. */
  readonly clip: number;
  /** What becomes of a cotangent beyond the bound: each coordinate is bounded, or its norm. */
  readonly clipBy: "coordinate" | "norm";
  /** The depth [m] over which contacts stiffen in derivatives, where it is less in the robot; see [eq:softer-contacts]. */
  readonly contactDepth: number;
}

/** Chosen on half-cheetah-short after 0, 20 and 40 iterations of MAML, by bias and deviation (docs/results/half-cheetah.md). */
export const defaultDamping: Damping = { damping: 1, clip: 30, clipBy: "coordinate", contactDepth: 0.02 };

/** The contribution of a single step is measured once in this many steps, at a tenth of the sweep's cost. */
const spacing = 10;

/**
 * `adjointSweep` for derivatives that explode over many steps: the cotangent carried over a step is damped and, where its
 * norm exceeds κ m, clipped, at the cost of a bias.                                                   [eq:damped-sweep]
 *
 *   p̂_h,i = ρ p_h,i min(1, κ m_i / |p_h,i|)   by coordinate,   p̂_h = ρ p_h κ m / ‖p_h‖   by norm
 *
 * in place of p_h where step h − 1 takes it up. m and m_i are the medians of ‖p_h‖ and |p_h,i| with p_{h+1} = 0, over the
 * trajectories and every tenth h. The dependence of F on an action through the reward of its own step is not changed. With ρ = 1 and κ = ∞ this is `adjointSweep`.
 */
export function dampedSweep(
  batch: TrajectoryBatch,
  adjoint: StepAdjoint,
  feedback: readonly Float64Array[],
  partial: BatchCotangents,
  { damping, clip, clipBy }: Omit<Damping, "contactDepth">,
): Float64Array {
  const s = adjoint.stateSize;
  const unclipped = clip === Number.POSITIVE_INFINITY;
  const sources = unclipped ? [] : sourcesOf(batch, adjoint, feedback, partial);
  const most = unclipped ? clip : clip * median(sources.map(norm));
  const mostOf = Array.from({ length: s }, (_, i) =>
    unclipped ? clip : clip * median(sources.map((source) => Math.abs(source[i]!))),
  );
  return adjointSweep(batch, adjoint, feedback, partial, (p) => {
    for (let j = 0; j < batch.trajectories; j++) {
      const own = p.subarray(j * s, (j + 1) * s);
      const size = norm(own);
      const isBeyond = size > most;
      if (isBeyond && clipBy === "coordinate")
        for (let k = 0; k < s; k++) own[k] = clamp(own[k]!, mostOf[k]!);
      const factor = isBeyond && clipBy === "norm" ? (damping * most) / size : damping;
      for (let k = 0; k < s; k++) own[k]! *= factor;
    }
  });
}

/** What single steps add to p when nothing is carried: [s] for each trajectory and every tenth step. */
function sourcesOf(
  batch: TrajectoryBatch,
  adjoint: StepAdjoint,
  feedback: readonly Float64Array[],
  partial: BatchCotangents,
): Float64Array[] {
  const s = adjoint.stateSize;
  const back = stepsBack(batch, adjoint, feedback, partial);
  const p = new Float64Array(batch.trajectories * s);
  const unused = new Float64Array(partial.actions.length);
  const found: Float64Array[] = [];
  for (let h = 0; h < batch.horizon; h += spacing) {
    p.fill(0);
    back(h, p, unused);
    for (const j of trajectoriesAt(batch, h)) found.push(p.slice(j * s, (j + 1) * s));
  }
  return found;
}

const clamp = (x: number, bound: number): number => Math.min(bound, Math.max(-bound, x));
