import type { Linearization, RobotState } from "../../../src/rigid-body/index.ts";
import type { Model } from "../../../src/rigid-body/model/model.ts";
import type { Official } from "./official.ts";

/** A step with what its tangents mean: q ⊕ δ, and the δ between two coordinates. */
export type Stepper = Pick<Official, "step" | "moved" | "difference">;

/** [∂(q', v')/∂(q, v), ∂(q', v')/∂u] by columns, coordinates by their tangents, each to O(ε²). */
export function centralDifferences(
  { step, moved, difference }: Stepper,
  { nv, nu }: Model,
  state: RobotState,
  control: Float64Array,
  epsilon: number,
): number[][] {
  return Array.from({ length: 2 * nv + nu }, (_, k) => {
    const at = (sign: 1 | -1): RobotState => {
      const qvel = state.qvel.slice();
      const u = control.slice();
      const along = new Float64Array(nv);
      if (k < nv) along[k] = sign * epsilon;
      else if (k < 2 * nv) qvel[k - nv]! += sign * epsilon;
      else u[k - 2 * nv]! += sign * epsilon;
      return step({ ...state, qpos: moved(state.qpos, along), qvel }, u);
    };
    const [up, down] = [at(1), at(-1)];
    const change = [...difference(down.qpos, up.qpos), ...up.qvel.map((x, i) => x - down.qvel[i]!)];
    return change.map((x) => x / (2 * epsilon));
  });
}

/** The largest difference between a linearization and the differences' columns, relative to the largest entry. */
export function error({ state: A, control: B }: Linearization, expected: readonly number[][]): number {
  const rows = A.shape[0]!;
  const nu = B.shape[1]!;
  const scale = Math.max(...expected.flat().map(Math.abs));
  const ours = (i: number, k: number) => (k < rows ? A.data[i * rows + k]! : B.data[i * nu + k - rows]!);
  return Math.max(...expected.flatMap((column, k) => column.map((x, i) => Math.abs(x - ours(i, k))))) / scale;
}
