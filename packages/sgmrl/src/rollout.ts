import { fold, type Key } from "@sgmrl/autodiff/random";
import { type Environment, width } from "@sgmrl/envs";
import type { LogLikelihood } from "./log-likelihood.ts";
import type { Policy } from "./policy/policy.ts";
import type { TrajectoryBatch } from "./trajectory.ts";

/** The two uses of a trajectory's key: its world and its actions draw from streams of their own. */
const use = { world: 0, actions: 1 } as const;

export interface RolloutSettings {
  readonly trajectories: number;
  readonly horizon: number;
}

/**
 * Samples trajectories τ_1, …, τ_N ~ q(·; θ) of one task, in lock step.
 *
 * Trajectory j draws from fold(key, j), so it is the same whatever is sampled beside it. Each runs until it
 * terminates or reaches the horizon; none is replaced.
 *
 * `visit` is shown the states after every step, to draw them.
 */
export function rollout(
  environment: Environment,
  task: unknown,
  policy: Policy,
  model: LogLikelihood,
  theta: Float64Array,
  key: Key,
  { trajectories: N, horizon: H }: RolloutSettings,
  visit?: (time: number, states: Float64Array) => void,
): TrajectoryBatch {
  const [o, a] = [width(environment.observation), policy.actionWidth];
  const batch = environment.batch(task, N);
  const keys = Array.from({ length: N }, (_, j) => fold(key, j));
  const actionKeys = keys.map((k) => fold(k, use.actions));

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

  batch.reset(
    keys.map((k) => fold(k, use.world)),
    observations,
  );
  visit?.(0, batch.states);
  for (let h = 0; h < H && terminated.includes(0); h++) {
    const distribution = model.distribution(theta, observations);
    for (let j = 0; j < N; j++) {
      if (terminated[j] === 1) continue;
      const row = j * H + h;
      const action = actions.subarray(j * a, (j + 1) * a);
      policy.sample(distribution, j, actionKeys[j]!, h, action);
      data.observations.set(observations.subarray(j * o, (j + 1) * o), row * o);
      data.actions.set(action, row * a);
      data.lengths[j] = h + 1;
    }
    const running = terminated.map((ended) => 1 - ended);
    batch.step(actions, { observations, rewards, terminated });
    for (let j = 0; j < N; j++) if (running[j] === 1) data.rewards[j * H + h] = rewards[j]!;
    visit?.(h + 1, batch.states);
  }
  return data;
}
