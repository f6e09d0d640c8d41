import { convert, type NdArray, type NestedNumbers } from "@sgmrl/autodiff";
import type * as tf from "@tensorflow/tfjs";

/** One function of ours and one of TensorFlow.js that should agree. */
export interface Pair {
  readonly ours: (...xs: NdArray[]) => NdArray;
  readonly theirs: (...xs: tf.Tensor[]) => tf.Tensor;
  readonly inputs: readonly NestedNumbers[];
  /** False where TensorFlow.js has no gradient. */
  readonly differentiable: boolean;
}

export function pair(ours: Pair["ours"], theirs: Pair["theirs"], ...inputs: readonly NestedNumbers[]): Pair {
  return { ours, theirs, inputs, differentiable: true };
}

/** Comparisons and the like, and stridedSlice, which has none either. */
export function withoutGradient(
  ours: Pair["ours"],
  theirs: Pair["theirs"],
  ...inputs: readonly NestedNumbers[]
): Pair {
  return { ours: (...xs) => convert(ours(...xs), "float64"), theirs, inputs, differentiable: false };
}
