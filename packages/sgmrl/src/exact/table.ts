import type { TrajectoryBatch } from "../trajectory.ts";

/** The table of logits: its size, and how θ fills it. */
export interface Sizes {
  /** S and A. */
  readonly states: number;
  readonly actions: number;
  /** Φ, [S][K]: states share parameters, logits = Φ θ with θ [K A]. Without it θ is the table. [eq:linear-softmax] */
  readonly features?: readonly (readonly number[])[];
}

/** Φ θ: [K A] → [S A]; θ itself if there is no Φ. */
export function toTable(theta: Float64Array, { states, actions, features }: Sizes): Float64Array {
  if (features === undefined) return theta;
  const table = new Float64Array(states * actions);
  features.forEach((row, s) => {
    row.forEach((phi, k) => {
      for (let a = 0; a < actions; a++) table[s * actions + a]! += phi * theta[k * actions + a]!;
    });
  });
  return table;
}

/** Φᵀ T, the adjoint of `toTable`: [S A] → [K A]. */
export function fromTable(table: Float64Array, { actions, features }: Sizes): Float64Array {
  if (features === undefined) return table;
  const theta = new Float64Array(features[0]!.length * actions);
  features.forEach((row, s) => {
    row.forEach((phi, k) => {
      for (let a = 0; a < actions; a++) theta[k * actions + a]! += phi * table[s * actions + a]!;
    });
  });
  return theta;
}

/** θ as one vector, row by row: [S A], or [K A] with features. */
export function flatten(table: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(table.flat());
}

/** [S A] → [S][A], or [K A] → [K][A]. */
export function unflatten(vector: Float64Array, { actions }: Sizes): number[][] {
  return Array.from({ length: vector.length / actions }, (_, s) => [
    ...vector.subarray(s * actions, (s + 1) * actions),
  ]);
}

/** Place of (s, a) in the table of logits, for each row of a batch, and −1 for padding: [rows]. */
export function tableIndices(
  { observations, actions }: TrajectoryBatch,
  { states, actions: A }: Sizes,
): Int32Array {
  const indices = new Int32Array(actions.length).fill(-1);
  for (let row = 0; row < indices.length; row++) {
    for (let s = 0; s < states; s++) {
      if (observations[row * states + s] === 1) indices[row] = s * A + actions[row]!;
    }
  }
  return indices;
}
