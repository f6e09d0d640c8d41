import { fold, key, normal } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { actionScale, clip, type GoalTask, navigation2D } from "../../src/index.ts";
import { type Episode, runEpisode } from "../support/rollout.ts";

// Six policies on 2-D navigation, 4000 tasks each. Reference figures are from an independent NumPy simulation of
// the same definition with 4000 tasks of its own, so both sides have a sampling error; ours is measured, and
// theirs is taken as equal. A check fails when they differ by more than 4.5 standard errors of the difference
// plus the rounding of the printed figure: 18 checks at 6.8e-6 each, a false alarm once in 8000 keys.
const tasks = 4000;
const zLimit = 4.5;
const speed = 100; // action units per unit of length: a = 100 (g - s) asks for the whole way at once
const fullSpeed = (wanted: number): number => clip(speed * wanted, actionScale);

const withTermination = navigation2D();
const withoutTermination = navigation2D({ name: "navigation-2d-unending", terminates: false });

describe.each([
  {
    policy: "standing still",
    environment: withTermination,
    act: () => [0, 0],
    expected: { undiscounted: -38.6, discounted: -24.5, length: 100 },
    rounding: { undiscounted: 0.05, discounted: 0.05, length: 0.5 },
  },
  {
    policy: "mean 0, standard deviation 1",
    environment: withTermination,
    act: (_goal: GoalTask["goal"], _s: Float64Array, z0: number, z1: number) => [z0, z1],
    expected: { undiscounted: -38.9, discounted: -24.6, length: 99.3 },
    rounding: { undiscounted: 0.05, discounted: 0.05, length: 0.05 },
  },
  {
    policy: "straight to the goal at full speed",
    environment: withTermination,
    act: ([gx, gy]: GoalTask["goal"], s: Float64Array) => [fullSpeed(gx - s[0]!), fullSpeed(gy - s[1]!)],
    expected: { undiscounted: -0.5, discounted: -0.49, length: 3.7 },
    rounding: { undiscounted: 0.005, discounted: 0.005, length: 0.05 },
  },
  {
    policy: "straight to the goal, standard deviation 1",
    environment: withTermination,
    act: towards,
    expected: { undiscounted: -0.56, discounted: -0.55, length: 4.9 },
    rounding: { undiscounted: 0.005, discounted: 0.005, length: 0.05 },
  },
  {
    policy: "straight to the goal, standard deviation 1, termination off",
    environment: withoutTermination,
    act: towards,
    expected: { undiscounted: -1.74, discounted: -1.28, length: 100 },
    rounding: { undiscounted: 0.005, discounted: 0.005, length: 0 },
  },
  {
    policy: "drift that reaches the goal at time 100, standard deviation 1",
    environment: withTermination,
    act: ([gx, gy]: GoalTask["goal"], _s: Float64Array, z0: number, z1: number) => [gx + z0, gy + z1],
    expected: { undiscounted: -21.8, discounted: -15.3, length: 96.9 },
    rounding: { undiscounted: 0.05, discounted: 0.05, length: 0.05 },
  },
])("$policy", ({ policy, environment, act, expected, rounding }) => {
  const episodes = Array.from({ length: tasks }, (_, i): Episode => {
    const k = fold(key(20_21), i);
    const task = environment.family.sample(fold(k, 0));
    const noise = normal(fold(k, 1), 2 * environment.horizon);
    return runEpisode(environment, task, fold(k, 2), noise, (s, z0, z1, action) => {
      action.set(act(task.goal, s, z0, z1));
    });
  });

  it.each(["undiscounted", "discounted", "length"] as const)("has the reference's mean %s", (measure) => {
    const { mean, standardError } = summarise(episodes.map((episode) => episode[measure]));
    const tolerance = zLimit * Math.SQRT2 * standardError + rounding[measure];
    expect(
      Math.abs(mean - expected[measure]),
      `${policy}: ${measure} ${mean} ± ${standardError}`,
    ).toBeLessThanOrEqual(tolerance);
  });
});

// [eq:navigation-2d]
it("standing still earns what the integral over goals says", () => {
  // -H E||g||, and E||g|| = (sqrt 2 + log(1 + sqrt 2)) / 6 over the square [-1/2, 1/2]^2.
  const exact = (-100 * (Math.SQRT2 + Math.log(1 + Math.SQRT2))) / 6;
  const returns = Array.from({ length: tasks }, (_, i) => {
    const task = withoutTermination.family.sample(fold(key(7), i));
    return runEpisode(withoutTermination, task, key(0), new Float64Array(200), (_s, _z0, _z1, action) => {
      action.fill(0);
    }).undiscounted;
  });
  const { mean, standardError } = summarise(returns);
  expect(Math.abs(mean - exact)).toBeLessThan(zLimit * standardError);
  expect(standardError).toBeLessThan(0.25); // so that the line above says something
});

/** The mean is an action of the box, as a goal-aware policy would choose it; the noise comes on top. */
function towards([gx, gy]: GoalTask["goal"], s: Float64Array, z0: number, z1: number): number[] {
  return [fullSpeed(gx - s[0]!) + z0, fullSpeed(gy - s[1]!) + z1];
}

function summarise(x: readonly number[]): { mean: number; standardError: number } {
  const mean = x.reduce((sum, xi) => sum + xi, 0) / x.length;
  const variance = x.reduce((sum, xi) => sum + (xi - mean) ** 2, 0) / (x.length - 1);
  return { mean, standardError: Math.sqrt(variance / x.length) };
}
