import { key } from "@sgmrl/autodiff/random";
import { bernoulliBandit, defineEnvironment, findEnvironment, navigation2D, walls2D } from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { createPolicy } from "../../src/policy/create-policy.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import { drawNoise, rollout } from "../../src/sampling/rollout.ts";
import { pick } from "../../src/trajectory.ts";

const navigation = navigation2D();
const policy = createPolicy({ kind: "gaussian-mlp", hidden: [8] }, navigation);
const model = logLikelihood(policy);
const theta = policy.initialize(key(1));
const task = navigation.family.sample(key(2));
const H = 12;
const noise = drawNoise(policy, key(3), 5, H);
const batch = rollout(navigation, task, policy, model, theta, noise);

describe("[eq:rollout]", () => {
  it("steps the environment: the single form, step by step, gives the same rows", () => {
    for (let j = 0; j < 5; j++) {
      let state = navigation.reset(noise.world[j]!, task);
      for (let h = 0; h < batch.lengths[j]!; h++) {
        const row = j * H + h;
        const observation = navigation.observe(state, task);
        expect(batch.observations.slice(2 * row, 2 * row + 2)).toEqual(observation);
        const action = new Float64Array(2);
        policy.sample(model.at(theta)(observation), 0, noise.actions[j]!, h, action);
        expect(batch.actions.slice(2 * row, 2 * row + 2)).toEqual(action);
        const next = navigation.step(state, action, task);
        expect(batch.rewards[row]).toBe(next.reward);
        state = next.state;
      }
    }
  });

  it("gives trajectory j the same, whatever is sampled beside it", () => {
    const fewer = rollout(navigation, task, policy, model, theta, drawNoise(policy, key(3), 2, H));
    expect(fewer).toEqual(pick(batch, [0, 1]));
  });

  it("is a function of its noise; another key gives other trajectories", () => {
    expect(rollout(navigation, task, policy, model, theta, noise)).toEqual(batch);
    const other = rollout(navigation, task, policy, model, theta, drawNoise(policy, key(4), 5, H));
    expect(other.actions).not.toEqual(batch.actions);
  });

  it("ends a trajectory where it terminates, and pads with zeros", () => {
    const bandit = bernoulliBandit(3);
    const arms = createPolicy({ kind: "categorical-mlp", hidden: [] }, bandit);
    const result = rollout(
      bandit,
      bandit.family.sample(key(5)),
      arms,
      logLikelihood(arms),
      new Float64Array(3),
      drawNoise(arms, key(6), 4, 3),
    );
    expect([...result.lengths]).toEqual([1, 1, 1, 1]);
    for (let row = 0; row < 12; row++) {
      if (row % 3 === 0) continue;
      expect([result.observations[row], result.actions[row], result.rewards[row]]).toEqual([0, 0, 0]);
    }
  });

  it("moves little when the policy moves little, under the same noise", () => {
    const near = rollout(
      navigation,
      task,
      policy,
      model,
      theta.map((x) => x + 1e-6),
      noise,
    );
    near.observations.forEach((x, i) => {
      expect(Math.abs(x - batch.observations[i]!)).toBeLessThan(1e-4);
    });
  });

  it("shows every state to a visitor, the first one included", () => {
    const times: number[] = [];
    const walls = walls2D("sparse");
    rollout(walls, walls.family.sample(key(7)), policy, model, theta, noise, {
      visit: (time, states) => {
        times.push(time);
        expect(states.length).toBeGreaterThanOrEqual(10);
      },
    });
    expect(times).toEqual(Array.from({ length: H + 1 }, (_, h) => h));
  });
});

it("a policy of the wrong kind for the actions is refused with the right one", () => {
  expect(() => createPolicy({ kind: "categorical-mlp", hidden: [] }, navigation)).toThrow(
    'Use "gaussian-mlp"',
  );
  expect(() => createPolicy({ kind: "gaussian-mlp", hidden: [] }, findEnvironment("needle-bandit"))).toThrow(
    'Use "categorical-mlp"',
  );
});

it.each<[string, Float64Array, number, string]>([
  [
    "the parameters",
    theta.map(() => Number.NaN),
    0,
    "the policy's action is not finite (NaN, NaN). Smaller steps",
  ],
  [
    "the environment",
    theta,
    Number.NaN,
    "the observation is not finite (NaN, NaN). Correct the environment's observe.",
  ],
])("an action that is not finite is blamed on %s", (_, at, offset, message) => {
  const observe: typeof navigation.dynamics = (goal) => ({
    ...navigation.dynamics(goal),
    observe: (_state, _s, observation, o) => observation.fill(offset, o, o + 2),
  });
  const environment = defineEnvironment({
    ...navigation,
    dynamics: offset === 0 ? navigation.dynamics : observe,
  });
  expect(() => rollout(environment, task, policy, model, at, noise)).toThrow(
    `trajectory 0, time 0: ${message}`,
  );
});
