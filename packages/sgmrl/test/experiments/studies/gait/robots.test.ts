import { key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { type Environment, findEnvironment } from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { presets } from "../../../../src/config/presets.ts";
import { growth } from "../../../../src/experiments/studies/gait/growth.ts";
import { alongGaits, planar } from "../../../../src/experiments/studies/gait/robots.ts";
import { partsOf } from "../../../../src/meta-gradient/parts.ts";
import { taskSetting } from "../../../../src/meta-gradient/task-setting.ts";

const { inner, ...shared } = presets["half-cheetah-short"]!.experiment;
const small = { ...shared, inner: { ...inner, trajectories: 8 }, precision: "float64" } as const;

/** Trajectories of an untrained policy. */
function untrained(environment: string, horizon: number) {
  const estimator = { name: "reparameterised" };
  const setting = taskSetting(partsOf({ ...small, environment, horizon, estimator }), wasm);
  const theta = setting.policy.initialize(key(0));
  const sampler = setting.sampler(setting.environment.family.sample(key(1)), key(2), 1);
  return { theta, sampler, batch: sampler.sample(theta, 1) };
}

it.each(planar)(
  "of $robot, $skipped coordinates move nothing else, and are all that the policy does not see",
  ({ changed, skipped }) => {
    const h = 8;
    const { sampler, batch } = untrained(changed.environment!, h + 1);
    const adjoint = sampler.simulator!.adjoint(batch, sampler.task);
    const chosen = Int32Array.of(0);
    const s = adjoint.stateSize;
    for (let i = 0; i < s; i++) {
      const p = new Float64Array(batch.trajectories * s);
      p[i] = 1;
      const [rewards, actions] = [
        new Float64Array(batch.rewards.length),
        new Float64Array(batch.actions.length),
      ];
      adjoint.pull(h, chosen, p, rewards, actions);
      for (let from = 0; from < skipped; from++) expect(p[from]).toBeCloseTo(i === from ? 1 : 0, 12);
    }
    const seen = new Float64Array(batch.trajectories * s);
    const observations = new Float64Array(batch.observations.length / batch.horizon).fill(1);
    adjoint.pullObservations(h, chosen, observations, seen);
    expect([...seen.subarray(0, s)].findIndex((x) => x !== 0)).toBe(skipped);
  },
);

it("without limits a joint of the swimmer turns further than with them", () => {
  const { withoutLimits } = planar.find(({ robot }) => robot === "swimmer")!;
  const furthest = (environment: Environment): number => {
    const task = environment.family.sample(key(0));
    let state = environment.reset(key(1), task);
    let most = 0;
    for (let t = 0; t < 100; t++) {
      state = environment.step(state, [1, 1], task).state;
      most = Math.max(most, Math.abs(state.values[3]!));
    }
    return most;
  };
  const end = (100 * Math.PI) / 180;
  expect(furthest(findEnvironment("swimmer-velocity"))).toBeLessThan(1.1 * end);
  expect(furthest(withoutLimits!())).toBeGreaterThan(1.2 * end);
});

describe("episodes that end", () => {
  it("count for a lag only where they take that many more steps", () => {
    const { theta, sampler, batch } = untrained("hopper-parameters", 60);
    const lengths = [...batch.lengths];
    expect(Math.min(...lengths)).toBeLessThan(60);
    const lags = [1, 5, 20];
    const expected = lags.map((lag) =>
      lengths.reduce((sum, length) => sum + Math.max(0, Math.floor((length - lag) / 10) + 1), 0),
    );
    const found = growth(sampler, theta, batch, lags, 1);
    expect(found.map((values) => values.length)).toEqual(expected);
    for (const values of found) expect(values.every(Number.isFinite)).toBe(true);
  });

  it("are counted, and a lag that too few of them reach has no row", () => {
    const experiment = { ...small, environment: "hopper-parameters", horizon: 60 };
    const { theta } = untrained(experiment.environment, experiment.horizon);
    const { before, after } = alongGaits(experiment, theta, 1, { tasks: 2, trajectories: 6, lags: [1, 60] });
    expect(before.ended).toBeGreaterThan(0.5);
    expect(before.length).toBeLessThan(60);
    expect(before.growth.map(({ lag, controls }) => [lag, controls])).toEqual([
      [1, "of the policy"],
      [1, "held"],
    ]);
    expect(before.growth[0]!.starts).toBe(before.growth[1]!.starts);
    expect(before.growth[0]!.median).not.toBe(before.growth[1]!.median);
    expect(after.growth[0]!.median).not.toBe(before.growth[0]!.median);
  });
});
