/** How the weights of the inner update move with the data: the adjoint of each rule against differences of its rows. */
import { differentiateByDifferences } from "@sgmrl/autodiff/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addScaled, dot } from "../../src/arithmetic.ts";
import { advantages } from "../../src/inner/advantage.ts";
import { surrogateWeights } from "../../src/inner/surrogate-weights.ts";
import type { AdvantageName } from "../../src/settings.ts";
import { isStep, type TrajectoryBatch } from "../../src/trajectory.ts";
import { batches, eighths } from "../support/batch.ts";

const names = Object.keys(advantages) as AdvantageName[];
const [discount, gaeLambda] = [0.9, 0.7];

/** A batch, a direction in which its data move (0 on padding), and cotangents of its weights. */
const cases = batches.chain((batch) => {
  const numbers = (length: number): fc.Arbitrary<number[]> =>
    fc.array(eighths, { minLength: length, maxLength: length });
  const rows = batch.rewards.length;
  return fc.record({
    batch: fc.constant(batch),
    rewards: numbers(rows).map((x) => onSteps(batch, x)),
    observations: numbers(2 * rows).map((x) => onSteps(batch, x)),
    wBar: numbers(rows).map((x) => Float64Array.from(x)),
  });
});

function onSteps(batch: TrajectoryBatch, x: readonly number[]): Float64Array {
  const width = x.length / batch.rewards.length;
  return Float64Array.from(x, (value, i) => (isStep(batch, Math.floor(i / width)) ? value : 0));
}

describe.each(
  names.flatMap((name) => (["paper", "timestep-mean"] as const).map((convention) => ({ name, convention }))),
)("[eq:weights-adjoint] $name, $convention", ({ name, convention }) => {
  const settings = { advantage: name, convention, gaeLambda };

  it("has the adjoint that differences of the weights give", () => {
    let compared = 0;
    fc.assert(
      fc.property(cases, ({ batch, rewards, observations, wBar }) => {
        const moved = (t: number): TrajectoryBatch => ({
          ...batch,
          rewards: addScaled(batch.rewards, t, rewards),
          observations: addScaled(batch.observations, t, observations),
        });
        const rows = surrogateWeights(settings, batch, discount).rows();
        const { derivative, error } = differentiateByDifferences((t) =>
          surrogateWeights(settings, moved(t), discount).rows(),
        );
        const scale = Math.max(1, ...rows.map(Math.abs), ...derivative.map(Math.abs));
        // Where advantages or features nearly coincide, differences cannot tell: their own estimate of their error says so.
        if (error.some((e) => e > 1e-8 * scale)) return;
        const bars = surrogateWeights(settings, batch, discount).pullback(wBar);
        const byAdjoint =
          dot(bars.rewards, rewards) +
          (bars.observations === undefined ? 0 : dot(bars.observations, observations));
        const onPadding = wBar.map((bar, row) => (isStep(batch, row) ? bar : 0));
        expect(Math.abs(byAdjoint - dot(onPadding, derivative))).toBeLessThan(1e-6 * scale);
        compared += 1;
      }),
      { numRuns: 200 },
    );
    expect(compared).toBeGreaterThan(60);
  });
});
