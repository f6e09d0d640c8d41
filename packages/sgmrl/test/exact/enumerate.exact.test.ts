import { array } from "@sgmrl/autodiff";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dataSetCount,
  dataSets,
  type EnumeratedTrajectory,
  trajectories,
  trajectoryCount,
} from "../../src/exact/enumerate.ts";
import { expectedReturn, expectedReturns } from "../../src/exact/expected-return.ts";
import { dataProbabilities } from "../../src/exact/histories.ts";
import { flatten } from "../../src/exact/table.ts";
import { logSoftmaxRows } from "../../src/exact/tabular-softmax.ts";
import { returns } from "../../src/trajectory.ts";
import { mdps, twoState } from "../support/exact-problems.ts";

const sizes = { states: 2, actions: 2 };
const theta = flatten([
  [0.3, -0.2],
  [0.1, 0.5],
]);
const cases = fc.tuple(mdps(2, 2, 2, 1), fc.integer({ min: 1, max: 3 }));

describe("[eq:enumeration]", () => {
  it("counts what it makes, in both orders", () => {
    fc.assert(
      fc.property(cases, ([mdp, n]) => {
        const all = trajectories(mdp);
        expect(all).toHaveLength(trajectoryCount(mdp));
        for (const ordered of [false, true])
          expect(dataSets(all, mdp, sizes, n, ordered)).toHaveLength(dataSetCount(all.length, n, ordered));
      }),
    );
  });

  it("has probabilities that sum to 1 at any policy, ordered or not", () => {
    fc.assert(
      fc.property(cases, ([mdp, n]) => {
        for (const ordered of [false, true]) {
          const sets = dataSets(trajectories(mdp), mdp, sizes, n, ordered);
          const total = dataProbabilities(mdp, sizes, sets)(theta).reduce((sum, q) => sum + q, 0);
          expect(Math.abs(total - 1)).toBeLessThan(1e-12);
        }
      }),
    );
  });

  it("is every way through the two-state MDP, without repeats", () => {
    const text = ({ states, actions }: EnumeratedTrajectory): string => `${states}|${actions}`;
    expect(new Set(trajectories(twoState(2)).map(text)).size).toBe(16);
    expect(dataSetCount(16, 3)).toBe(816); // 18 · 17 · 16 / 3!
  });

  it("of many trajectories: probabilities that sum to 1, or an error where a number of orders overflows", () => {
    const arms = { initial: [1], transitions: [[[1], [1]]], rewards: [[0, 1]], horizon: 1, discount: 1 };
    const all = trajectories(arms);
    const one = { states: 1, actions: 2 };
    const sets = dataSets(all, arms, one, 1029);
    expect(sets).toHaveLength(1030);
    const q = dataProbabilities(arms, one, sets)(Float64Array.of(0.3, 0));
    expect(Math.abs(q.reduce((sum, x) => sum + x, 0) - 1)).toBeLessThan(1e-11);
    expect(() => dataSets(all, arms, one, 1030)).toThrow(
      /^exact: a data set of 1,030 trajectories can have more than 1.8e308 orders/,
    );
    expect(() => dataSets(all, arms, one, 20_000)).toThrow(RangeError);
    expect(dataSets(all.slice(0, 1), arms, one, 20_000)).toHaveLength(1); // a single trajectory has one order
  });

  it("[eq:backward-induction] J by backward induction is the mean return over trajectories", () => {
    fc.assert(
      fc.property(mdps(2, 2, 3, 1), (mdp) => {
        const sets = dataSets(trajectories(mdp), mdp, sizes, 1);
        const q = dataProbabilities(mdp, sizes, sets)(theta);
        const mean = sets.reduce((sum, { batch }, i) => sum + q[i]! * returns(batch, mdp.discount)[0]!, 0);
        expect(Math.abs(expectedReturn(logSoftmaxRows(theta, sizes), mdp, sizes) - mean)).toBeLessThan(1e-12);
      }),
    );
  });

  it("of MDPs that end early: as many as counted, probabilities that sum to 1, J as by backward induction", () => {
    const ending = fc
      .tuple(mdps(3, 2, 3, 1), fc.nat({ max: 2 }))
      .map(([mdp, end]) => ({
        ...mdp,
        initial: mdp.initial.map((_, s) => (s === (end + 1) % 3 ? 1 : 0)),
        terminal: [0, 1, 2].map((s) => s === end),
      }))
      .filter(({ transitions, terminal }) =>
        transitions.flat().some((row) => row.some((p, s) => p > 0 && terminal[s]!)),
      );
    const three = { states: 3, actions: 2 };
    const logits = Float64Array.of(0.3, -0.2, 0.1, 0.5, -1, 1);
    let early = 0;
    fc.assert(
      fc.property(ending, (mdp) => {
        const all = trajectories(mdp);
        expect(all).toHaveLength(trajectoryCount(mdp));
        early += all.some(({ actions }) => actions.length < 3) ? 1 : 0;
        for (const { states } of all) expect(states.some((s) => mdp.terminal[s])).toBe(false);
        const sets = dataSets(all, mdp, three, 1);
        const q = dataProbabilities(mdp, three, sets)(logits);
        expect(Math.abs(q.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-12);
        const mean = sets.reduce((sum, { batch }, i) => sum + q[i]! * returns(batch, mdp.discount)[0]!, 0);
        const logPolicy = logSoftmaxRows(logits, three);
        expect(Math.abs(expectedReturn(logPolicy, mdp, three) - mean)).toBeLessThan(1e-12);
        const [J] = expectedReturns(array([...logPolicy], [1, 3, 2]), mdp, three).data;
        expect(Math.abs(J! - mean)).toBeLessThan(1e-12);
      }),
    );
    expect(early).toBeGreaterThan(50);
  });
});
