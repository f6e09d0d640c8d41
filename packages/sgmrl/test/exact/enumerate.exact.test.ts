import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  dataSetCount,
  dataSets,
  type EnumeratedTrajectory,
  trajectories,
  trajectoryCount,
} from "../../src/exact/enumerate.ts";
import { expectedReturn } from "../../src/exact/expected-return.ts";
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
});
