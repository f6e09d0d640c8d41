import { add, concat, maximum, slice, sub } from "@sgmrl/autodiff";
import type { DifferentiableStep, StepProgram } from "../framework/step-program.ts";
import type { CornerReward, GoalTask } from "./plane.ts";
import { denseRewardProgram, distanceProgram, never, scaledActionProgram } from "./plane-program.ts";

/**
 * [eq:momentum-2d] as a program. Every reward is Lipschitz, even the sparse one, so there are no jumps.
 *
 * Shapes  state (s, v): [4], a, goal: [2]
 */
export function momentumProgram(
  reward: CornerReward,
  { accelerationBound, rewardRadius }: Readonly<Record<"accelerationBound" | "rewardRadius", number>>,
): DifferentiableStep<GoalTask> {
  const step: StepProgram = (before, a, goal) => {
    const v = add(slice(before, [2, 4]), scaledActionProgram(a, accelerationBound));
    const s = add(slice(before, [0, 2]), v);
    return {
      state: concat([s, v]),
      reward:
        reward === "sparse"
          ? maximum(sub(rewardRadius, distanceProgram(s, goal)), 0)
          : denseRewardProgram(s, goal, reward === "dense-squared"),
      terminated: never,
    };
  };
  return { step, parameters: ({ goal }) => goal };
}
