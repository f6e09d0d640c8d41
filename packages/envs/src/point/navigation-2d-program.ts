import { abs, add, clip, div, less, max, mul, neg, sqrt, square, sub, sum } from "@sgmrl/autodiff";
import { actionScale } from "../framework/action-scaling.ts";
import type { StepProgram } from "../framework/step-program.ts";
import { arena, stepBound, tolerance } from "./navigation-2d.ts";

/**
 * The step of one point as a program: the formulas of [eq:navigation-2d] in arrays.
 *
 * Shapes  s, a, goal: [2] → s' [2], r [], terminated []
 */
export const navigationStep: StepProgram = (s, a, goal) => {
  const u = clip(div(mul(stepBound, a), actionScale), -stepBound, stepBound);
  const state = clip(add(s, u), -arena, arena);
  const offset = sub(state, goal);
  return {
    state,
    reward: neg(sqrt(sum(square(offset)))),
    terminated: less(max(abs(offset)), tolerance),
  };
};
