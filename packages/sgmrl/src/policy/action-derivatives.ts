import {
  array,
  broadcastTo,
  compile,
  type NdArray,
  reference,
  reshape,
  sub,
  transpose,
  vjp,
} from "@sgmrl/autodiff";
import type { TrajectoryBatch } from "../trajectory.ts";
import type { Execution } from "./log-likelihood.ts";
import { parametersOf } from "./parameters.ts";
import type { Policy } from "./policy.ts";

/**
 * What differentiating data through a simulator needs from a policy besides the derivatives of ℓ_r: those of the actions
 * a_r = a(θ, o_r, ε_r), where ε is the noise with which they were drawn.
 */
export interface ActionDerivatives {
  /** ∂a_r/∂o_r for each component of the action, by time, as it is used: [H, N, observationWidth]. */
  feedback(theta: Float64Array, batch: TrajectoryBatch, noise: Float64Array): Float64Array[];
  /** σ_r = ∂a_r/∂ε_r, for actions each of whose components is linear in its own noise: [rows, actionWidth]. */
  scale(theta: Float64Array, batch: TrajectoryBatch): Float64Array;
  /** Σ_r (∂σ_r/∂θ)ᵀ σ̄_r: [d]. */
  scalePullback(theta: Float64Array, batch: TrajectoryBatch, scaleBar: Float64Array): Float64Array;
  /** Σ_r (∂a_r/∂θ)ᵀ ā_r: [d]. */
  pullback(
    theta: Float64Array,
    batch: TrajectoryBatch,
    noise: Float64Array,
    aBar: Float64Array,
  ): Float64Array;
}

/** These derivatives, compiled once per batch size; null if actions are not differentiable functions of θ. */
export function actionDerivatives(
  policy: Policy,
  { backend = reference, dtype = "float64" }: Execution = {},
): ActionDerivatives | null {
  const actionsOf = policy.actions;
  if (actionsOf === undefined) return null;
  const options = { backend, dtype };
  const actions = (theta: NdArray, observations: NdArray, noise: NdArray): NdArray =>
    actionsOf(policy.distribution(parametersOf(policy.layout, theta), observations), noise);

  const scale = (theta: NdArray, observations: NdArray): NdArray => {
    const distribution = policy.distribution(parametersOf(policy.layout, theta), observations);
    const zero = actionsOf(distribution, array(0, undefined, dtype));
    return sub(actionsOf(distribution, array(1, undefined, dtype)), zero);
  };

  const programs = {
    scale: compile(scale, options),
    scalePullback: compile(
      (theta: NdArray, observations: NdArray, bar: NdArray) =>
        vjp((at: NdArray) => scale(at, observations))(theta)[1](bar)[0],
      options,
    ),
    feedback: compile((theta: NdArray, observations: NdArray, noise: NdArray) => {
      const z = byTime(noise);
      const [a, pull] = vjp((o: NdArray) => actions(theta, o, z))(byTime(observations));
      return Array.from({ length: policy.actionWidth }, (_, i) => {
        const unit = array(
          Array.from({ length: policy.actionWidth }, (_, k) => (k === i ? 1 : 0)),
          undefined,
          dtype,
        );
        return pull(broadcastTo(unit, a.shape))[0];
      });
    }, options),
    pullback: compile(
      (theta: NdArray, observations: NdArray, noise: NdArray, aBar: NdArray) =>
        vjp((at: NdArray) => actions(at, observations, noise))(theta)[1](aBar)[0],
      options,
    ),
  };

  /** [N, H, width] → [H N, width] */
  const byTime = (x: NdArray): NdArray => {
    const [N, H, width] = x.shape as [number, number, number];
    return reshape(transpose(x, [1, 0, 2]), [H * N, width]);
  };
  const vector = (x: Float64Array): NdArray => array(x, [x.length], dtype);
  const rows = (x: Float64Array, batch: TrajectoryBatch): NdArray =>
    array(x, [batch.rewards.length, x.length / batch.rewards.length], dtype);
  return {
    scale: (theta, batch) => float64(programs.scale(vector(theta), rows(batch.observations, batch))),
    scalePullback: (theta, batch, bar) =>
      float64(programs.scalePullback(vector(theta), rows(batch.observations, batch), rows(bar, batch))),
    feedback(theta, batch, noise) {
      const { trajectories: N, horizon: H } = batch;
      const sequences = (x: Float64Array): NdArray => array(x, [N, H, x.length / (N * H)], dtype);
      return programs.feedback(vector(theta), sequences(batch.observations), sequences(noise)).map(float64);
    },
    pullback: (theta, batch, noise, aBar) =>
      float64(
        programs.pullback(
          vector(theta),
          rows(batch.observations, batch),
          rows(noise, batch),
          rows(aBar, batch),
        ),
      ),
  };
}

function float64({ data }: NdArray): Float64Array {
  return data instanceof Float64Array ? data : new Float64Array(data);
}
