/** Which environments an estimator that differentiates data accepts, refuses by name, or notes a bias of. */
import { key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { cautionOf, conflicts } from "../../src/config/combinations.ts";
import { presets } from "../../src/config/presets.ts";
import { unitFor } from "../../src/execution/local-unit.ts";
import type { Damping } from "../../src/meta-gradient/reparameterised/damped-sweep.ts";
import type { RunConfig } from "../../src/settings.ts";
import { trainingKeys } from "../../src/training/keys.ts";

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
      /step of ant-goal has no adjoint: its observation includes contact forces. Use "jackknife-linear"/,
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
    ["walker2d-direction", /where a shape touches the floor.*"jackknife-coupled" includes them/],
    ["swimmer-velocity", /where a joint reaches its limit/],
  ])("is noted to be biased on %s, whose jumps have no distance to be warped by", (environment, note) => {
    expect(conflicts(configOf(environment, "reparameterised"))).toEqual([]);
    expect(cautionOf(configOf(environment, "reparameterised"))).toMatch(note);
    expect(cautionOf(configOf(environment, "reparameterised-damped"))).toMatch(note);
    const [found] = conflicts(configOf(environment, "reparameterised-warped"));
    expect(found!.reason).toMatch(/does not state how far its data are from a jump. Use "jackknife-coupled"/);
  });

  it("is damped by settings of its own, which others refuse", () => {
    const { experiment, ...run } = configOf("half-cheetah-direction", "reparameterised-damped");
    const damped = (name: string, settings: Partial<Damping>): RunConfig => ({
      ...run,
      experiment: {
        ...experiment,
        horizon: 12,
        inner: { ...experiment.inner, trajectories: 2 },
        outer: { trajectories: 1 },
        estimator: { name, ...settings },
      },
    });
    const both = { damping: 0.5, clip: 3 };
    expect(conflicts(damped("reparameterised-damped", both))).toEqual([]);
    expect(conflicts(damped("reparameterised", both))).toEqual([
      {
        path: "experiment.estimator.damping",
        reason: "reparameterised does not damp, clip or soften derivatives; only reparameterised-damped does",
      },
      {
        path: "experiment.estimator.clip",
        reason: "reparameterised does not damp, clip or soften derivatives; only reparameterised-damped does",
      },
    ]);
    const score = (...setting: Parameters<typeof damped>): Float64Array => {
      const unit = unitFor(damped(...setting).experiment);
      const [keys] = trainingKeys({ seed: 0, tasks: 1 }, 0);
      return unit.contribute(unit.initialize(key(0)), keys!.task, keys!.noise).score!;
    };
    const exact = score("reparameterised", {});
    expect(score("reparameterised-damped", { clip: 1e12, contactDepth: 0.01 })).toEqual(exact);
    expect(score("reparameterised-damped", { clip: 1e12 })).not.toEqual(exact);
    expect(score("reparameterised-damped", { damping: 0.9 })).not.toEqual(
      score("reparameterised-damped", {}),
    );
    expect(
      score("reparameterised-damped", { damping: 1, clip: 30, clipBy: "coordinate", contactDepth: 0.02 }),
    ).toEqual(score("reparameterised-damped", {}));
  });

  it.each([
    ["corner-2d-dense", 0.02, "corner-2d-dense has no contacts that begin without force"],
    ["swimmer-velocity", 0.02, "swimmer-velocity has no contacts that begin without force"],
    ["walker2d-direction", 0.02, "walker2d-direction has no contacts that begin without force"],
    [
      "half-cheetah-direction",
      0.005,
      "the contacts of half-cheetah-direction stiffen over 0.01 m. Use at least that",
    ],
  ])("its contact depth is refused on %s: %d m", (environment, contactDepth, reason) => {
    const { experiment, ...run } = configOf(environment, "reparameterised-damped");
    const deep = {
      ...run,
      experiment: { ...experiment, estimator: { ...experiment.estimator, contactDepth } },
    };
    const [found, ...others] = conflicts(deep);
    expect(others).toEqual([]);
    expect(found!.path).toBe("experiment.estimator.contactDepth");
    expect(found!.reason).toContain(reason);
    expect(conflicts(configOf(environment, "reparameterised-damped"))).toEqual([]);
  });

  it("is noted to grow beyond use on half-cheetahs, whose contacts begin without force; the damped form is not", () => {
    const environment = "half-cheetah-direction";
    expect(cautionOf(configOf(environment, "reparameterised"))).toMatch(
      /^Derivatives through half-cheetah-direction can grow.*"reparameterised-damped" bounds them, with a bias\.$/,
    );
    expect(cautionOf(configOf("half-cheetah-velocity", "reparameterised"))).toMatch(/can grow/);
    for (const other of ["walker2d-direction", "hopper-parameters", "swimmer-velocity"])
      expect(cautionOf(configOf(other, "reparameterised"))).toMatch(/includes them\.$/);
    expect(cautionOf(configOf(environment, "reparameterised-damped"))).toBeNull();
    expect(cautionOf(configOf(environment, "maml"))).toBeNull();
  });

  it.each(["corner-2d-dense", "momentum-2d", "toy-1d"])("has nothing to note on %s", (environment) => {
    expect(conflicts(configOf(environment, "reparameterised"))).toEqual([]);
    expect(cautionOf(configOf(environment, "reparameterised"))).toBeNull();
  });
});
