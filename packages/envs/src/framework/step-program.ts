import type { NdArray } from "@sgmrl/autodiff";

/**
 * The step of one trajectory as a function of arrays, to be traced: any backend runs it, and `vmap` batches
 * it. The state is also the policy's observation, and the dynamics are deterministic.
 *
 * Shapes  state: [s], action: [a], task: [k] → state: [s], reward: [], terminated: [] (int32, 0 or 1)
 */
export type StepProgram = (state: NdArray, action: NdArray, task: NdArray) => StepResult;

/** The result of a step: the next state [s], the reward [], and whether it terminated [] (int32, 0 or 1). */
export interface StepResult {
  readonly state: NdArray;
  readonly reward: NdArray;
  readonly terminated: NdArray;
}

/**
 * An environment's step, written so that data can be differentiated through it: equal to its dynamics, as
 * `checkEnvironment` checks.
 */
export interface DifferentiableStep<Task = unknown> {
  readonly step: StepProgram;
  /** The task as the program takes it: [k]. A method, so that it also accepts `unknown` tasks. */
  parameters(task: Task): readonly number[];
  /** Absent if state, reward and termination are Lipschitz in what came before, and so the data in θ. */
  readonly jumps?: Jumps;
}

/**
 * Where the data jump [eq:jump-distance]. The step is split at the aim, the state an action would lead to if
 * nothing stood in its way:
 *
 *   s̃ = move(s, a),   (s', r, end) = arrive(s, s̃),   step(s, a) = arrive(s, move(s, a))
 *
 * `arrive`, and what follows it, jumps only where `distance` is 0.
 */
export interface Jumps {
  /** Distance from a jump within which scores replace derivatives, in the state's units: a few steps. */
  readonly width: number;
  /** In words, for messages: "the episode ends at the goal". */
  readonly where: string;
  /**
   * ∂s̃/∂a is diagonal: 0 where an action is clipped, and elsewhere the constant that it is at a = 0.
   *
   * Shapes  state: [s], action: [a] → [s], with s = a
   */
  readonly move: (state: NdArray, action: NdArray) => NdArray;
  readonly arrive: (state: NdArray, aim: NdArray, task: NdArray) => StepResult;
  /** Distance of the aim from a jump: Lipschitz, in the state's units, positive except on jumps. Shape [] */
  readonly distance: (state: NdArray, aim: NdArray, task: NdArray) => NdArray;
}
