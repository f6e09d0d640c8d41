import { array, type NdArray, ones, zerosLike } from "@sgmrl/autodiff";

/** For each number of a row of x [rows, s], cotangents that are 1 there in every row: [rows, s] each. */
export function units({ shape, dtype }: NdArray): NdArray[] {
  const [rows, s] = shape as [number, number]; // one state a row
  return Array.from({ length: s }, (_, i) =>
    array(
      Float64Array.from({ length: rows * s }, (_, k) => (k % s === i ? 1 : 0)),
      [rows, s],
      dtype,
    ),
  );
}

/** Next states [rows, s] and rewards [rows], or their cotangents. */
export interface Results {
  readonly state: NdArray;
  readonly reward: NdArray;
}

/** Rows of the Jacobian of many steps at once: what `pull` gives for each number of s', then for r. */
export function jacobianRows<T>({ state, reward }: Results, pull: (bars: Results) => T): T[] {
  const none = zerosLike(reward);
  return [
    ...units(state).map((unit) => pull({ state: unit, reward: none })),
    pull({ state: zerosLike(state), reward: ones(reward.shape, reward.dtype) }),
  ];
}
