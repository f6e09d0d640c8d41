import { array, jvp, type NdArray } from "@sgmrl/autodiff";
import { key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { growth, logNorm, quantiles } from "../../../../src/experiments/studies/gait/growth.ts";
import { parametersOf } from "../../../../src/policy/parameters.ts";
import { smoothEnvironment } from "../../../support/smooth-environment.ts";
import { walks } from "../../../support/walks.ts";

it("logNorm of rotations and stretches is the stretch, far beyond the range of numbers", () => {
  const rotate = (angle: number) =>
    Float64Array.of(Math.cos(angle), -Math.sin(angle), Math.sin(angle), Math.cos(angle));
  const stretch = Float64Array.of(1e6, 0, 0, 1e-3);
  const factors = [rotate(0.3), ...Array.from({ length: 100 }, () => stretch), rotate(1.1)];
  expect(Math.abs(logNorm(factors, 2) - 600)).toBeLessThan(1e-9);
  expect(logNorm([new Float64Array(4)], 2)).toBe(Number.NEGATIVE_INFINITY);
});

describe("growth, by tangents of the rollout", () => {
  const k = key(5);
  const environment = smoothEnvironment(k, { states: 1, actions: 2, horizon: 4 });
  const { theta, sampler } = walks(environment, k, {
    advantage: "reward-to-go",
    convention: "paper",
    steps: 1,
    stepSize: 0.1,
    trajectories: 1,
    horizon: 4,
  });
  const batch = sampler.sample(theta, 1);
  const { policy } = sampler;
  const noise = sampler.noise(1).actions[0]!;
  const ofPolicy = (state: NdArray, h: number): NdArray => {
    const distribution = policy.distribution(parametersOf(policy.layout, array(theta)), state);
    return policy.actions!(distribution, array(noise.subarray(2 * h, 2 * h + 2)));
  };
  const held = (_: NdArray, h: number): NdArray => array(batch.actions.subarray(2 * h, 2 * h + 2));

  it.each([
    ["of the policy", ofPolicy],
    ["held", held],
  ] as const)("controls %s", (controls, actionAt) => {
    const run = (s0: NdArray): NdArray => {
      let state = s0;
      for (let h = 0; h < 4; h++)
        state = environment.differentiable!.step(state, actionAt(state, h), array([0])).state;
      return state;
    };
    const [, slope] = jvp(run)([array([batch.observations[0]!])], [array([1])]);
    const [[found, ...others]] = growth(sampler, theta, batch, [4], 0, controls) as [number[]];
    expect(others).toEqual([]);
    expect(Math.abs(found! - Math.log10(Math.abs(slope.data[0]!)))).toBeLessThan(1e-10);
  });
});

it("quantiles are those of the sorted values", () => {
  const values = Array.from({ length: 40 }, (_, i) => (7 * i) % 40);
  expect(quantiles(values)).toEqual({ median: 20, high: 38 });
  expect(quantiles([3])).toEqual({ median: 3, high: 3 });
});
