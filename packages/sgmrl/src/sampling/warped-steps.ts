import {
  array,
  compile,
  div,
  minimum,
  type NdArray,
  ones,
  reference,
  vjp,
  vmap,
  zerosLike,
} from "@sgmrl/autodiff";
import type { Jumps } from "@sgmrl/envs";
import type { Execution } from "../policy/log-likelihood.ts";
import type { TrajectoryBatch } from "../trajectory.ts";
import { jacobianRows, units } from "./jacobian-rows.ts";

/** The steps of a batch, split at their aims s̃ (`Jumps`), for [eq:warp]. All arrays are by row. */
export interface WarpedSteps {
  readonly stateSize: number;
  /** χ = min(1, distance(s̃)/δ): [rows]; 1 where no jump is near. */
  readonly chi: ArrayLike<number>;
  /** ∂χ/∂s̃: [rows, s]. */
  readonly slope: ArrayLike<number>;
  /** K̃_i, ∂s̃_i/∂a_i of actions that are not clipped: [rows, s]. */
  readonly reach: ArrayLike<number>;
  /** K_i/K̃_i with K = ∂s̃/∂a: [rows, s]; 1, or 0 where the action is clipped. */
  readonly free: ArrayLike<number>;
  /** ∂s̃/∂s, for each number of s̃ [rows, s]. */
  readonly drift: readonly ArrayLike<number>[];
  /** ∂(s', r)/∂s and ∂(s', r)/∂s̃, for each number of s', then for r: [rows, s] each. */
  readonly arrival: readonly { readonly inState: ArrayLike<number>; readonly inAim: ArrayLike<number> }[];
}

/** The returned function throws `RangeError` where ∂s̃/∂a is not as `Jumps.move` requires. */
export function warpedSteps(
  { move, arrive, distance, width }: Jumps,
  { backend = reference, dtype = "float64" }: Execution = {},
): (batch: TrajectoryBatch, parameters: readonly number[]) => WarpedSteps {
  const linearise = compile(
    (states: NdArray, actions: NdArray, task: NdArray) => {
      const [aims, pullMove] = vjp((s: NdArray, a: NdArray) => vmap(move)(s, a))(states, actions);
      const [next, pullArrive] = vjp((s: NdArray, aim: NdArray) => {
        const { state, reward } = vmap((s1: NdArray, aim1: NdArray) => arrive(s1, aim1, task))(s, aim);
        return { state, reward };
      })(states, aims);
      const [chi, pullChi] = vjp((aim: NdArray) =>
        minimum(1, div(vmap((s1: NdArray, aim1: NdArray) => distance(s1, aim1, task))(states, aim), width)),
      )(aims);
      const [rows, s] = next.state.shape as [number, number]; // one state a row
      const moves = units(aims).map((unit) => pullMove(unit));
      // K and K̃ are diagonal: the sums of their rows. No action is clipped at 0.
      const all = ones([rows, s], dtype);
      const [, atZero] = vjp((s1: NdArray, a1: NdArray) => vmap(move)(s1, a1))(states, zerosLike(actions));
      const reach = atZero(all)[1];
      return {
        chi,
        slope: pullChi(ones([rows], dtype))[0],
        reach,
        free: div(pullMove(all)[1], reach),
        drift: moves.map(([inState]) => inState),
        arrival: jacobianRows(next, pullArrive),
      };
    },
    { backend, dtype },
  );
  return ({ observations, actions, rewards }, parameters) => {
    const rows = rewards.length;
    const found = linearise(
      array(observations, [rows, observations.length / rows], dtype),
      array(actions, [rows, actions.length / rows], dtype),
      array([...parameters], [parameters.length], dtype),
    );
    checkReach(found.reach.data, found.free.data, observations.length / rows);
    return {
      stateSize: observations.length / rows,
      chi: found.chi.data,
      slope: found.slope.data,
      reach: found.reach.data,
      free: found.free.data,
      drift: found.drift.map(({ data }) => data),
      arrival: found.arrival.map(([inState, inAim]) => ({ inState: inState.data, inAim: inAim.data })),
    };
  };
}

const required =
  "A warp needs ∂s̃/∂a diagonal: 0 where an action is clipped, and elsewhere what it is at a = 0.";

/** K̃_i is not 0; K_i/K̃_i is 0 or 1, or their mean where an action is exactly at its clip. */
function checkReach(reach: ArrayLike<number>, free: ArrayLike<number>, s: number): void {
  for (let at = 0; at < free.length; at++) {
    if (reach[at] === 0)
      throw new RangeError(
        `move: number ${at % s} of the aim s̃ does not depend on its action at a = 0. ${required}`,
      );
    const f = 2 * free[at]!;
    if (Math.abs(f - Math.round(f)) > 1e-3 || f < -1e-3 || f > 2.001)
      throw new RangeError(
        `move: number ${at % s} of the aim s̃ moves with its action ${(f / 2).toPrecision(3)} times as far as at a = 0, in row ${Math.floor(at / s)}. ${required}`,
      );
  }
}
