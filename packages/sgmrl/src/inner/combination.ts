import { isStep, type TrajectoryBatch } from "../trajectory.ts";

/**
 * Row values of any subset of a batch's trajectories, as a linear combination of columns that all subsets share:
 *                                                                                       [eq:advantage-columns]
 *   A_r = Σ_q c_q(part) x_{q,r}   on the steps of the part
 *
 * Leaving trajectories out changes the coefficients c_q only, and sums over a subset are sums of per-trajectory sums.
 */
export interface Combination {
  /** x_q: [N, H] each. */
  readonly columns: readonly Float64Array[];
  /** c_q, by which trajectories are kept. */
  readonly coefficients: (kept: readonly boolean[]) => readonly number[];
  /** Of the whole batch: from the cotangents Ā of its rows, 0 on padding, to those of the data behind them. */
  readonly pullback: (ABar: Float64Array) => DataCotangents;
}

/** Derivatives of a scalar with respect to the data that it was computed from, at fixed lengths of the trajectories. */
export interface DataCotangents {
  /** [N, H] */
  readonly rewards: Float64Array;
  /** [N, H, observationWidth]; absent if it does not depend on observations. */
  readonly observations?: Float64Array;
}

/** Σ_q c_q x_q on the rows of the kept trajectories, 0 elsewhere: [N, H]. */
export function combine(
  { horizon, lengths, rewards }: TrajectoryBatch,
  { columns, coefficients }: Pick<Combination, "columns" | "coefficients">,
  kept: readonly boolean[],
): Float64Array {
  const c = coefficients(kept);
  const values = new Float64Array(rewards.length);
  for (let j = 0; j < lengths.length; j++) {
    if (!kept[j]) continue;
    for (let q = 0; q < c.length; q++)
      if (c[q] !== 0) addRows(values, c[q]!, columns[q]!, j * horizon, j * horizon + lengths[j]!);
  }
  return values;
}

/** values += factor x on rows from start to end. */
function addRows(values: Float64Array, factor: number, x: Float64Array, start: number, end: number): void {
  for (let row = start; row < end; row++) values[row]! += factor * x[row]!;
}

/** Σ_r x_r y_r over the steps of each trajectory: [N]. */
export function productsByTrajectory(
  { horizon, lengths }: TrajectoryBatch,
  x: Float64Array,
  y: Float64Array,
): Float64Array {
  const totals = new Float64Array(lengths.length);
  for (let j = 0; j < lengths.length; j++) {
    const [start, end] = [j * horizon, j * horizon + lengths[j]!];
    let total = 0;
    for (let row = start; row < end; row++) total += x[row]! * y[row]!;
    totals[j] = total;
  }
  return totals;
}

/** The products of all pairs of Q columns over what is kept: [Q, Q], as sums of those by trajectory. */
export function gramByTrajectory(
  batch: TrajectoryBatch,
  columns: readonly Float64Array[],
): (kept: readonly boolean[]) => Float64Array {
  const Q = columns.length;
  const grams = Array.from(batch.lengths, () => new Float64Array(Q * Q));
  columns.forEach((x, p) => {
    for (let q = 0; q <= p; q++) {
      productsByTrajectory(batch, x, columns[q]!).forEach((product, j) => {
        grams[j]![p * Q + q] = product;
        grams[j]![q * Q + p] = product;
      });
    }
  });
  return (kept) => {
    const total = new Float64Array(Q * Q);
    for (let j = 0; j < kept.length; j++) {
      if (!kept[j]) continue;
      const gram = grams[j]!;
      for (let i = 0; i < total.length; i++) total[i]! += gram[i]!;
    }
    return total;
  };
}

/** Σ_j x_j over the kept trajectories. */
export function sumOver(kept: readonly boolean[], x: ArrayLike<number>): number {
  let total = 0;
  for (let j = 0; j < kept.length; j++) if (kept[j]) total += x[j]!;
  return total;
}

/** Σ_k factor^k x_{h+k} to the end of each trajectory: [N, H]. */
export function discountedSums(
  { rewards, horizon, lengths }: TrajectoryBatch,
  factor: number,
  x: Float64Array,
): Float64Array {
  const sums = new Float64Array(rewards.length);
  for (let j = 0; j < lengths.length; j++) {
    let total = 0;
    for (let row = j * horizon + lengths[j]! - 1; row >= j * horizon; row--) {
      total = x[row]! + factor * total;
      sums[row] = total;
    }
  }
  return sums;
}

/** The adjoint of `discountedSums`: Σ_k factor^k ȳ_{h−k} from the start of each trajectory. [N, H] */
export function discountedSumsAdjoint(
  { horizon, lengths }: TrajectoryBatch,
  factor: number,
  yBar: Float64Array,
): Float64Array {
  const xBar = new Float64Array(yBar.length);
  for (let j = 0; j < lengths.length; j++) {
    let total = 0;
    for (let row = j * horizon; row < j * horizon + lengths[j]!; row++) {
      total = yBar[row]! + factor * total;
      xBar[row] = total;
    }
  }
  return xBar;
}

/** 1 on steps, 0 on padding. */
export function ones(batch: TrajectoryBatch): Float64Array {
  return batch.rewards.map((_, row) => (isStep(batch, row) ? 1 : 0));
}
