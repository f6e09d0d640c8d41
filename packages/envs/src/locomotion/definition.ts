/** Defines a family of tasks for a robot, as in ant.ts; locomotion.ts builds the environment from it. */
import type { Model } from "../rigid-body/model/model.ts";
import type { TaskKind } from "./tasks.ts";

/**
 * One environment step of a robot: the control held for `frameSkip` physics steps.
 *   dt = frameSkip · timestep   [s]
 */
export interface Stride {
  readonly dt: number;
  /** Displacement of the root [m]. */
  dx: number;
  dy: number;
  /** Σ_i u_i² of the applied control, before the motors clamp it. */
  effort: number;
  /** Σ clip(c, 1)² over the components c of the bodies' contact forces; 0 unless observed. */
  contactEffort: number;
  /** The coordinates reached. */
  readonly qpos: Float64Array;
  readonly qvel: Float64Array;
}

/** A family of tasks for a robot. */
export interface Locomotion<Task> {
  readonly name: string;
  readonly summary: string;
  readonly tasks: TaskKind<Task>;
  /** The compiled robot of a task. Called once per `dynamics`. */
  model(task: Task): Model;
  /** The robot of all tasks, or the one whose masses, inertias, frictions and dampings they scale. */
  readonly template: () => Model;
  readonly sizes: { readonly nq: number; readonly nv: number; readonly nu: number; readonly bodies: number };
  readonly frameSkip: number;
  /** The policy's action a becomes the control clip(a / scale, 1); default 10. */
  readonly actionScale?: number;
  /** Default 200. */
  readonly horizon?: number;
  /** q_0 = qpos0 + U[-position, position];  v_0 = U[-velocity, velocity] or N(0, velocity²). */
  readonly startNoise: {
    readonly position: number;
    readonly velocity: number;
    readonly velocityLaw: "uniform" | "normal";
  };
  /** The observation is qpos from `firstPosition`, then qvel clipped to ±velocityClip, then the contact forces. */
  readonly observes: {
    readonly firstPosition: number;
    readonly velocityClip: number;
    readonly contactForces: boolean;
    /** Whether the observation omits the forces on the world, which are 0. */
    readonly withoutWorld?: boolean;
  };
  reward(task: Task, stride: Stride): number;
  /**
   * Requirements for differentiating data through the robot: the slopes of the reward, and in words where the
   * data jump as the policy's parameters change. Absent where the reward or the observation depends on
   * contact forces.
   */
  readonly differentiable?: {
    slopes(task: Task, stride: Displacement): RewardSlopes;
    readonly jumps?: string;
  };
  terminated(qpos: Float64Array, qvel: Float64Array): boolean;
}

/** ∂r/∂(dx) and ∂r/∂(Σ u²), for a reward that depends on a stride through these alone. */
export interface RewardSlopes {
  readonly dx: number;
  readonly effort: number;
}

/** The quantities that a reward's slopes may depend on. */
export interface Displacement {
  readonly dx: number;
  readonly dt: number;
}
