import { key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { assertMdp, bernoulliBandit, EnvironmentError, type Mdp, tabularDense } from "../../src/index.ts";

const valid: Mdp = {
  initial: [0.5, 0.5],
  transitions: [
    [
      [1, 0],
      [0, 1],
    ],
    [
      [0.25, 0.75],
      [0.5, 0.5],
    ],
  ],
  rewards: [
    [0, 1],
    [-1, 2],
  ],
  horizon: 3,
  discount: 0.9,
};

describe("assertMdp", () => {
  it("accepts an MDP, also one whose rows are rounded decimals", () => {
    expect(() => assertMdp("audit", valid)).not.toThrow();
    expect(() => assertMdp("audit", { ...valid, initial: [0.3333333333, 0.6666666667] })).not.toThrow();
  });

  it.each([
    {
      wrong: { initial: [0.5, 0.6] },
      message: 'audit: mdp.initial must be probabilities that sum to 1; got "the sum 1.1"',
    },
    { wrong: { initial: [1.5, -0.5] }, message: "audit: mdp.initial[1] must be a probability; got -0.5" },
    { wrong: { initial: [] }, message: "at least one of each" },
    {
      wrong: { transitions: [valid.transitions[0]!] },
      message: "mdp.transitions must be one entry per state (2)",
    },
    {
      wrong: { transitions: [valid.transitions[0]!, [[1, 0]]] },
      message: "mdp.transitions[1] must be one entry per action (2)",
    },
    {
      wrong: { transitions: [valid.transitions[0]!, [[1], [1]]] },
      message: "mdp.transitions[1][0] must be one entry per state (2)",
    },
    {
      wrong: {
        rewards: [
          [0, 1],
          [Number.NaN, 2],
        ],
      },
      message: "mdp.rewards[1][0] must be a finite number; got NaN",
    },
    { wrong: { horizon: 0 }, message: "mdp.horizon must be a whole number, 1 or more; got 0" },
    { wrong: { discount: 1.1 }, message: "mdp.discount must be between 0 and 1; got 1.1" },
  ])("refuses $wrong", ({ wrong, message }) => {
    expect(() => assertMdp("audit", { ...valid, ...wrong })).toThrow(message);
    expect(() => assertMdp("audit", { ...valid, ...wrong })).toThrow(EnvironmentError);
  });

  it("guards the environments: another size, a probability out of range", () => {
    expect(() => tabularDense().reset(key(0), valid)).toThrow(
      "tabular-dense: mdp.initial must be one entry per state (10)",
    );
    expect(() => bernoulliBandit(2).reset(key(0), { means: [0.5, 1.5] })).toThrow(
      /Bernoulli reward must be between 0 and 1; got 1.5/,
    );
  });
});
