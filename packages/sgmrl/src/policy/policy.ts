import type { NdArray } from "@sgmrl/autodiff";
import type { Key } from "@sgmrl/autodiff/random";
import type { Layout } from "./layout.ts";
import type { Parameters } from "./parameters.ts";

/**
 * A parametric policy π(a|s; θ). Whatever depends on θ is written with differentiable functions, with one row per time
 * step. Sampling is plain arithmetic on the distribution's parameters and on noise that does not depend on θ, so two
 * policies can act on the same noise.
 */
export interface Policy {
  readonly layout: Layout;
  /** Lengths of an observation row and of an action row. */
  readonly observationWidth: number;
  readonly actionWidth: number;
  /** The number of actions if they are discrete: an action is one of 0 … actionCount − 1. Absent if they are not. */
  readonly actionCount?: number;
  /** An initial θ: [d]. */
  initialize(key: Key): Float64Array;
  /**
   * Parameters of the action distribution of each row.
   *
   * Shapes  observations: [rows, observationWidth] → [rows, parameters]; or with one more leading axis everywhere, for
   *         several policies at once
   */
  distribution(theta: Parameters, observations: NdArray): NdArray;
  /** ln π(a|s; θ) of each row: [rows]. */
  logProbability(theta: Parameters, observations: NdArray, actions: NdArray): NdArray;
  /** The random numbers from which a trajectory's actions are computed, for times 0 … horizon − 1. */
  noise(key: Key, horizon: number): Float64Array;
  /**
   * `sample` as a differentiable function of what `distribution` returned and of the noise, so that actions are functions of θ.
   * Absent if they are not differentiable, as with discrete actions.
   *
   * Shapes  distribution: [rows, parameters], noise: [rows, noise of one time] → [rows, actionWidth]
   */
  readonly actions?: (distribution: NdArray, noise: NdArray) => NdArray;
  /** Writes the action at `time` from the trajectory's noise and row `row` of what `distribution` returned. */
  sample(
    distribution: ArrayLike<number>,
    row: number,
    noise: Float64Array,
    time: number,
    action: Float64Array,
  ): void;
}
