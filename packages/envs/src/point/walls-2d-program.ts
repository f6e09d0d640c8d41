import {
  abs,
  add,
  div,
  less,
  lessEqual,
  minimum,
  mul,
  type NdArray,
  select,
  slice,
  sub,
  zerosLike,
} from "@sgmrl/autodiff";
import type { DifferentiableStep, Jumps, StepProgram } from "../framework/step-program.ts";
import type { Point } from "./plane.ts";
import { denseRewardProgram, distanceProgram, never, scaledActionProgram } from "./plane-program.ts";

/**
 * [eq:walls-2d] as a program; s̃ = s + u.
 *
 * From inside a wall, the step jumps on the border of the region that the wall lets through,
 * {‖s̃‖ > R, ‖s̃ − gap_R‖ < 1}: elsewhere s̃ is held back on the wall. From outside it jumps on the wall
 * itself, since later steps depend on the side. (A point that was held back is inside by 1e-6 R and stays so:
 * for it only the border of the gap is a jump.) The sparse reward also jumps where ‖s' − g‖ = 2.
 *
 * Shapes  s, a: [2], task (g, gap_1, gap_2): [6]
 */
export function wallsProgram(
  reward: "sparse" | "dense",
  {
    stepBound,
    gapRadius,
    rewardRadius,
  }: Readonly<Record<"stepBound" | "gapRadius" | "rewardRadius", number>>,
): DifferentiableStep<Readonly<Record<"goal" | "gap1" | "gap2", Point>>> {
  const radii = [1, 2] as const;
  const move: Jumps["move"] = (s, a) => add(s, scaledActionProgram(a, stepBound));
  const goalOf = (task: NdArray): NdArray => slice(task, [0, 2]);
  const gapOf = (task: NdArray, radius: number): NdArray => slice(task, [2 * radius, 2 * radius + 2]);
  const norm = (s: NdArray): NdArray => distanceProgram(s, zerosLike(s));

  /** The state reached from the aim once the walls have held it back. */
  const heldBack = (s: NdArray, aim: NdArray, task: NdArray): NdArray =>
    radii.reduce((state, R) => {
      const beyond = mul(less(norm(s), R), less(R, norm(aim)));
      const blocked = mul(beyond, less(gapRadius, distanceProgram(aim, gapOf(task, R))));
      return select(blocked, mul(aim, div(R, add(norm(aim), 1e-6 * R))), state);
    }, aim);
  const arrive: Jumps["arrive"] = (s, aim, task) => {
    const state = heldBack(s, aim, task);
    const goal = goalOf(task);
    if (reward === "dense")
      return { state, reward: denseRewardProgram(state, goal, false), terminated: never };
    const after = distanceProgram(state, goal);
    const progress = sub(distanceProgram(s, goal), after);
    return { state, reward: select(less(after, rewardRadius), progress, 0), terminated: never };
  };
  const distance: Jumps["distance"] = (s, aim, task) => {
    const fromWalls = radii.map((R) => {
      const past = sub(norm(aim), R);
      const lets = minimum(past, sub(gapRadius, distanceProgram(aim, gapOf(task, R))));
      return abs(select(lessEqual(R, norm(s)), past, lets));
    });
    const nearest = minimum(fromWalls[0]!, fromWalls[1]!);
    if (reward === "dense") return nearest;
    const paid = distanceProgram(heldBack(s, aim, task), goalOf(task));
    return minimum(nearest, abs(sub(paid, rewardRadius)));
  };
  const step: StepProgram = (s, a, task) => arrive(s, move(s, a), task);
  return {
    step,
    parameters: ({ goal, gap1, gap2 }) => [...goal, ...gap1, ...gap2],
    jumps: {
      width: 0.1,
      where: `a wall begins to hold the point back${reward === "sparse" ? ", or the sparse reward begins" : ""}`,
      move,
      arrive,
      distance,
    },
  };
}
