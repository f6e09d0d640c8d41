/**
 * Environments: pure, keyed, batched.
 *
 *   s_0 = start(key, task),   s_{t+1}, r_t = advance(s_t, a_t, task, key, t)
 *
 * An author writes `Dynamics` once, on rows of buffers. `defineEnvironment` (define-environment.ts) derives
 * the single form (plain values in, plain values out) and the batched form (batch.ts: N trajectories of one
 * task in lock step, no allocation per step). Both run the same code, so they agree bit for bit.
 *
 * Randomness   one key per trajectory, carried by the state. The start draws from the key itself; the noise of
 *              step t draws from fold(key, t). A policy must draw its actions from another key.
 * Termination  a property of the state reached: the value of what follows is 0. The time limit `horizon` is
 *              truncation, which the caller applies (`atTimeLimit`); it is never reported as termination.
 */
import type { Key } from "@sgmrl/autodiff/random";
import type { Mdp } from "./mdp.ts";
import type { Picture } from "./picture.ts";
import type { Box, Space } from "./space.ts";
import type { DifferentiableDynamics } from "./step-adjoint.ts";
import type { DifferentiableStep } from "./step-program.ts";
import type { TaskFamily } from "./task-family.ts";

/**
 * The dynamics of one task. `state`, `action` and `observation` are buffers; s, a and o are the offsets of
 * the current row in each. A row of a discrete action is one element, its index.
 * An instance may own scratch memory, but carries no state from one call to another.
 */
export interface Dynamics {
  /** Writes s_0 at state[s ...]. */
  start(key: Key, state: Float64Array, s: number): void;
  /** Replaces s_t by s_{t+1} at state[s ...] and returns r_t. Noise: fold(key, time). */
  advance(state: Float64Array, s: number, action: Float64Array, a: number, key: Key, time: number): number;
  /**
   * `advance` of several rows at once, bit for bit the same, where that is faster: row k begins at
   * states[rows[k]] and actions[actionRows[k]], and its reward goes to rewards[k].
   */
  advanceRows?(
    states: Float64Array,
    rows: Int32Array,
    actions: Float64Array,
    actionRows: Int32Array,
    rewards: Float64Array,
  ): void;
  /** Whether the state that `advance` has just reached ends the trajectory. */
  terminal(state: Float64Array, s: number): boolean;
  /** Writes the observation of the state at observation[o ...]. */
  observe(state: Float64Array, s: number, observation: Float64Array, o: number): void;
}

/** The definition of an environment, as its author writes it. */
export interface EnvironmentDefinition<Task> {
  readonly name: string;
  /** One sentence, for `--help` and reports. */
  readonly summary: string;
  readonly observation: Box;
  readonly action: Space;
  /** Numbers in a state row. */
  readonly stateSize: number;
  /** The time limit: a trajectory has at most this many steps. */
  readonly horizon: number;
  /** The discount factor that the source uses with these tasks. */
  readonly discount: number;
  readonly family: TaskFamily<Task>;
  /** What a task asks for, "at 1.5 m/s", for reports (default: its fields as data, "velocity 1.5"). */
  inWords?(task: Task): string;
  /** The dynamics of a task; refuses tasks that are not the family's. */
  dynamics(task: Task): Dynamics;
  /** How trajectories are drawn; without one, the numbers of the state are. */
  readonly picture?: Picture<Task>;
  /** The step as a program, if data can be differentiated through it. */
  readonly differentiable?: DifferentiableStep<Task>;
  /** The adjoint of the step, if data can be differentiated through it but it is not a program. */
  readonly differentiableDynamics?: DifferentiableDynamics<Task>;
  /** Why data cannot be differentiated through the environment, in words; undefined or absent if they can, or it is not known. */
  noDerivative?(): string | undefined;
  /**
   * The task as an MDP of this horizon and discount, if states and actions are finitely many: how trajectories are drawn
   * without a picture, and data for exact enumeration.
   */
  mdp?(task: Task): Mdp;
}

/** A state of one trajectory. Plain data, never changed: `step` returns a new one. */
export interface State {
  readonly values: Float64Array;
  /** The trajectory's key. */
  readonly key: Key;
  /** t, the number of steps taken. */
  readonly time: number;
}

/** The result of one step: the next state, its observation, r_t, and whether it ended the trajectory. */
export interface Transition {
  readonly state: State;
  readonly observation: Float64Array;
  readonly reward: number;
  readonly terminated: boolean;
}

/**
 * An environment: its definition, the single form (`reset`, `observe`, `step`) and the batched one.
 *
 * Shapes  observation [width(observation)], action [width(action)]
 * Errors  `EnvironmentError` for a task outside the family, an action outside the space, a reward not finite
 */
export interface Environment<Task = unknown> extends EnvironmentDefinition<Task> {
  reset(key: Key, task: Task): State;
  observe(state: State, task: Task): Float64Array;
  /** `action` is a vector for a box, a one-element array or a number for a discrete space. */
  step(state: State, action: ArrayLike<number> | number, task: Task): Transition;
  /** `size` trajectories of one task, in lock step. */
  batch(task: Task, size: number): Batch;
}

/** The caller's buffers for one step of a batch; trajectory i uses row i of each. */
export interface StepBuffers {
  /** [size, width(observation)] */
  readonly observations: Float64Array;
  /** [size] */
  readonly rewards: Float64Array;
  /** [size]; 1 from the step that ends the trajectory onwards */
  readonly terminated: Uint8Array;
}

/** Trajectories of one task in lock step, in given buffers. Errors  `EnvironmentError` for wrong lengths. */
export interface Batch {
  readonly size: number;
  /** [size, stateSize]; read-only, for instance to draw a trajectory. */
  readonly states: Float64Array;
  /** Starts trajectory i with keys[i], and writes the first observations, [size, width(observation)]. */
  reset(keys: readonly Key[], observations: Float64Array): void;
  /**
   * One step of every trajectory. `actions` is [size, width(action)]. A trajectory that has terminated stays
   * where it is: its observation repeats, its reward is 0, and its action is not read.
   */
  step(actions: Float64Array, out: StepBuffers): void;
}

/** Whether the time limit stops the trajectory here: truncation, unless it has also terminated. */
export function atTimeLimit(environment: { readonly horizon: number }, state: State): boolean {
  return state.time >= environment.horizon;
}
