/** Formulas shared by the programs of the point environments: plane.ts and action-scaling.ts in arrays. */
import {
  clip,
  div,
  equal,
  less,
  mul,
  type NdArray,
  neg,
  select,
  sqrt,
  square,
  sub,
  sum,
} from "@sgmrl/autodiff";
import { actionScale } from "../framework/action-scaling.ts";

/** u = clip(bound a / scale, ±bound). */
export function scaledActionProgram(a: NdArray, bound: number, scale: number = actionScale): NdArray {
  return clip(div(mul(bound, a), scale), -bound, bound);
}

/**
 * ‖s − p‖₂, with the bits of `distanceTo`, which `norm` does not have. At s = p its slope is 0, the mean over all
 * directions.
 *
 * Shapes  s, p: [2] → []
 */
export function distanceProgram(s: NdArray, p: NdArray): NdArray {
  const squared = sum(square(sub(s, p)));
  const isZero = equal(squared, 0);
  // The root at 1 in place of 0, whose infinite slope times 0 would be NaN even where it is not selected.
  return select(isZero, 0, sqrt(select(isZero, 1, squared)));
}

/**
 * r = −‖s' − g‖₂ or −‖s' − g‖₂². The square is that of the rounded root, as in the hand-written step; at s' = g its
 * slope 0 is right, its second derivative 0 is not.
 */
export function denseRewardProgram(state: NdArray, goal: NdArray, squared: boolean): NdArray {
  const distance = distanceProgram(state, goal);
  return neg(squared ? square(distance) : distance);
}

/** `terminated` of environments that never terminate. */
export const never: NdArray = less(1, 0);
