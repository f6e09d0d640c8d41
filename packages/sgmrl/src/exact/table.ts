import type { TrajectoryBatch } from "../trajectory.ts";

/** The size of a table of logits. */
export interface Sizes {
  /** S and A. */
  readonly states: number;
  readonly actions: number;
}

/** θ as one vector, row by row: [S A]. */
export function flatten(table: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(table.flat());
}

/** [S A] → [S][A]. */
export function unflatten(vector: Float64Array, { states, actions }: Sizes): number[][] {
  return Array.from({ length: states }, (_, s) => [...vector.subarray(s * actions, (s + 1) * actions)]);
}

/** Row numbers of (s, a) in the table θ, for each row of a batch: [rows]. */
export function tableIndices(
  { observations, actions }: TrajectoryBatch,
  { states, actions: A }: Sizes,
): Int32Array {
  const indices = new Int32Array(actions.length);
  for (let row = 0; row < indices.length; row++) {
    for (let s = 0; s < states; s++) {
      if (observations[row * states + s] === 1) indices[row] = s * A + actions[row]!;
    }
  }
  return indices;
}
