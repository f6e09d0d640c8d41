import { atan2, cos, hypot, sin } from "@sgmrl/autodiff/elementary";
import { normal } from "@sgmrl/autodiff/random";
import type { TaskNumbers } from "../framework/check-task.ts";
import { cubeFamily, finiteFamily, type TaskFamily } from "../framework/task-family.ts";
import { decimals, listed, significant } from "../render/decimals.ts";
import type { MotionGoal } from "../rigid-body/render/scene.ts";

/** A distribution over tasks, the fields that a task must have, and how it is worded and drawn. */
export interface TaskKind<Task> {
  readonly family: TaskFamily<Task>;
  readonly numbers: TaskNumbers<Task>;
  inWords(task: Task): string;
  goals(task: Task): readonly MotionGoal[];
}

/** Run forward (1) or backward (−1). */
export interface DirectionTask {
  readonly direction: 1 | -1;
}

/** Run at this speed along x [m/s]. */
export interface VelocityTask {
  readonly velocity: number;
}

/** Run along this unit vector of the plane. */
export interface HeadingTask {
  readonly heading: readonly [number, number];
}

/** Walk to this point of the plane [m]. */
export interface PlaceTask {
  readonly goal: readonly [number, number];
}

/** d = ±1, each with probability ½. */
export const directions: TaskKind<DirectionTask> = {
  numbers: { direction: 1 },
  family: finiteFamily<DirectionTask>("forward or backward, each with probability 1/2", [
    { weight: 0.5, task: { direction: 1 } },
    { weight: 0.5, task: { direction: -1 } },
  ]),
  inWords: ({ direction }) => (direction === 1 ? "forward" : "backward"),
  goals: ({ direction }) => [{ heading: [direction, 0] }],
};

/** v uniform between two speeds [m/s]. */
export function velocitiesBetween(low: number, high: number): TaskKind<VelocityTask> {
  return {
    numbers: { velocity: 1 },
    family: cubeFamily(`the target speed is uniform over [${low}, ${high}] m/s`, 1, (u) => ({
      velocity: low + (high - low) * u[0]!,
    })),
    inWords: ({ velocity }) => `at ${significant(velocity)} m/s`,
    goals: ({ velocity }) => [{ velocity }],
  };
}

/** A normalised Gaussian vector is uniform on the circle. */
export const headings: TaskKind<HeadingTask> = {
  numbers: { heading: 2 },
  family: {
    description: "the heading is uniform on the circle",
    sample: (key) => {
      const [x, y] = normal(key, 2) as unknown as [number, number]; // two draws were asked for
      const norm = hypot(x, y);
      return { heading: [x / norm, y / norm] };
    },
  },
  inWords: ({ heading: [x, y] }) => `at ${decimals((atan2(y, x) * 180) / Math.PI, 0)}° from the x axis`,
  goals: ({ heading }) => [{ heading }],
};

/** r = R √u makes the point uniform over the disc of radius R. */
export function placesWithin(radius: number): TaskKind<PlaceTask> {
  return {
    numbers: { goal: 2 },
    family: cubeFamily(`the goal is uniform over the disc of radius ${radius} m`, 2, (u) => {
      const [r, angle] = [radius * Math.sqrt(u[0]!), 2 * Math.PI * u[1]!];
      return { goal: [r * cos(angle), r * sin(angle)] };
    }),
    inWords: ({ goal }) => `to (${listed(goal)})`,
    goals: ({ goal }) => [{ place: goal }],
  };
}
