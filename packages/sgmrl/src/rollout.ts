import { fold, type Key } from "@sgmrl/autodiff/random";
import { type Environment, width } from "@sgmrl/envs";
import type { LogLikelihood } from "./log-likelihood.ts";
import type { Policy } from "./policy/policy.ts";
import type { TrajectoryBatch } from "./trajectory.ts";

/** The two uses of a trajectory's key: its world and its actions draw from streams of their own. */
const use = { world: 0, actions: 1 } as const;

/** The random numbers of N trajectories, whatever policy acts on them. */
export interface RolloutNoise {
  /** Of the world: one key per trajectory. */
  readonly world: readonly Key[];
  /** Of the actions: what `policy.noise` drew, per trajectory. */
  readonly actions: readonly Float64Array[];
  readonly horizon: number;
}

/** Trajectory j draws from fold(key, j), so it is the same whatever is sampled beside it. */
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
 * Each runs until it terminates or reaches the horizon; none is replaced. The same noise under two policies gives
 * coupled trajectories (common random numbers).
 *
 * `visit` is shown the states after every step, to draw them.
 */
export function rollout(
  environment: Environment,
  task: unknown,
  policy: Policy,
  model: LogLikelihood,
  theta: Float64Array,
  noise: RolloutNoise,
  visit?: (time: number, states: Float64Array) => void,
): TrajectoryBatch {
  const N = noise.world.length;
  const H = noise.horizon;
  const [o, a] = [width(environment.observation), policy.actionWidth];
  const batch = environment.batch(task, N);
  const data: TrajectoryBatch = {
    trajectories: N,
    horizon: H,
    lengths: new Int32Array(N),
    observations: new Float64Array(N * H * o),
    actions: new Float64Array(N * H * a),
    rewards: new Float64Array(N * H),
  };
  const observations = new Float64Array(N * o);
  const actions = new Float64Array(N * a);
  const rewards = new Float64Array(N);
  const terminated = new Uint8Array(N);
  const actionRows = Array.from({ length: N }, (_, j) => actions.subarray(j * a, (j + 1) * a));
  const distributionOf = model.at(theta);

  batch.reset(noise.world, observations);
  visit?.(0, batch.states);
  for (let h = 0; h < H && terminated.includes(0); h++) {
    const distribution = distributionOf(observations);
    for (let j = 0; j < N; j++) {
      if (terminated[j] === 1) continue;
      policy.sample(distribution, j, noise.actions[j]!, h, actionRows[j]!);
      const row = j * H + h;
      for (let i = 0; i < o; i++) data.observations[row * o + i] = observations[j * o + i]!;
      for (let i = 0; i < a; i++) data.actions[row * a + i] = actions[j * a + i]!;
      data.lengths[j] = h + 1;
    }
    batch.step(actions, { observations, rewards, terminated });
    for (let j = 0; j < N; j++) if (data.lengths[j] === h + 1) data.rewards[j * H + h] = rewards[j]!;
    visit?.(h + 1, batch.states);
  }
  return data;
}
