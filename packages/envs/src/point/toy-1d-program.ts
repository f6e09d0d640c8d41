import { clip, exp, mul, sub, sum } from "@sgmrl/autodiff";
import type { DifferentiableStep } from "../framework/step-program.ts";
import { never } from "./plane-program.ts";

/**
 * [eq:toy-1d] as a program. There are no jumps.
 *
 * Shapes  s, a, goal: [1]
 */
export function toyProgram(bound: number): DifferentiableStep<{ readonly goal: number }> {
  return {
    step: (_s, a, goal) => {
      const state = clip(a, -bound, bound);
      const offset = sub(state, goal);
      return { state, reward: exp(sum(mul(mul(-0.1, offset), offset))), terminated: never };
    },
    parameters: ({ goal }) => [goal],
  };
}
