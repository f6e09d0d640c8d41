/** Which environments an estimator that differentiates data accepts, refuses by name, or notes a bias of. */
import { describe, expect, it } from "vitest";
import { cautionOf, conflicts } from "../../src/config/combinations.ts";
import { presets } from "../../src/config/presets.ts";
import type { RunConfig } from "../../src/settings.ts";

function configOf(environment: string, estimator: string, kind = "gaussian-mlp"): RunConfig {
  const quick = presets.quick!;
  return {
    ...quick,
    experiment: {
      ...quick.experiment,
      environment,
      policy: { kind, hidden: [4] },
      estimator: { name: estimator },
    },
  };
}

describe("[eq:jump-distance] reparameterised", () => {
  it.each([
    [
      "needle-bandit",
      "categorical-mlp",
      /actions of needle-bandit are discrete. Use "jackknife-per-decision"/,
    ],
    [
      "ant-goal",
      "gaussian-mlp",
      /step of ant-goal has neither a program nor an adjoint. Use "jackknife-linear"/,
    ],
  ])("is refused on %s, by name and with what to use", (environment, kind, reason) => {
    const [found, ...more] = conflicts(configOf(environment, "reparameterised", kind));
    expect(more).toEqual([]);
    expect(found!.path).toBe("experiment.estimator.name");
    expect(found!.reason).toMatch(reason);
  });

  it.each([
    ["navigation-2d", /jump in θ where the episode ends at the goal.*"reparameterised-warped"/],
    ["corner-2d", /where the sparse reward begins/],
    ["walls-2d", /where a wall begins to hold the point back/],
  ])("is noted to be biased on %s, which jumps; the warped one is not", (environment, note) => {
    expect(conflicts(configOf(environment, "reparameterised"))).toEqual([]);
    expect(cautionOf(configOf(environment, "reparameterised"))).toMatch(note);
    expect(cautionOf(configOf(environment, "reparameterised-warped"))).toBeNull();
    expect(cautionOf(configOf(environment, "maml"))).toBeNull();
  });

  it.each([
    ["walker2d-direction", /where a shape touches the floor.*"jackknife-coupled" counts it/],
    ["swimmer-velocity", /where a joint reaches its limit/],
  ])("is noted to be biased on %s, whose jumps have no distance to be warped by", (environment, note) => {
    expect(conflicts(configOf(environment, "reparameterised"))).toEqual([]);
    expect(cautionOf(configOf(environment, "reparameterised"))).toMatch(note);
    const [found] = conflicts(configOf(environment, "reparameterised-warped"));
    expect(found!.reason).toMatch(/states no distance from where its data jump. Use "jackknife-coupled"/);
  });

  it.each(["corner-2d-dense", "momentum-2d", "toy-1d", "half-cheetah-direction"])(
    "has nothing to note on %s",
    (environment) => {
      expect(conflicts(configOf(environment, "reparameterised"))).toEqual([]);
      expect(cautionOf(configOf(environment, "reparameterised"))).toBeNull();
    },
  );
});
