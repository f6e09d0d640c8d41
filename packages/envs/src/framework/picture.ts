import type { Drawing, Mark, Stroke } from "../render/drawing.ts";

/** A trajectory: states as `State.values` holds them, s_0 first, and the action taken at each but the last. */
export interface Walk<Task = unknown> {
  readonly title: string;
  readonly task: Task;
  readonly states: readonly Float64Array[];
  readonly actions: readonly Float64Array[];
}

/**
 * How trajectories of an environment are drawn: as the path of a point in the plane, or by a function, as
 * `rigidBody.robotPicture` makes for any robot.
 */
export type Picture<Task = unknown> = PlanePicture<Task> | OwnPicture<Task>;

/** Draws a trajectory, with one moment for each state. */
export interface OwnPicture<Task = unknown> {
  draw(walk: Walk<Task>): Drawing;
}

/** A point of the plane, which leaves a path, and what else is drawn around it. */
export interface PlanePicture<Task = unknown> {
  scene(task: Task): Scene;
  /** Which two numbers of the state row are the point. */
  readonly position: readonly [x: number, y: number];
  /** What else moves, as segments and dots, the farthest first: the same number of them in every state. */
  strokes?(state: Float64Array, task: Task): readonly Stroke[];
}

/** What does not move, in the coordinates of the point. */
export interface Scene {
  readonly bounds: {
    readonly x: readonly [low: number, high: number];
    readonly y: readonly [low: number, high: number];
  };
  readonly marks: readonly Mark[];
}

/** Whether trajectories are paths in the plane. */
export function isPlane<Task>(picture: Picture<Task> | undefined): picture is PlanePicture<Task> {
  return picture !== undefined && "scene" in picture && picture.scene !== undefined;
}
