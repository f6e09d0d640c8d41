// A policy in use acts and adapts as in training: the same update on the same trajectories, bit for bit.
import { fold, key } from "@sgmrl/autodiff/random";
import { findEnvironment } from "@sgmrl/envs";
import { beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { InputError } from "../../src/errors.ts";
import { adapt } from "../../src/inner/adapt.ts";
import type { AdaptivePolicy, Episode } from "../../src/inner/adaptive-policy.ts";
import { surrogateWeights } from "../../src/inner/surrogate-weights.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import { drawNoise, rollout } from "../../src/sampling/rollout.ts";
import { loadPolicy } from "../../src/training/load-policy.ts";
import { train } from "../../src/training/train.ts";
import type { TrajectoryBatch } from "../../src/trajectory.ts";
import { emptyFolder } from "../support/runs.ts";

const config = parseConfig({
  file: {
    experiment: {
      policy: { hidden: [5] },
      inner: { trajectories: 3, advantage: "centred" },
      outer: { trajectories: 2 },
      horizon: 12,
      precision: "float64",
    },
    iterations: 2,
    tasks: 2,
    checkpointEvery: 1,
    evaluation: { every: 9, tasks: 2, finalTasks: 2, steps: 1 },
  },
});
const directory = `${emptyFolder()}/run`;
const environment = findEnvironment("navigation-2d");
let theta: Float64Array;
let loaded: AdaptivePolicy;

beforeAll(async () => {
  ({ theta } = (await train(config, directory, { workers: 0 })).state);
  loaded = await loadPolicy(directory);
});

/** Three episodes of different lengths, as a batch and one by one. */
function episodes() {
  const { policy } = loaded;
  const batch = rollout(
    environment,
    environment.family.sample(key(1)),
    policy,
    logLikelihood(policy),
    theta,
    drawNoise(policy, key(2), 3, 12),
  );
  const lengths: TrajectoryBatch["lengths"] = Int32Array.of(12, 7, 9);
  const within = (width: number) => (x: number, i: number) => {
    const row = Math.floor(i / width);
    return row % 12 < lengths[Math.floor(row / 12)]! ? x : 0;
  };
  const cut: TrajectoryBatch = {
    ...batch,
    lengths,
    observations: batch.observations.map(within(2)),
    actions: batch.actions.map(within(2)),
    rewards: batch.rewards.map(within(1)),
  };
  const each = Array.from(lengths, (length, j): Episode => {
    const rows = Array.from({ length }, (_, h) => j * 12 + h);
    return {
      observations: rows.map((row) => batch.observations.slice(2 * row, 2 * row + 2)),
      actions: rows.map((row) => [...batch.actions.slice(2 * row, 2 * row + 2)]),
      rewards: rows.map((row) => batch.rewards[row]!),
    };
  });
  return { batch: cut, each };
}

describe("a policy of a run", () => {
  it("is that of the last checkpoint, or of the one that is asked for", async () => {
    expect(loaded.theta).toEqual(theta);
    expect((await loadPolicy(directory, { from: 1 })).theta).not.toEqual(theta);
    await expect(loadPolicy(directory, { from: 7 })).rejects.toThrow(InputError);
    await expect(loadPolicy(emptyFolder())).rejects.toThrow("not the directory of a run");
  });

  it("[eq:inner-step] adapts by the update of training", () => {
    const { batch, each } = episodes();
    const { inner } = config.experiment;
    const discount = config.experiment.discount!;
    const update = {
      model: logLikelihood(loaded.policy),
      stepSize: inner.stepSize,
      discount,
      surrogate: (data: TrajectoryBatch) => surrogateWeights(inner, data, discount),
    };
    const expected = adapt(update, theta, batch, update.surrogate(batch).rows());
    const adapted = loaded.adapt(each);
    expect(adapted.theta).toEqual(expected);
    expect(adapted.theta).not.toEqual(theta);
    expect(loaded.theta).toEqual(theta);
  });

  it("[eq:gaussian-policy] acts as a rollout does, from the same random numbers", () => {
    const { policy } = loaded;
    const observation = Float64Array.of(0.25, -0.5);
    const distribution = logLikelihood(policy).at(theta)(observation);
    const z = policy.noise(key(5), 1);
    const action = loaded.act(observation, key(5));
    action.forEach((a, i) => {
      expect(a).toBe(distribution[i]! + distribution[2 + i]! * z[i]!);
    });
    expect(loaded.act([0.25, -0.5], key(5))).toEqual(action);
    expect(loaded.act(observation, fold(key(5), 1))).not.toEqual(action);
  });

  it.each<[string, (each: Episode[]) => Episode[], string]>([
    ["no episodes", () => [], "expected at least one episode"],
    [
      "an episode without steps",
      ([e]) => [e!, { observations: [], actions: [], rewards: [] }],
      "episode 1 has no steps",
    ],
    [
      "a missing action",
      ([e]) => [{ ...e!, actions: e!.actions.slice(1) }],
      "episode 0 has 12 observations, 11 actions",
    ],
    [
      "a short observation",
      ([e]) => [{ ...e!, observations: e!.observations.map(() => [1]) }],
      "step 0: the observation: expected 2 numbers, got 1",
    ],
    [
      "a reward that is NaN",
      ([e]) => [{ ...e!, rewards: Array.from(e!.rewards, () => Number.NaN) }],
      "episode 0: rewards: expected finite numbers; element 0 is NaN",
    ],
  ])("refuses %s", (_what, spoil, message) => {
    expect(() => loaded.adapt(spoil(episodes().each))).toThrow(message);
  });

  it("refuses an observation of another width", () => {
    expect(() => loaded.act([1, 2, 3], key(1))).toThrow("act: the observation: expected 2 numbers, got 3");
    expect(() => loaded.act([1, Number.POSITIVE_INFINITY], key(1))).toThrow(RangeError);
  });
});
