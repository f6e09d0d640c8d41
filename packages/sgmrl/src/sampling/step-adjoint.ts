import { array, compile, type NdArray, reference, vjp, vmap } from "@sgmrl/autodiff";
import type { DifferentiableDynamics, StepProgram } from "@sgmrl/envs";
import type { Execution } from "../policy/log-likelihood.ts";
import type { TrajectoryBatch } from "../trajectory.ts";
import { jacobianRows } from "./jacobian-rows.ts";

/** The steps of a batch of trajectories, for a backward pass; at each time, those of the given trajectories. */
export interface StepAdjoint {
  /** Length of the cotangent of a state. */
  readonly stateSize: number;
  /**
   * The adjoint of step h, s' = f(s, a) and r = ρ(s, a):
   *
   *   s̄ ← (∂f/∂s)ᵀ s̄' + (∂ρ/∂s) r̄,   ā = (∂f/∂a)ᵀ s̄' + (∂ρ/∂a) r̄
   *
   * Shapes  stateBars: [N, s], s̄' to be replaced by s̄; rewardBars: [N, H]; actionBars: [N, a], overwritten
   */
  pull(
    time: number,
    trajectories: Int32Array,
    stateBars: Float64Array,
    rewardBars: Float64Array,
    actionBars: Float64Array,
  ): void;
  /** s̄ += (∂o_h/∂s_h)ᵀ ō. Shapes  observationBars: [N, o] */
  pullObservations(
    time: number,
    trajectories: Int32Array,
    observationBars: Float64Array,
    stateBars: Float64Array,
  ): void;
}

/**
 * For an environment that provides its own adjoint. The batch must have its states recorded. `contactDepth` is as in
 * `DifferentiableDynamics.adjoint`.
 */
export function recordedAdjoint(
  { cotangentSize: s, adjoint }: DifferentiableDynamics,
  { dtype }: Execution = {},
): (batch: TrajectoryBatch, task: unknown, contactDepth?: number) => StepAdjoint {
  return ({ trajectories: N, horizon, observations, actions, states }, task, contactDepth) => {
    if (states === undefined)
      throw new RangeError("step adjoint: the trajectories were recorded without their states.");
    const dynamics = adjoint(task, dtype, contactDepth);
    const [o, a] = [observations.length / (N * horizon), actions.length / (N * horizon)];
    const width = states.length / (N * (horizon + 1));
    const stateAt = (j: number, h: number): number => (j * (horizon + 1) + h) * width;
    const [stateRows, actionRows] = [new Int32Array(N), new Int32Array(N)];
    /** s̄', r̄ and ā of the chosen trajectories, one after the other. */
    const [next, ofRewards, pulled] = [new Float64Array(N * s), new Float64Array(N), new Float64Array(N * a)];
    return {
      stateSize: s,
      pull(h, chosen, stateBars, rewardBars, actionBars) {
        const count = chosen.length;
        for (let k = 0; k < count; k++) {
          const j = chosen[k]!;
          stateRows[k] = stateAt(j, h);
          actionRows[k] = (j * horizon + h) * a;
          ofRewards[k] = rewardBars[j * horizon + h]!;
          for (let i = 0; i < s; i++) next[k * s + i] = stateBars[j * s + i]!;
        }
        dynamics.pullSteps(
          states,
          stateRows.subarray(0, count),
          actions,
          actionRows.subarray(0, count),
          next,
          ofRewards,
          pulled,
        );
        for (let k = 0; k < count; k++) {
          const j = chosen[k]!;
          for (let i = 0; i < s; i++) stateBars[j * s + i] = next[k * s + i]!;
          for (let i = 0; i < a; i++) actionBars[j * a + i] = pulled[k * a + i]!;
        }
      },
      pullObservations(h, chosen, observationBars, stateBars) {
        for (let k = 0; k < chosen.length; k++) {
          const j = chosen[k]!;
          dynamics.pullObservation(states, stateAt(j, h), observationBars, j * o, stateBars, j * s);
        }
      },
    };
  };
}

/** The steps of an environment's program, linearised at the states of a batch of trajectories. */
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
      return jacobianRows(next, pull);
    },
    { backend, dtype },
  );

  return ({ horizon, observations, actions, rewards }, parameters) => {
    const rows = rewards.length;
    const [s, a] = [observations.length / rows, actions.length / rows];
    const jacobian = linearise(
      array(observations, [rows, s], dtype),
      array(actions, [rows, a], dtype),
      array([...parameters], [parameters.length], dtype),
    ).map(([inState, inAction]) => ({ inState: inState.data, inAction: inAction.data }));
    const stateBar = new Float64Array(s);
    return {
      stateSize: s,
      pull(h, trajectories, stateBars, rewardBars, actionBars) {
        for (const j of trajectories) {
          const row = j * horizon + h;
          stateBar.fill(0);
          actionBars.fill(0, j * a, (j + 1) * a);
          for (let i = 0; i <= s; i++) {
            const bar = i < s ? stateBars[j * s + i]! : rewardBars[row]!;
            const { inState, inAction } = jacobian[i]!;
            for (let k = 0; k < s; k++) stateBar[k]! += bar * inState[row * s + k]!;
            for (let k = 0; k < a; k++) actionBars[j * a + k]! += bar * inAction[row * a + k]!;
          }
          stateBars.set(stateBar, j * s);
        }
      },
      // The observation is the state.
      pullObservations(_h, trajectories, observationBars, stateBars) {
        for (const j of trajectories)
          for (let k = j * s; k < (j + 1) * s; k++) stateBars[k]! += observationBars[k]!;
      },
    };
  };
}
