import type { OwnPicture } from "../../framework/picture.ts";
import { shown } from "../../framework/shown.ts";
import { RobotError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";
import { drawMotion, type MotionGoal } from "./scene.ts";

/** How states and actions of an environment are those of a robot. */
export interface RobotPictureOptions<Task> {
  /** The compiled robot of a task. A state row begins with its coordinates (qpos) and velocities (qvel). */
  model(task: Task): Model;
  /** Steps of the robot for each action. */
  readonly frameSkip: number;
  /** The robot's control under an action (default: the action). */
  control?(action: Float64Array): Float64Array;
  /** What the task asks for (default: nothing). */
  goals?(task: Task): readonly MotionGoal[];
}

/**
 * The picture of an environment whose state is that of a robot: its shapes, the floor, contact forces and goals, in
 * physical time.
 *
 * Errors  RobotError, on drawing, for a `frameSkip` that is no count, a state that is too short, a control of another
 *         length than the robot's and a goal that is none
 */
export function robotPicture<Task = unknown>({
  model: modelOf,
  frameSkip,
  control: controlOf = (action) => action,
  goals = () => [],
}: RobotPictureOptions<Task>): OwnPicture<Task> {
  return {
    draw({ title, task, states, actions }) {
      const model = modelOf(task);
      const { name, nq, nv, nu, timestep } = model;
      const fail = (part: string, problem: string): never => {
        throw new RobotError(name, `robotPicture, ${part}`, problem);
      };
      if (!(Number.isSafeInteger(frameSkip) && frameSkip >= 1))
        fail("frameSkip", `is ${frameSkip}; expected a whole number of at least 1`);
      const moments = states.map((state, t) => {
        if (state.length < nq + nv)
          fail("state", `has ${state.length} numbers; expected ${nq} coordinates, then ${nv} velocities`);
        const action = actions[t];
        const control = action && controlOf(action);
        if (control !== undefined && control.length !== nu)
          fail("control", `has ${control.length} numbers for an action; the robot takes ${nu}`);
        return {
          qpos: state.slice(0, nq),
          qvel: state.slice(nq, nq + nv),
          ...(control === undefined ? {} : { control }),
        };
      });
      const asked: unknown = goals(task);
      if (!Array.isArray(asked)) return fail("goals(task)", `is ${shown(asked)}; expected a list`);
      asked.forEach((goal: unknown, k) => {
        if (!isGoal(goal))
          fail(
            `goals(task)[${k}]`,
            `is ${shown(goal)}; expected { place: [x, y] }, { velocity } or { heading: [x, y] }, finite numbers`,
          );
      });
      return drawMotion({ title, model, moments, dt: frameSkip * timestep, goals: asked });
    },
  };
}

function isGoal(goal: unknown): goal is MotionGoal {
  const { place, velocity, heading } = (goal ?? {}) as Partial<Record<string, unknown>>; // it may be anything
  const parts = [place, velocity, heading].filter((part) => part !== undefined);
  const isPoint = (value: unknown) =>
    Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
  return parts.length === 1 && (velocity === undefined ? isPoint(parts[0]) : Number.isFinite(velocity));
}
