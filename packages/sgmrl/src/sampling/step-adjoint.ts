import { array, compile, type NdArray, reference, vjp, vmap, zerosLike } from "@sgmrl/autodiff";
import type { StepProgram } from "@sgmrl/envs";
import type { Execution } from "../policy/log-likelihood.ts";
import type { TrajectoryBatch } from "../trajectory.ts";

/** The steps of a batch of trajectories, to be gone back over. */
export interface StepAdjoint {
  /** Numbers in a state. */
  readonly stateSize: number;
  /**
   * The adjoint of step `row`, s' = f(s, a) and r = ρ(s, a):
   *
   *   s̄ = (∂f/∂s)ᵀ s̄' + (∂ρ/∂s) r̄,   ā = (∂f/∂a)ᵀ s̄' + (∂ρ/∂a) r̄
   *
   * Overwrites stateBar and actionBar.
   */
  pull(
    row: number,
    nextBar: Float64Array,
    rewardBar: number,
    stateBar: Float64Array,
    actionBar: Float64Array,
  ): void;
}

/** The steps of a program of an environment, each linearised where a batch of trajectories passed. */
export function programAdjoint(
  step: StepProgram,
  { backend = reference, dtype = "float64" }: Execution = {},
): (batch: TrajectoryBatch, parameters: readonly number[]) => StepAdjoint {
  /** Rows of the Jacobian: of each number of s', then of r, in s and in a: [rows, s] and [rows, a]. */
  const linearise = compile(
    (states: NdArray, actions: NdArray, task: NdArray) => {
      const [next, pull] = vjp((s: NdArray, a: NdArray) => {
        const { state, reward } = vmap((s1: NdArray, a1: NdArray) => step(s1, a1, task))(s, a);
        return { state, reward };
      })(states, actions);
      const [rows, s] = next.state.shape as [number, number]; // one state a row
      const unit = (i: number): NdArray =>
        array(
          Float64Array.from({ length: rows * s }, (_, k) => (k % s === i ? 1 : 0)),
          [rows, s],
          states.dtype as typeof dtype,
        );
      const none = zerosLike(next.reward);
      return [
        ...Array.from({ length: s }, (_, i) => pull({ state: unit(i), reward: none })),
        pull({ state: zerosLike(next.state), reward: array(new Float64Array(rows).fill(1), [rows], dtype) }),
      ];
    },
    { backend, dtype },
  );

  return ({ observations, actions, rewards }, parameters) => {
    const rows = rewards.length;
    const [s, a] = [observations.length / rows, actions.length / rows];
    const jacobian = linearise(
      array(observations, [rows, s], dtype),
      array(actions, [rows, a], dtype),
      array([...parameters], [parameters.length], dtype),
    ).map(([inState, inAction]) => ({ inState: inState.data, inAction: inAction.data }));
    return {
      stateSize: s,
      pull(row, nextBar, rewardBar, stateBar, actionBar) {
        stateBar.fill(0);
        actionBar.fill(0);
        for (let i = 0; i <= s; i++) {
          const bar = i < s ? nextBar[i]! : rewardBar;
          const { inState, inAction } = jacobian[i]!;
          for (let k = 0; k < s; k++) stateBar[k]! += bar * inState[row * s + k]!;
          for (let k = 0; k < a; k++) actionBar[k]! += bar * inAction[row * a + k]!;
        }
      },
    };
  };
}
