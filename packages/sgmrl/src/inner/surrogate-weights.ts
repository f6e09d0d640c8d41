import type { InnerSettings } from "../settings.ts";
import { isStep, type TrajectoryBatch } from "../trajectory.ts";
import { advantages } from "./advantage.ts";
import {
  type BatchPart,
  combine,
  type DataCotangents,
  type MatrixProduct,
  productsByTrajectory,
  sumOver,
} from "./combination.ts";

/** The row weights of U(θ; D \ G), G the trajectories left out (none: D itself). */
export interface SurrogateWeights {
  /** w: [N, H], 0 on the rows of G. */
  rows(leftOut?: readonly number[]): Float64Array;
  /** Σ_r w_r x_r, for one x: [N, H] and each of several G. */
  products(x: Float64Array, leftOut: readonly (readonly number[])[]): number[];
  /** From the cotangents w̄ of `rows()`, of any value on padding, to those of the data.  [eq:weights-adjoint] */
  pullback(wBar: Float64Array): DataCotangents;
}

/**
 * The row weights w of the surrogate ν(θ; D) = Σ_r w_r ln π(a_r|s_r; θ): advantages over the batch size. [eq:surrogate]
 *
 * `multiply` computes those of many parts at once, to the same bits.
 */
export function surrogateWeights(
  { advantage, convention, gaeLambda = 1 }: Pick<InnerSettings, "advantage" | "convention" | "gaeLambda">,
  batch: TrajectoryBatch,
  discount: number,
  multiply?: MatrixProduct,
): SurrogateWeights {
  const rule = advantages[advantage](batch, discount, gaeLambda, multiply);
  const keptOf = (leftOut: readonly number[]): boolean[] =>
    Array.from(batch.lengths, (_, j) => !leftOut.includes(j));
  const divisor = (kept: BatchPart): number =>
    sumOver(kept, convention === "paper" ? batch.lengths.map(() => 1) : batch.lengths);
  return {
    rows(leftOut = []) {
      const kept = keptOf(leftOut);
      const size = divisor(kept);
      if (size === 0) return new Float64Array(batch.rewards.length);
      const weights = combine(batch, rule.columns, rule.coefficients([kept])[0]!, kept);
      for (let row = 0; row < weights.length; row++) weights[row]! /= size;
      return weights;
    },
    products(x, leftOut) {
      const byTrajectory = rule.columns.map((column) => productsByTrajectory(batch, column, x));
      const parts = leftOut.map(keptOf);
      const sizes = parts.map(divisor);
      const found = new Array<number>(parts.length).fill(0);
      const some = [...parts.keys()].filter((p) => sizes[p] !== 0);
      rule.coefficients(some.map((p) => parts[p]!)).forEach((c, i) => {
        const p = some[i]!;
        const sums = byTrajectory.map((products) => sumOver(parts[p]!, products));
        found[p] = sumOfProducts(c, sums) / sizes[p]!;
      });
      return found;
    },
    pullback(wBar) {
      const size = divisor(keptOf([]));
      return rule.pullback(wBar.map((bar, row) => (isStep(batch, row) ? bar / size : 0)));
    },
  };
}

function sumOfProducts(x: readonly number[], y: readonly number[]): number {
  return x.reduce((total, value, i) => total + value * y[i]!, 0);
}
