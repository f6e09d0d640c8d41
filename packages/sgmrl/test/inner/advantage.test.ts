import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advantageRows, leaveOneOut } from "../../src/inner/advantage.ts";
import { surrogateWeights } from "../../src/inner/surrogate-weights.ts";
import { isStep, rewardsToGo, timesteps } from "../../src/trajectory.ts";
import { batches, batchOf } from "../support/batch.ts";
import { fittedValues } from "../support/fitted-values.ts";

const batch = batchOf(2, [[1, 3], [4], [6, 2]]);

describe("inner weights", () => {
  it("[eq:leave-one-out] subtract the mean of the other trajectories, ended ones counting 0", () => {
    // Rewards to go: (4, 3), (4, ended), (8, 2).
    expect(advantageRows("leave-one-out", batch, 1)).toEqual(
      Float64Array.of(4 - (4 + 8) / 2, 3 - (0 + 2) / 2, 4 - (4 + 8) / 2, 0, 8 - (4 + 4) / 2, 2 - (3 + 0) / 2),
    );
    const alone = batchOf(2, [[1, 3]]);
    expect(leaveOneOut(alone, rewardsToGo(alone, 1))).toEqual(Float64Array.of(4, 3));
  });

  it("[eq:standardise] have mean 0, and standard deviation 1, over the steps that were taken", () => {
    // Rewards to go 4, 3, 4, 8, 2: mean 4.2, population variance (0.04 + 1.44 + 0.04 + 14.44 + 4.84)/5 = 4.16.
    const expected = [4, 3, 4, 0, 8, 2].map((x, row) =>
      row === 3 ? 0 : (x - 4.2) / (Math.sqrt(4.16) + 1e-8),
    );
    advantageRows("standardised", batch, 1).forEach((value, row) => {
      expect(value).toBeCloseTo(expected[row]!, 12);
    });
    advantageRows("centred", batch, 1).forEach((value, row) => {
      expect(value).toBeCloseTo([-0.2, -1.2, -0.2, 0, 3.8, -2.2][row]!, 12);
    });
  });

  it("[eq:standardise] keep their accuracy where returns are large beside their spread", () => {
    const spread = [0, 1, 3];
    const far = batchOf(
      1,
      spread.map((x) => [1e8 + x / 1e3]),
    );
    const near = batchOf(
      1,
      spread.map((x) => [x / 1e3]),
    );
    const expected = advantageRows("standardised", near, 1);
    advantageRows("standardised", far, 1).forEach((value, row) => {
      expect(value).toBeCloseTo(expected[row]!, 4); // 1e8 + x/1000 itself is rounded to 1.5e-8
    });
  });

  it("[eq:surrogate] divide by trajectories (paper) or by steps (timestep-mean)", () => {
    const weights = (convention: "paper" | "timestep-mean"): Float64Array =>
      surrogateWeights({ advantage: "reward-to-go", convention }, batch, 1).rows();
    expect(weights("paper")).toEqual(Float64Array.of(4 / 3, 3 / 3, 4 / 3, 0, 8 / 3, 2 / 3));
    expect(weights("timestep-mean")).toEqual(Float64Array.of(4 / 5, 3 / 5, 4 / 5, 0, 8 / 5, 2 / 5));
    expect(timesteps(batch)).toBe(5);
  });
});

describe("[eq:gae] generalised advantages", () => {
  const discounts = fc.constantFrom(1, 0.9, 0.5);

  /** Σ_{t ≥ h} γ^{t−h} r_t, by its definition. */
  function fromNow(drawn: Parameters<typeof isStep>[0], discount: number): Float64Array {
    return drawn.rewards.map((_, row) => {
      let total = 0;
      for (let k = 0; (row % drawn.horizon) + k < drawn.horizon; k++)
        total += discount ** k * drawn.rewards[row + k]!;
      return total;
    });
  }

  it("with λ = 1 are the discounted rewards from now on, less the value", () => {
    fc.assert(
      fc.property(batches, discounts, (drawn, discount) => {
        const targets = fromNow(drawn, discount);
        const V = fittedValues(drawn, targets);
        advantageRows("gae", drawn, discount, 1).forEach((A, row) => {
          const expected = isStep(drawn, row) ? targets[row]! - V[row]! : 0;
          expect(Math.abs(A - expected)).toBeLessThan(1e-9);
        });
      }),
    );
  });

  it("are Σ_k (γ λ)^k δ_{h+k}, with no value after the last step", () => {
    fc.assert(
      fc.property(batches, discounts, fc.constantFrom(0, 0.5, 0.95), (drawn, discount, lambda) => {
        const V = fittedValues(drawn, fromNow(drawn, discount));
        const delta = drawn.rewards.map((r, row) => {
          if (!isStep(drawn, row)) return 0;
          const last = (row % drawn.horizon) + 1 === drawn.lengths[Math.floor(row / drawn.horizon)]!;
          return r + (last ? 0 : discount * V[row + 1]!) - V[row]!;
        });
        advantageRows("gae", drawn, discount, lambda).forEach((A, row) => {
          let expected = 0;
          for (let k = 0; (row % drawn.horizon) + k < drawn.horizon; k++)
            expected += (discount * lambda) ** k * delta[row + k]!;
          expect(Math.abs(A - expected)).toBeLessThan(1e-9);
        });
      }),
    );
  });
});
