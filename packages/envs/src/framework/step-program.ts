import type { NdArray } from "@sgmrl/autodiff";

/**
 * The step of one trajectory as a function of arrays, to be traced: any backend runs it, `vmap` runs it for many.
 * The state is also what the policy sees, and the dynamics draw nothing.
 *
 * Shapes  state: [s], action: [a], task: [k] → state: [s], reward: [], terminated: [] (int32, 0 or 1)
 */
export type StepProgram = (state: NdArray, action: NdArray, task: NdArray) => StepResult;

export interface StepResult {
  readonly state: NdArray;
  readonly reward: NdArray;
  readonly terminated: NdArray;
}
