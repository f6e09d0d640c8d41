import type { NdArray } from "@sgmrl/autodiff";

/**
 * The step of one trajectory as a function of arrays, to be traced: any backend runs it, `vmap` runs it for many.
 * The state is also what the policy sees, and the dynamics draw nothing.
 *
 * Shapes  state: [s], action: [a], task: [k] → state: [s], reward: [], terminated: [] (int32, 0 or 1)
 */
export type StepProgram = (state: NdArray, action: NdArray, task: NdArray) => StepResult;

/** What a step gives: the next state [s], its reward [], and whether the task has ended [] (int32, 0 or 1). */
export interface StepResult {
  readonly state: NdArray;
  readonly reward: NdArray;
  readonly terminated: NdArray;
}

/** An environment's step, written so that data can be differentiated through it: bit for bit equal to its dynamics. */
export interface DifferentiableStep<Task = unknown> {
  readonly step: StepProgram;
  /** The task as the program takes it: [k]. A method, so that it is also one for tasks unknown. */
  parameters(task: Task): readonly number[];
  /** Absent where state, reward and end are Lipschitz functions of what came before, so that the data are one of θ. */
  readonly jumps?: Jumps;
}

/**
 * Where the data jump [eq:jump-distance]. The step is taken apart at the state that an action aims at, before anything stands in its way:
 *
 *   s̃ = move(s, a),   (s', r, end) = arrive(s, s̃),   step(s, a) = arrive(s, move(s, a))
 *
 * `arrive`, and what follows it, jumps only where `distance` is 0.
 */
export interface Jumps {
  /** How far around a jump derivatives give way to scores, in the state's units: a few steps. */
  readonly width: number;
  /** In words, for messages: "the episode ends at the goal". */
  readonly where: string;
  /** Shapes  state: [s], action: [a] → [s], with s = a and ∂s̃/∂a diagonal */
  readonly move: (state: NdArray, action: NdArray) => NdArray;
  readonly arrive: (state: NdArray, aim: NdArray, task: NdArray) => StepResult;
  /** How far the aim is from a jump: Lipschitz, in the state's units, 0 on the jumps and positive elsewhere. Shape [] */
  readonly distance: (state: NdArray, aim: NdArray, task: NdArray) => NdArray;
}
