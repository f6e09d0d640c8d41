/** Defines a robot's environment, as in ant.ts; robot-environment.ts makes it. */
import type { Key } from "@sgmrl/autodiff/random";
import type { TaskNumbers } from "../framework/check-task.ts";
import type { TaskFamily } from "../framework/task-family.ts";
import type { Model } from "../rigid-body/model/model.ts";
import type { Robot } from "../rigid-body/model/robot.ts";
import type { MotionGoal } from "../rigid-body/render/scene.ts";
import type { ObservedNumbers, OwnObservation } from "./observation.ts";

/** Coordinates and velocities: [nq] and [nv]. */
export interface Pose {
  readonly qpos: Float64Array;
  readonly qvel: Float64Array;
}

/**
 * One environment step of a robot: the control held for `frameSkip` physics steps.
 *   dt = frameSkip · timestep   [s]
 */
export interface Stride extends Pose {
  readonly dt: number;
  /** By how much the first two coordinates changed: those of the root [m]. */
  dx: number;
  dy: number;
  /** Σ_i u_i² of the applied control. */
  effort: number;
  /** Σ clip(c, 1)² over the components c of the bodies' contact forces; 0 unless observed. */
  contactEffort: number;
  /** The coordinates reached. */
  readonly qpos: Float64Array;
  readonly qvel: Float64Array;
}

/** Partial derivatives of a reward by what a stride holds; 0 where absent. */
export interface RewardSlopes {
  readonly dx?: number;
  readonly dy?: number;
  readonly effort?: number;
  /** [nq] and [nv] */
  readonly qpos?: ArrayLike<number>;
  readonly qvel?: ArrayLike<number>;
}

/** A robot with tasks: what an author gives, and `robotEnvironment` makes an environment of. */
export interface RobotEnvironment<Task> {
  readonly name: string;
  /** One sentence, for `--help` and reports. */
  readonly summary: string;
  /** Compiled on first use. */
  readonly robot: Robot;
  /**
   * The model of a task's robot, if masses, inertias, frictions or dampings differ from task to task: a copy of the given
   * one with other `bodyMass`, `bodyInertia`, `dofDamping`, `pairs[].friction` and `pairs[].law.regularization`. What is
   * 0 there stays 0. Refused if anything else differs.
   */
  model?(task: Task, model: Model): Model;
  readonly family: TaskFamily<Task>;
  /** How many numbers each field of a task holds, 1 for a bare number; given these, other tasks are refused by field. */
  readonly numbers?: TaskNumbers<Task>;
  /** Physics steps for each action. */
  readonly frameSkip: number;
  /** An action of this size is full control (default 10): of deviation 1 at first, a policy explores gently. */
  readonly actionScale?: number;
  /** Default 200. */
  readonly horizon?: number;
  /** Default 0.99. */
  readonly discount?: number;
  /** Changes the described pose at rest into a random start, as `startNoise` does (default: not at all). */
  start?(key: Key, pose: Pose, task: Task): void;
  /** Default: all coordinates, then all velocities. */
  readonly observes?: ObservedNumbers | OwnObservation;
  reward(task: Task, stride: Stride): number;
  /**
   * Requirements for differentiating data through the robot: the slopes of the reward, and in words where the data jump
   * as the policy's parameters change. Impossible where contact forces are observed.
   */
  readonly differentiable?: {
    slopes(task: Task, stride: Stride): RewardSlopes;
    readonly jumps?: string;
  };
  /** Whether a state ends the trajectory (default: none does). */
  terminated?(qpos: Float64Array, qvel: Float64Array, task: Task): boolean;
  /** What a task asks for, in words (default: its fields as data). */
  inWords?(task: Task): string;
  /** What a task asks for, to be drawn (default: nothing). */
  goals?(task: Task): readonly MotionGoal[];
}
