import { abs, add, lessEqual, max, minimum, mul, type NdArray, neg, select, sub, sum } from "@sgmrl/autodiff";
import type { DifferentiableStep, Jumps, StepProgram } from "../framework/step-program.ts";
import type { CornerReward, GoalTask } from "./plane.ts";
import { denseRewardProgram, distanceProgram, never, scaledActionProgram } from "./plane-program.ts";

/**
 * [eq:corner-2d] as a program; s̃ = s' = s + u.
 *
 * The sparse reward jumps on the border of the rewarded region, Q = {‖s'‖₁ ≥ deadZone, g_i s'_i ≥ 0 for both
 * i}. With g_i = ±2 its distance is bounded by |min(‖s'‖₁ − deadZone, g_1 s'_1, g_2 s'_2)| / 2, which is 0 on
 * the border only.
 *
 * Shapes  s, a, goal: [2]
 */
export function cornerProgram(
  reward: CornerReward,
  { stepBound, deadZone }: Readonly<Record<"stepBound" | "deadZone", number>>,
): DifferentiableStep<GoalTask> {
  const move: Jumps["move"] = (s, a) => add(s, scaledActionProgram(a, stepBound));
  /** Minimum over the slacks of Q's three inequalities: not negative inside Q. */
  const inside = (state: NdArray, goal: NdArray): NdArray => {
    const along = mul(goal, state);
    return minimum(sub(sum(abs(state)), deadZone), neg(max(neg(along))));
  };
  const arrive: Jumps["arrive"] = (s, state, goal) => {
    if (reward !== "sparse") {
      return {
        state,
        reward: denseRewardProgram(state, goal, reward === "dense-squared"),
        terminated: never,
      };
    }
    const progress = sub(distanceProgram(s, goal), distanceProgram(state, goal));
    return { state, reward: select(lessEqual(0, inside(state, goal)), progress, 0), terminated: never };
  };
  const step: StepProgram = (s, a, goal) => arrive(s, move(s, a), goal);
  const parameters = ({ goal }: GoalTask): readonly number[] => goal;
  if (reward !== "sparse") return { step, parameters };
  return {
    step,
    parameters,
    jumps: {
      width: 0.1,
      where: "the sparse reward begins and ends",
      move,
      arrive,
      distance: (_s, aim, goal) => mul(0.5, abs(inside(aim, goal))),
    },
  };
}
