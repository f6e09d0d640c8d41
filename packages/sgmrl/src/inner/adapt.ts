import { addScaled } from "../arithmetic.ts";
import type { LogLikelihood, WeightedLikelihood } from "../policy/log-likelihood.ts";
import type { InnerSettings } from "../settings.ts";
import type { TrajectoryBatch } from "../trajectory.ts";
import type { MatrixProduct } from "./combination.ts";
import { type SurrogateWeights, surrogateWeights } from "./surrogate-weights.ts";

/** What defines the update U of one task: the policy's log-likelihood, α, and the weights of the surrogate. */
export interface InnerUpdate {
  readonly model: LogLikelihood;
  /** α. */
  readonly stepSize: number;
  /** The surrogate ν(θ; D) = Σ_r w_r ln π(a_r|s_r; θ), by its row weights w, which are computed from the data alone. */
  readonly surrogate: (batch: TrajectoryBatch) => SurrogateWeights;
  /** γ. */
  readonly discount: number;
}

/** The update that the settings describe. `multiply` computes the weights of many parts of a batch at once. */
export function innerUpdate(
  model: LogLikelihood,
  settings: Omit<InnerSettings, "steps" | "trajectories">,
  discount: number,
  multiply?: MatrixProduct,
): InnerUpdate {
  return {
    model,
    stepSize: settings.stepSize,
    discount,
    surrogate: (batch) => surrogateWeights(settings, batch, discount, multiply),
  };
}

/** One inner step: θ_{t−1}, D_t, its row weights, ν(·; D_t) at θ_{t−1}, and the weights of subsets of D_t. */
export interface AdaptationStep {
  readonly theta: Float64Array;
  readonly batch: TrajectoryBatch;
  readonly weights: Float64Array;
  readonly objective: WeightedLikelihood;
  readonly surrogate: SurrogateWeights;
}

/** The inner steps t = 1 … ζ and their result. */
export interface Adaptation {
  readonly steps: readonly AdaptationStep[];
  /** θ_ζ. */
  readonly adapted: Float64Array;
}

/** U(θ; D) = θ + α ∇ν(θ; D).                                                          [eq:inner-step] */
export function adapt(
  { model, stepSize }: InnerUpdate,
  theta: Float64Array,
  batch: TrajectoryBatch,
  weights: Float64Array,
): Float64Array {
  return addScaled(theta, stepSize, model.gradient(theta, batch, weights));
}

/** D_t = sample(θ_{t−1}, t). */
export type DrawBatch = (theta: Float64Array, step: number) => TrajectoryBatch;

/** D_1, …, D_K and θ_K, K = `steps`, where no derivatives of the steps are needed.          [eq:inner-step] */
export function adaptOnly(
  update: InnerUpdate,
  theta: Float64Array,
  steps: number,
  sample: DrawBatch,
): { readonly batches: readonly TrajectoryBatch[]; readonly adapted: Float64Array } {
  const batches: TrajectoryBatch[] = [];
  let current = theta;
  for (let t = 1; t <= steps; t++) {
    const batch = sample(current, t);
    batches.push(batch);
    current = adapt(update, current, batch, update.surrogate(batch).rows());
  }
  return { batches, adapted: current };
}

/** Takes ζ = `steps` inner steps from θ, with D_t = sample(θ_{t−1}, t).                    [eq:inner-step] */
export function adaptFrom(
  update: InnerUpdate,
  theta: Float64Array,
  steps: number,
  sample: DrawBatch,
): Adaptation {
  const taken: AdaptationStep[] = [];
  let current = theta;
  for (let t = 1; t <= steps; t++) {
    const batch = sample(current, t);
    const surrogate = update.surrogate(batch);
    const weights = surrogate.rows();
    const objective = update.model.weighted(current, batch, weights);
    taken.push({ theta: current, batch, weights, objective, surrogate });
    current = addScaled(current, update.stepSize, objective.gradient);
  }
  return { steps: taken, adapted: current };
}
