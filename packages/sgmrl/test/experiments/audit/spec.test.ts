import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.ts";
import { parseAuditSpec } from "../../../src/experiments/audit/spec.ts";
import { twoState } from "../../support/exact-problems.ts";

const valid = {
  mdp: twoState(2),
  theta: [
    [0, 1],
    [1, 0],
  ],
  inner: { stepSize: 0.5, steps: 1, trajectories: 2 },
  outerTrajectories: 1,
};

const { mdp: _, ...rest } = valid;

describe("parseAuditSpec", () => {
  it("reads one MDP as one task, and several tasks with their weights", () => {
    expect(parseAuditSpec(valid).problem.tasks).toEqual([{ weight: 1, mdp: valid.mdp }]);
    const { mdp } = valid;
    const tasks = [
      { weight: 1, mdp },
      { weight: 3, mdp },
    ];
    expect(parseAuditSpec({ ...rest, tasks }).problem.tasks).toEqual(tasks);
  });

  it.each<[string, unknown, string]>([
    ["no object", 3, "spec: expected an object"],
    ["neither mdp nor tasks", rest, 'give either "mdp"'],
    ["both", { ...valid, tasks: [{ weight: 1, mdp: valid.mdp }] }, 'give either "mdp"'],
    ["an unknown field", { ...valid, alpha: 1 }, 'spec: there is no field "alpha" here.'],
    ["an unknown estimator", { ...valid, estimators: ["sgmlr"] }, '"sgmrl"'],
    ["no trajectories", { ...valid, inner: { ...valid.inner, trajectories: 0 } }, "spec.inner.trajectories"],
    ["half a step", { ...valid, inner: { ...valid.inner, steps: 1.5 } }, "spec.inner.steps"],
    ["a discount above 1", { ...valid, mdp: { ...valid.mdp, discount: 2 } }, "spec.mdp.discount"],
    [
      "text for a reward",
      {
        ...valid,
        mdp: {
          ...valid.mdp,
          rewards: [
            ["1", 0],
            [0, 0],
          ],
        },
      },
      "spec.mdp.rewards[0][0]",
    ],
    ["logits of another size", { ...valid, theta: [[0, 1]] }, "tasks[0]"],
    ["features of another size", { ...valid, features: [[1], [1]] }, "features[0]"],
    [
      "an initial state that is terminal",
      { ...valid, mdp: { ...valid.mdp, terminal: [true, false] } },
      "initial[0]",
    ],
    ["rows of unequal length", { ...valid, theta: [[0, 1], [0]] }, "theta[1]"],
    [
      "probabilities that do not sum to 1",
      { ...valid, mdp: { ...valid.mdp, initial: [0.5, 0.4] } },
      "mdp.initial",
    ],
  ])("refuses %s, and says where", (_what, spec, where) => {
    expect(() => parseAuditSpec(spec)).toThrow(InputError);
    expect(() => parseAuditSpec(spec)).toThrow(where);
  });

  // Each as `train` refuses it; see test/config/parse-config.test.ts.
  it.each<[string, object, string]>([
    [
      "λ without an advantage that has one",
      { inner: { ...valid.inner, gaeLambda: 0.9 } },
      'spec.inner.gaeLambda: the advantage "reward-to-go" has no λ; "gae" and "standardised-gae" have (inner.advantage).',
    ],
    [
      "groups that no estimator leaves out",
      { groups: 2, estimators: ["maml", "jackknife-linear"] },
      "spec.groups: maml, jackknife-linear do not leave out groups of trajectories; jackknife-next-step,",
    ],
    [
      "the mean of no others",
      { inner: { ...valid.inner, trajectories: 1, advantage: "leave-one-out" } },
      "spec.inner.advantage: with a single trajectory there are no others",
    ],
    [
      "λ of returns minus a baseline",
      { outer: { gaeLambda: 0.9 } },
      "spec.outer.gaeLambda: returns minus a baseline have no λ; use it with outer.advantage standardised-gae.",
    ],
    [
      "a baseline of no others",
      { outer: { baseline: "fitted" } },
      "spec.outer.baseline: with a single trajectory there are no others to form a baseline (outerTrajectories).",
    ],
    [
      "two baselines",
      { outerTrajectories: 2, outer: { baseline: "fitted", advantage: "standardised-gae" } },
      "spec.outer.baseline: standardised-gae fits a baseline of its own (outer.advantage).",
    ],
  ])("refuses %s, which would be ignored", (_what, change, message) => {
    expect(() => parseAuditSpec({ ...valid, ...change })).toThrow(InputError);
    expect(() => parseAuditSpec({ ...valid, ...change })).toThrow(message);
  });

  it("takes groups if one of the estimators leaves them out", () => {
    for (const estimators of [undefined, ["maml", "jackknife-per-decision"]])
      expect(parseAuditSpec({ ...valid, groups: 2, ...(estimators && { estimators }) }).groups).toBe(2);
  });

  it("says everything that is wrong at once", () => {
    const bad = { ...valid, outerTrajectories: 0, mdp: { ...valid.mdp, horizon: -1 } };
    expect(() => parseAuditSpec(bad)).toThrow(/spec\.mdp\.horizon.*\nspec\.outerTrajectories/);
  });
});
