import { fold, type Key } from "@sgmrl/autodiff/random";
import { type Environment, width } from "@sgmrl/envs";
import { DivergenceError, RunError } from "../errors.ts";
import type { LogLikelihood } from "../policy/log-likelihood.ts";
import type { Policy } from "../policy/policy.ts";
import { pick, type TrajectoryBatch } from "../trajectory.ts";

/** The two uses of a trajectory's key: the environment and the actions draw from separate streams. */
const use = { world: 0, actions: 1 } as const;

/** The random numbers of N trajectories, whatever policy acts on them. */
export interface RolloutNoise {
  /** For the environment: one key per trajectory. */
  readonly world: readonly Key[];
  /** For the actions: the draws of `policy.noise`, per trajectory. */
  readonly actions: readonly Float64Array[];
  readonly horizon: number;
}

/** Receives the states after every step, to draw them: [N, stateSize]. */
export type Visitor = (time: number, states: Float64Array) => void;

export interface RolloutOptions {
  readonly visit?: Visitor | undefined;
  /** Whether the batch has `states` (default false). */
  readonly recordStates?: boolean | undefined;
}

/**
 * The random numbers of a batch of trajectories. Trajectory j draws from fold(key, j), so it does not depend on what else
 * is sampled.
 */
export function drawNoise(policy: Policy, key: Key, trajectories: number, horizon: number): RolloutNoise {
  const keys = Array.from({ length: trajectories }, (_, j) => fold(key, j));
  return {
    world: keys.map((k) => fold(k, use.world)),
    actions: keys.map((k) => policy.noise(fold(k, use.actions), horizon)),
    horizon,
  };
}

/**
 * Samples trajectories τ_1, …, τ_N ~ q(·; θ) of one task, in lock step.                  [eq:rollout]
 *
 *   a_h from π(·|s_h; θ) and the actions' noise,   s_{h+1}, r_h from the world's
 *
 * Each runs until it terminates or reaches the horizon and is not restarted.
 *
 * Shapes   theta: [d]
 * Errors   DivergenceError if the policy gives an action that is not finite; RunError if the observation was not, either;
 *          what the environment throws, as for a reward that is not finite
 * Example  docs/examples/rollout.ts
 */
export function rollout(
  environment: Environment,
  task: unknown,
  policy: Policy,
  model: LogLikelihood,
  theta: Float64Array,
  noise: RolloutNoise,
  { visit, recordStates }: RolloutOptions = {},
): TrajectoryBatch {
  return sample(environment, task, policy, model, [theta], noise, { visit, recordStates });
}

/** The same for several θ, each on the same noise: coupled trajectories (common random numbers). */
export function rolloutEach(
  environment: Environment,
  task: unknown,
  policy: Policy,
  model: LogLikelihood,
  thetas: readonly Float64Array[],
  noise: RolloutNoise,
  options: RolloutOptions = {},
): TrajectoryBatch[] {
  const N = noise.world.length;
  const all = sample(environment, task, policy, model, thetas, noise, options);
  return thetas.map((_, k) =>
    pick(
      all,
      Array.from({ length: N }, (_, j) => k * N + j),
    ),
  );
}

/** K N trajectories in lock step: number k N + j is trajectory j of policy k. */
function sample(
  environment: Environment,
  task: unknown,
  policy: Policy,
  model: LogLikelihood,
  thetas: readonly Float64Array[],
  noise: RolloutNoise,
  { visit, recordStates = false }: RolloutOptions,
): TrajectoryBatch {
  const N = noise.world.length;
  const KN = thetas.length * N;
  const H = noise.horizon;
  const [o, a] = [width(environment.observation), policy.actionWidth];
  const batch = environment.batch(task, KN);
  const data: TrajectoryBatch = {
    trajectories: KN,
    horizon: H,
    lengths: new Int32Array(KN),
    observations: new Float64Array(KN * H * o),
    actions: new Float64Array(KN * H * a),
    rewards: new Float64Array(KN * H),
    ...(recordStates ? { states: new Float64Array(KN * (H + 1) * environment.stateSize) } : {}),
  };
  /** States of the trajectories that reached time h. */
  const record = (h: number): void => {
    visit?.(h, batch.states);
    const { states, lengths } = data;
    if (states === undefined) return;
    const size = environment.stateSize;
    lengths.forEach((length, j) => {
      if (length < h) return;
      states.set(batch.states.subarray(j * size, (j + 1) * size), (j * (H + 1) + h) * size);
    });
  };
  const observations = new Float64Array(KN * o);
  const actions = new Float64Array(KN * a);
  const rewards = new Float64Array(KN);
  const terminated = new Uint8Array(KN);
  const actionRows = Array.from({ length: KN }, (_, j) => actions.subarray(j * a, (j + 1) * a));
  const distributionOf = model.at(...thetas);

  batch.reset(
    Array.from({ length: KN }, (_, j) => noise.world[j % N]!),
    observations,
  );
  record(0);
  for (let h = 0; h < H && terminated.includes(0); h++) {
    const distribution = distributionOf(observations);
    for (let j = 0; j < KN; j++) {
      if (terminated[j] === 1) continue;
      policy.sample(distribution, j, noise.actions[j % N]!, h, actionRows[j]!);
      if (!allFinite(actionRows[j]!))
        throw notFinite(
          `trajectory ${j % N}, time ${h}`,
          observations.subarray(j * o, (j + 1) * o),
          actionRows[j]!,
        );
      const row = j * H + h;
      for (let i = 0; i < o; i++) data.observations[row * o + i] = observations[j * o + i]!;
      for (let i = 0; i < a; i++) data.actions[row * a + i] = actions[j * a + i]!;
      data.lengths[j] = h + 1;
    }
    batch.step(actions, { observations, rewards, terminated });
    for (let j = 0; j < KN; j++) if (data.lengths[j] === h + 1) data.rewards[j * H + h] = rewards[j]!;
    record(h + 1);
  }
  return data;
}

/** A loop, since `every` calls a function for each number. */
function allFinite(numbers: Float64Array): boolean {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
  return true;
}

/** Whose fault an action is that is not finite: the environment's, if the observation is not, or the parameters'. */
function notFinite(place: string, observation: Float64Array, action: Float64Array): Error {
  if (!allFinite(observation))
    return new RunError(
      `${place}: the observation is not finite (${observation.join(", ")}). Correct the environment's observe.`,
    );
  return new DivergenceError(`${place}: the policy's action is not finite (${action.join(", ")})`);
}
