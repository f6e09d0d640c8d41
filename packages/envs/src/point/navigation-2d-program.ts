import { abs, add, clip, less, max, type NdArray, sub } from "@sgmrl/autodiff";
import type { DifferentiableStep, Jumps, StepProgram } from "../framework/step-program.ts";
import type { GoalTask } from "./plane.ts";
import { denseRewardProgram, never, scaledActionProgram } from "./plane-program.ts";

/**
 * [eq:navigation-2d] as a program; s̃ = s + u.
 *
 * Termination jumps: where max_i |s'_i − g_i| = tolerance, either nothing follows or all remaining steps do.
 *
 * Shapes  s, a, goal: [2]
 */
export function navigationProgram({
  arena,
  stepBound,
  tolerance,
  actionScale,
  terminates,
}: Readonly<Record<"arena" | "stepBound" | "tolerance" | "actionScale", number>> & {
  readonly terminates: boolean;
}): DifferentiableStep<GoalTask> {
  const within = (aim: NdArray): NdArray => clip(aim, -arena, arena);
  const offset = (state: NdArray, goal: NdArray): NdArray => max(abs(sub(state, goal)));
  const move: Jumps["move"] = (s, a) => add(s, scaledActionProgram(a, stepBound, actionScale));
  const arrive: Jumps["arrive"] = (_s, aim, goal) => {
    const state = within(aim);
    return {
      state,
      reward: denseRewardProgram(state, goal, false),
      terminated: terminates ? less(offset(state, goal), tolerance) : never,
    };
  };
  const step: StepProgram = (s, a, goal) => arrive(s, move(s, a), goal);
  const parameters = ({ goal }: GoalTask): readonly number[] => goal;
  if (!terminates) return { step, parameters };
  return {
    step,
    parameters,
    jumps: {
      width: 0.06,
      where: "the episode ends at the goal",
      move,
      arrive,
      distance: (_s, aim, goal) => abs(sub(offset(within(aim), goal), tolerance)),
    },
  };
}
