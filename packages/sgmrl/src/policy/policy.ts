import type { NdArray } from "@sgmrl/autodiff";
import type { Key } from "@sgmrl/autodiff/random";
import type { Layout } from "./layout.ts";

/**
 * A parametric policy π(a|s; θ). What depends on θ is written with differentiable functions, for one row per
 * time step; sampling is plain arithmetic on the distribution's parameters.
 */
export interface Policy {
  readonly layout: Layout;
  /** Numbers in an observation row, and in an action row. */
  readonly observationWidth: number;
  readonly actionWidth: number;
  /** A first θ, [d]. */
  initialize(key: Key): Float64Array;
  /**
   * Parameters of the action distribution of each row.
   *
   * Shapes  theta: [d], observations: [rows, observationWidth] → [rows, k]
   */
  distribution(theta: NdArray, observations: NdArray): NdArray;
  /** ln π(a|s; θ) of each row: [rows]. */
  logProbability(theta: NdArray, observations: NdArray, actions: NdArray): NdArray;
  /**
   * Writes the action of one row: draw `time` of the trajectory's key, from row `row` of what `distribution`
   * returned.
   */
  sample(distribution: ArrayLike<number>, row: number, key: Key, time: number, action: Float64Array): void;
}
