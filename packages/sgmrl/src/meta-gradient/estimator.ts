import type { Adaptation, AdaptationStep, InnerUpdate } from "../inner/adapt.ts";
import type { TaskSampler } from "../sampling/task-sampler.ts";
import type { Curvature } from "./curvature.ts";
import type { OuterEstimate } from "./outer.ts";
import type { Damping } from "./reparameterised/damped-sweep.ts";
import type { StepDerivatives } from "./step-derivatives.ts";

/** An estimator of ∇V_ζ, described by the terms of the recursion that it keeps. */
export interface Estimator {
  readonly name: string;
  readonly summary: string;
  /** What its expectation is. */
  readonly unbiasedFor: string;
  readonly source: string;
  readonly curvature: Curvature | null;
  readonly score: ScoreRule | null;
  /** Whether its rule needs what drew the data (`TaskRun.sampler`), so that data cannot be given. */
  readonly redraws?: boolean;
  /** Whether its rule differentiates data through the simulator (`TaskSampler.simulator`). */
  readonly differentiates?: boolean;
  /**
   * Whether it includes trajectories that cross a jump of the data. One that differentiates data and does not is biased
   * there.
   */
  readonly warps?: boolean;
  /** In how many groups its rule leaves trajectories out; Infinity: one at a time. Absent if it leaves out none. */
  readonly groups?: number;
  /** How its rule damps derivatives through the simulator; absent if it does not. */
  readonly damping?: Damping;
  /** Whether its multipliers compare the trajectories of D_t, of which there must then be two or more. */
  readonly comparesTrajectories?: boolean;
  /**
   * Whether its score term has the scale of ĝ, or that of public code, so that ĝ may be of standardised advantages. Others
   * add returns times scores to it.
   */
  readonly ofGradientScale?: boolean;
  /** The factor of each task's score term, for estimators that compare the tasks of a batch; 1 by default. */
  readonly taskMultipliers?: TaskMultipliers;
  /** What `taskMultipliers` needs of a task beside Ĵ, from its data after adaptation. */
  readonly taskFigures?: (outer: OuterEstimate) => TaskFigures;
}

/** Numbers by name. */
export type TaskFigures = Readonly<Record<string, number>>;

/** From Ĵ_i of all tasks of a batch, and their figures, to m_i: [B] → [B]. */
export type TaskMultipliers = (
  meanReturns: readonly number[],
  figures: readonly TaskFigures[],
) => readonly number[];

/** One task, adapted to: everything that its meta-gradient is estimated from. */
export interface TaskRun {
  readonly update: InnerUpdate;
  readonly adaptation: Adaptation;
  readonly outer: OuterEstimate;
  /** What drew the data; absent if the data were given. */
  readonly sampler?: TaskSampler;
}

/** The score term of step t: how the distribution of the data D_t depends on θ_{t−1}. */
export type ScoreRule<Term extends ScoreTerm = ScoreTerm> = (at: ScoreRuleInput) => Term;

/** A task's run, seen from step t of the recursion. */
export interface ScoreRuleInput extends TaskRun {
  /** Counted from 1, as in θ_t. */
  readonly t: number;
  /** Step t: θ_{t−1}, D_t and its weights. */
  readonly step: AdaptationStep;
  /** λ_t, the current value of the recursion: an estimate of the gradient with respect to θ_t. */
  readonly lambda: Float64Array;
  /** Derivatives of step t. The tangent along λ_t costs little more once the curvature is computed. */
  readonly derivatives: StepDerivatives;
}

/** Multipliers of the scores, or the whole term if it is not a sum of scores. */
export type ScoreTerm = Multipliers | ScoreVector;

/**
 * The multiplier of the score of each trajectory of D_t: a return or a difference of returns. An advantage standardised
 * over the batch has mean zero and would delete the term (refused by `defineEstimator`).
 */
export interface Multipliers {
  /** m_j: [N]. */
  readonly multipliers: Float64Array;
  /** Effective sample size of their importance weights, as a fraction; 1 if there are none. */
  readonly effectiveSampleSize?: number;
}

/** The score term of a step as a vector, for rules that do not sum scores (`reparameterised`). */
export interface ScoreVector {
  /** The vector that replaces Σ_j m_{t,j} s(τ_j; θ_{t−1}): [d]. */
  readonly vector: Float64Array;
  readonly effectiveSampleSize?: number;
}
