import fc from "fast-check";
import { expect, it } from "vitest";
import { isStep, type TrajectoryBatch } from "../../src/trajectory.ts";
import { batches, eighths } from "../support/batch.ts";
import { fittedValues } from "../support/fitted-values.ts";

const ridge = 1e-5;

/** [o, o², τ, τ², τ³, 1] of a row, observations of width 2. */
function features({ observations, horizon }: TrajectoryBatch, row: number): number[] {
  const o = [...observations.subarray(2 * row, 2 * row + 2)];
  const tau = (row % horizon) / 100;
  return [...o, ...o.map((x) => x ** 2), tau, tau ** 2, tau ** 3, 1];
}

// V = Φ w at the minimum of |Φ w − y|² + ρ|w|² exactly if Φᵀ(y − V) = ρ w; times Φ, a condition on V alone:
// Φ Φᵀ(y − V) = ρ V. [eq:feature-baseline]
it("is the ridge regression on its features: the normal equations hold", () => {
  fc.assert(
    fc.property(batches, fc.array(eighths, { minLength: 16, maxLength: 16 }), (batch, draws) => {
      const targets = batch.rewards.map((_, row) => draws[row]!);
      const V = fittedValues(batch, targets);
      const rows = Array.from(V.keys()).filter((row) => isStep(batch, row));
      const phi = rows.map((row) => features(batch, row));
      const moments = phi[0]!.map((_, k) =>
        rows.reduce((sum, row, i) => sum + phi[i]![k]! * (targets[row]! - V[row]!), 0),
      );
      rows.forEach((row, i) => {
        const left = phi[i]!.reduce((sum, x, k) => sum + x * moments[k]!, 0);
        expect(Math.abs(left - ridge * V[row]!)).toBeLessThan(1e-10); // of numbers of size 1e-5
      });
      V.forEach((value, row) => {
        if (!isStep(batch, row)) expect(value).toBe(0);
      });
    }),
  );
});

it("clips observations at ±10", () => {
  const far = (o: number): number => {
    const batch: TrajectoryBatch = {
      trajectories: 1,
      horizon: 2,
      lengths: Int32Array.of(2),
      observations: Float64Array.of(o, 1),
      actions: new Float64Array(2),
      rewards: new Float64Array(2),
    };
    return fittedValues(batch, Float64Array.of(3, -1))[0]!;
  };
  expect(far(1000)).toBe(far(10));
  expect(far(9)).not.toBe(far(10));
});
