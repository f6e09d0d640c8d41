import { finiteFamily, type TaskFamily } from "../framework/task-family.ts";
import { listed } from "../render/decimals.ts";
import type { Mark } from "../render/drawing.ts";

/** A point of the plane. */
export type Point = readonly [x: number, y: number];

/** A point to reach. */
export interface GoalTask {
  readonly goal: Point;
}

/** ||(x, y) - p||_2 */
export function distanceTo([px, py]: Point, x: number, y: number): number {
  return Math.sqrt((x - px) * (x - px) + (y - py) * (y - py));
}

/** A goal in words. */
export const goalInWords = ({ goal }: GoalTask): string => `to (${listed(goal)})`;

/** The four goals of the corner families. */
export const corners: readonly Point[] = [
  [2, 2],
  [2, -2],
  [-2, 2],
  [-2, -2],
];

/** Progress near the goal only, −distance, or −distance². */
export type CornerReward = (typeof cornerRewards)[number];
export const cornerRewards = ["sparse", "dense", "dense-squared"] as const;

/** g uniform over the corners. */
export const cornerFamily: TaskFamily<GoalTask> = finiteFamily(
  "the goal is one of the corners (±2, ±2), each with probability 1/4",
  corners.map((goal) => ({ weight: 1 / 4, task: { goal } })),
);

/** The goal, and the other three corners. */
export function cornerMarks(goal: Point, radius?: number): Mark[] {
  const others = corners.filter(([x, y]) => x !== goal[0] || y !== goal[1]);
  return [
    { kind: "goal", x: goal[0], y: goal[1], ...(radius === undefined ? {} : { radius }) },
    ...others.map(([x, y]) => ({ kind: "other-goal", x, y }) as const),
  ];
}

/** Observes the first `count` numbers of the state unchanged. */
export function copyRow(
  count: number,
): (state: Float64Array, s: number, observation: Float64Array, o: number) => void {
  return (state, s, observation, o) => {
    for (let i = 0; i < count; i++) observation[o + i] = state[s + i]!;
  };
}
