// The needle [eq:needle], against figures that another program found, to three digits.
import { describe, expect, it } from "vitest";
import { needleTable } from "../../../src/experiments/studies/needle.ts";

const published = [
  { trajectories: 1, direction: "sgmrl", value: 0.75, policy: [0.5, 0.5, 0, 0] },
  { trajectories: 1, direction: "maml", value: 0.742, policy: [0.49, 0.49, 0.01, 0.01] },
  { trajectories: 2, direction: "sgmrl", value: 0.871, policy: [0.5, 0.5, 0, 0] },
  { trajectories: 2, direction: "maml", value: 0.569, policy: [0.12, 0.12, 0.38, 0.38] },
  { trajectories: 3, direction: "sgmrl", value: 0.924, policy: [0.5, 0.5, 0, 0] },
  { trajectories: 3, direction: "maml", value: 0.577, policy: [0.11, 0.11, 0.39, 0.39] },
];

describe("needleTable", () => {
  const rows = needleTable();

  it.each(published)("N = $trajectories along $direction: V = $value", (expected) => {
    const { trajectories, direction } = expected;
    const row = rows.find((r) => r.trajectories === trajectories && r.direction === direction)!;
    expect(Math.abs(row.value - expected.value)).toBeLessThan(2e-3); // ascent is stopped after 2000 steps
    row.policy.forEach((p, arm) => {
      expect(Math.abs(p - expected.policy[arm]!)).toBeLessThan(1e-2);
    });
  });
});
