/** Formulas shared by the programs of the point environments: plane.ts and action-scaling.ts in arrays. */
import { clip, div, less, mul, type NdArray, neg, sqrt, square, sub, sum } from "@sgmrl/autodiff";
import { actionScale } from "../framework/action-scaling.ts";

/** u = clip(bound a / scale, ±bound). */
export function scaledActionProgram(a: NdArray, bound: number, scale: number = actionScale): NdArray {
  return clip(div(mul(bound, a), scale), -bound, bound);
}

/** ‖s − p‖₂.   Shapes  s, p: [2] → [] */
export function distanceProgram(s: NdArray, p: NdArray): NdArray {
  return sqrt(sum(square(sub(s, p))));
}

/** r = −‖s' − g‖₂ or −‖s' − g‖₂². */
export function denseRewardProgram(state: NdArray, goal: NdArray, squared: boolean): NdArray {
  const distance = distanceProgram(state, goal);
  return neg(squared ? square(distance) : distance);
}

/** `terminated` of environments that never terminate. */
export const never: NdArray = less(1, 0);
