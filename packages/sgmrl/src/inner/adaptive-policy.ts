import type { Key } from "@sgmrl/autodiff/random";
import { logLikelihood } from "../policy/log-likelihood.ts";
import type { Policy } from "../policy/policy.ts";
import type { InnerSettings } from "../settings.ts";
import type { TrajectoryBatch } from "../trajectory.ts";
import { adapt, innerUpdate } from "./adapt.ts";

/** One episode of a task, step by step. */
export interface Episode {
  /** [length][observationWidth], [length][actionWidth], [length]. */
  readonly observations: readonly ArrayLike<number>[];
  readonly actions: readonly ArrayLike<number>[];
  readonly rewards: ArrayLike<number>;
}

/** A policy in use: it acts, and adapts to the episodes that it has seen. */
export interface AdaptivePolicy {
  readonly policy: Policy;
  /** θ: [d]. */
  readonly theta: Float64Array;
  /**
   * Samples a ~ π(·|s; θ): the same action for the same key.
   *
   * Shapes  observation: [observationWidth] → [actionWidth]; of a discrete action, its number
   * Errors  RangeError if the observation has the wrong width or is not finite
   */
  act(observation: ArrayLike<number>, key: Key): Float64Array;
  /**
   * The policy after one inner step on episodes of one task.                            [eq:inner-step]
   *
   * Errors  RangeError if there are no episodes, or one has arrays of wrong lengths or widths, numbers that are not
   *         finite, or a discrete action that does not exist
   */
  adapt(episodes: readonly Episode[]): AdaptivePolicy;
}

/**
 * The policy with parameters θ, and the update that it was trained for.
 *
 * Shapes  theta: [d]
 * Errors  RangeError for a θ of another length or not finite; from `adapt` for no episodes, an empty one, or one whose
 *         widths or numbers are not the policy's
 */
export function adaptivePolicy(
  policy: Policy,
  theta: Float64Array,
  { discount, ...inner }: Omit<InnerSettings, "steps" | "trajectories"> & { readonly discount: number },
): AdaptivePolicy {
  refuseUnless(policy.layout.size, theta, "adaptivePolicy: theta");
  const model = logLikelihood(policy);
  const update = innerUpdate(model, inner, discount);
  const at = (current: Float64Array): AdaptivePolicy => {
    const distributionOf = model.at(current);
    return {
      policy,
      theta: current,
      act(observation, key) {
        refuseUnless(policy.observationWidth, observation, "act: the observation");
        const action = new Float64Array(policy.actionWidth);
        const distribution = distributionOf(Float64Array.from(observation));
        policy.sample(distribution, 0, policy.noise(key, 1), 0, action);
        return action;
      },
      adapt(episodes) {
        const batch = batchOf(policy, episodes);
        return at(adapt(update, current, batch, update.surrogate(batch).rows()));
      },
    };
  };
  return at(theta);
}

/** Episodes as a batch, as in training, padded to the longest. */
function batchOf(policy: Policy, episodes: readonly Episode[]): TrajectoryBatch {
  if (episodes.length === 0) throw new RangeError("adapt: expected at least one episode, got none.");
  const lengths = Int32Array.from(episodes, ({ rewards }) => rewards.length);
  const H = Math.max(...lengths);
  const [N, o, a] = [episodes.length, policy.observationWidth, policy.actionWidth];
  const batch: TrajectoryBatch = {
    trajectories: N,
    horizon: H,
    lengths,
    observations: new Float64Array(N * H * o),
    actions: new Float64Array(N * H * a),
    rewards: new Float64Array(N * H),
  };
  episodes.forEach(({ observations, actions, rewards }, j) => {
    const { length } = rewards;
    if (length === 0) throw new RangeError(`adapt: episode ${j} has no steps.`);
    if (observations.length !== length || actions.length !== length)
      throw new RangeError(
        `adapt: episode ${j} has ${observations.length} observations, ${actions.length} actions and ${length} ` +
          "rewards; expected as many of each.",
      );
    refuseUnless(length, rewards, `adapt: episode ${j}: rewards`);
    for (let h = 0; h < length; h++) {
      refuseUnless(o, observations[h]!, `adapt: episode ${j}, step ${h}: the observation`);
      refuseUnless(a, actions[h]!, `adapt: episode ${j}, step ${h}: the action`);
      if (policy.actionCount !== undefined)
        refuseAction(policy.actionCount, actions[h]![0]!, `adapt: episode ${j}, step ${h}: the action`);
      const row = j * H + h;
      batch.observations.set(observations[h]!, row * o);
      batch.actions.set(actions[h]!, row * a);
      batch.rewards[row] = rewards[h]!;
    }
  });
  return batch;
}

function refuseAction(count: number, action: number, what: string): void {
  if (Number.isInteger(action) && action >= 0 && action < count) return;
  throw new RangeError(`${what}: expected a whole number from 0 to ${count - 1}, got ${action}.`);
}

function refuseUnless(width: number, values: ArrayLike<number>, what: string): void {
  if (values.length !== width)
    throw new RangeError(`${what}: expected ${width} numbers, got ${values.length}.`);
  const bad = Array.from(values).findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new RangeError(`${what}: expected finite numbers; element ${bad} is ${values[bad]}.`);
}
