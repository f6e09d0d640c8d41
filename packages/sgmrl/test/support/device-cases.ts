/** Environments on a device: the cases and their distances from the hand-written environments. */
import { array, type Backend, iterate, type NdArray, vmap, zeros } from "@sgmrl/autodiff";
import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import { navigation2D, rigidBody } from "@sgmrl/envs";
import { createPolicy } from "../../src/policy/create-policy.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import { drawNoise, rollout } from "../../src/sampling/rollout.ts";
import type { TrajectoryBatch } from "../../src/trajectory.ts";
import { deviceRollout } from "./device-rollout.ts";

export interface RolloutPair {
  readonly ours: TrajectoryBatch;
  readonly expected: TrajectoryBatch;
}

/** Navigation on the device beside `rollout`, on one noise; the goal is so near that some trajectories reach it. */
export function navigationPair(backend: Backend, trajectories: number, horizon: number): RolloutPair {
  const environment = navigation2D();
  const policy = createPolicy({ kind: "gaussian-mlp", hidden: [16, 16] }, environment);
  const theta = policy.initialize(key(1));
  const task = { goal: [0.02, -0.01] as const };
  const noise = drawNoise(policy, key(3), trajectories, horizon);
  const run = deviceRollout(policy, navigation2D().differentiable!.step, backend);
  return {
    ours: run(theta, array([...task.goal]), zeros([trajectories, 2]), noise),
    expected: rollout(environment, task, policy, logLikelihood(policy), theta, noise),
  };
}

/** Largest distance of observations, actions and rewards. */
export function rolloutDistance({ ours, expected }: RolloutPair): number {
  const off = (a: Float64Array, b: Float64Array): number =>
    a.length === b.length ? Math.max(...a.map((x, i) => Math.abs(x - b[i]!))) : Number.POSITIVE_INFINITY;
  return Math.max(
    off(ours.observations, expected.observations),
    off(ours.actions, expected.actions),
    off(ours.rewards, expected.rewards),
  );
}

/** Robots in the air after some smooth steps on the device: the largest distance from `step`, relative to 1 + |x|. */
export function smoothDistance(
  backend: Backend,
  robot: rigidBody.Robot,
  count: number,
  steps: number,
): number {
  const model = rigidBody.compileModel(robot);
  const starts = Array.from({ length: count }, (_, k) => {
    const state = rigidBody.initialState(model);
    state.qpos[1] = 5; // high, where that is up
    state.qvel.set(normal(fold(key(8), k), model.nv));
    return { state, control: uniform(fold(key(9), k), model.nu).map((u) => 2 * u - 1) };
  });
  const many = vmap(rigidBody.smoothStep(model));
  const run = iterate((x: rigidBody.SmoothState, u: NdArray) => many(x, u), { backend, dtype: "float32" });
  const rows = (xs: readonly Float64Array[]): NdArray => array(xs.map((x) => [...x]));
  const end = run(
    { q: rows(starts.map(({ state }) => state.qpos)), v: rows(starts.map(({ state }) => state.qvel)) },
    rows(starts.map(({ control }) => control)),
    steps,
  );
  let worst = 0;
  starts.forEach(({ state, control }, k) => {
    let at = state;
    for (let t = 0; t < steps; t++) at = rigidBody.step(model, at, control);
    const compare = (ours: NdArray, theirs: Float64Array): void =>
      theirs.forEach((x, i) => {
        worst = Math.max(worst, Math.abs(ours.data[k * theirs.length + i]! - x) / (1 + Math.abs(x)));
      });
    compare(end.q, at.qpos);
    compare(end.v, at.qvel);
  });
  return worst;
}
