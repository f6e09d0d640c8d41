import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pick, returns, rewardsToGo, timesteps } from "../src/trajectory.ts";
import { batches, batchOf } from "./support/batch.ts";

// γ = 1/2; the second trajectory ends after two of three steps.
const batch = batchOf(3, [
  [1, 2, 4],
  [8, -4],
]);

describe("returns", () => {
  it("[eq:return] are Σ γ^h r_h", () => {
    expect(returns(batch, 0.5)).toEqual(Float64Array.of(1 + 2 / 2 + 4 / 4, 8 - 4 / 2));
    expect(returns(batch, 1)).toEqual(Float64Array.of(7, 4));
  });

  it("[eq:reward-to-go] are discounted from time 0, whatever the step", () => {
    expect(rewardsToGo(batch, 0.5)).toEqual(
      Float64Array.of(1 + 1 + 1, 1 + 1, 1, 8 - 2, -2, 0), // at h = 2 still γ² · 4 = 1
    );
  });

  it("[eq:reward-to-go] begin with the return, and lose γ^h r_h at each step", () => {
    fc.assert(
      fc.property(batches, fc.constantFrom(1, 0.5, 0.25, 0), (drawn, discount) => {
        const toGo = rewardsToGo(drawn, discount);
        returns(drawn, discount).forEach((total, j) => {
          expect(toGo[j * drawn.horizon]).toBe(total); // eighths times powers of 1/2: exact
        });
        toGo.forEach((value, row) => {
          const next = (row + 1) % drawn.horizon === 0 ? 0 : toGo[row + 1]!;
          expect(value - next === discount ** (row % drawn.horizon) * drawn.rewards[row]!).toBe(true);
        });
      }),
    );
  });
});

describe("batches", () => {
  it("count the steps that were taken, and give up trajectories by number", () => {
    expect(timesteps(batch)).toBe(5);
    const second = pick(batch, [1]);
    expect(second.lengths).toEqual(Int32Array.of(2));
    expect(second.rewards).toEqual(Float64Array.of(8, -4, 0));
  });
});
