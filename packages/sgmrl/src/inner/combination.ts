import { concatenated } from "../arithmetic.ts";
import { isStep, type TrajectoryBatch } from "../trajectory.ts";

/** Which trajectories of a batch belong to a part of it: [N]. */
export type BatchPart = readonly boolean[];

/**
 * Row values of any subset of a batch's trajectories, as a linear combination of columns that all subsets share:
 *                                                                                       [eq:advantage-columns]
 *   A_r = Σ_q c_q(part) x_{q,r}   on the steps of the part
 *
 * Leaving trajectories out changes the coefficients c_q only, and sums over a subset are sums of per-trajectory sums.
 */
export interface LinearCombination {
  /** x_q: [N, H] each. */
  readonly columns: readonly Float64Array[];
  /** c_q of each part, given by the trajectories that are kept. */
  readonly coefficients: (parts: readonly BatchPart[]) => readonly (readonly number[])[];
  /**
   * For the whole batch: maps the cotangents Ā of its rows, 0 on padding, to those of the data they were computed from.
   */
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
  columns: readonly Float64Array[],
  c: readonly number[],
  kept: BatchPart,
): Float64Array {
  const terms = c.flatMap((factor, q) => (factor === 0 ? [] : [{ factor, x: columns[q]! }]));
  const values = new Float64Array(rewards.length);
  for (let j = 0; j < lengths.length; j++) {
    if (!kept[j]) continue;
    for (let q = 0; q < terms.length; q += 4)
      addFour(values, terms.slice(q, q + 4), j * horizon, j * horizon + lengths[j]!);
  }
  return values;
}

/** C X, each sum in the order of its terms.   Shapes  C: [P, Q], X: [Q, R] → [P, R] */
export type MatrixProduct = (C: Float64Array, X: Float64Array, Q: number) => Float64Array;

/** Numbers of rows that are combined at a time: 16 MB. */
const numbersAtOnce = 2 ** 21;

/**
 * `combine` for each of several parts, to the bit: as products of matrices, if a way to multiply them is given. Only some
 * parts are in memory at a time: `visit` receives each, and must not keep it.
 */
export function combineEach(
  batch: TrajectoryBatch,
  columns: readonly Float64Array[],
  c: readonly (readonly number[])[],
  parts: readonly BatchPart[],
  multiply: MatrixProduct | undefined,
  visit: (values: Float64Array, part: number) => void,
): void {
  if (multiply === undefined || parts.length === 1) {
    parts.forEach((kept, p) => {
      visit(combine(batch, columns, c[p]!, kept), p);
    });
    return;
  }
  const [Q, R] = [columns.length, batch.rewards.length];
  const X = concatenated(columns);
  const most = Math.max(1, Math.floor(numbersAtOnce / R));
  const size = Math.ceil(parts.length / Math.ceil(parts.length / most));
  for (let first = 0; first < parts.length; first += size) {
    const values = multiply(concatenated(c.slice(first, first + size)), X, Q);
    for (let p = first; p < Math.min(first + size, parts.length); p++) {
      const row = values.subarray((p - first) * R, (p - first + 1) * R);
      clearOutside(batch, parts[p]!, row);
      visit(row, p);
    }
  }
}

/** 0 on padding and on the trajectories that are not kept. */
function clearOutside({ horizon, lengths }: TrajectoryBatch, kept: BatchPart, values: Float64Array): void {
  for (let j = 0; j < lengths.length; j++)
    values.fill(0, j * horizon + (kept[j] ? lengths[j]! : 0), (j + 1) * horizon);
}

interface Term {
  readonly factor: number;
  readonly x: Float64Array;
}

/** values += Σ factor x on rows from start to end, for up to four terms, in their order, reading values only once. */
function addFour(values: Float64Array, terms: readonly Term[], start: number, end: number): void {
  if (terms.length < 4) {
    for (const { factor, x } of terms)
      for (let row = start; row < end; row++) values[row]! += factor * x[row]!;
    return;
  }
  const [a, b, c, d] = terms as [Term, Term, Term, Term];
  const [fa, fb, fc, fd] = [a.factor, b.factor, c.factor, d.factor];
  const [xa, xb, xc, xd] = [a.x, b.x, c.x, d.x];
  for (let row = start; row < end; row++) {
    values[row] = values[row]! + fa * xa[row]! + fb * xb[row]! + fc * xc[row]! + fd * xd[row]!;
  }
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

/** The products of all pairs of Q columns over the kept trajectories: [Q, Q], as sums over trajectories. */
export function gramByTrajectory(
  batch: TrajectoryBatch,
  columns: readonly Float64Array[],
): (kept: readonly boolean[]) => Float64Array {
  const Q = columns.length;
  const grams = Array.from(batch.lengths, (length, j) => {
    const gram = new Float64Array(Q * Q);
    const start = j * batch.horizon;
    for (let p = 0; p < Q; p++) {
      for (let q = 0; q <= p; q += 4) fourProducts(columns, p, q, start, start + length, gram);
      for (let q = 0; q < p; q++) gram[q * Q + p] = gram[p * Q + q]!;
    }
    return gram;
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

/** Σ_r x_{p,r} x_{q,r} for up to four consecutive q, reading x_p only once; written to gram[p, q ...]. */
function fourProducts(
  columns: readonly Float64Array[],
  p: number,
  q: number,
  start: number,
  end: number,
  gram: Float64Array,
): void {
  const x = columns[p]!;
  const [y0, y1, y2, y3] = [0, 1, 2, 3].map((k) => columns[Math.min(q + k, p)]!) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let row = start; row < end; row++) {
    const value = x[row]!;
    s0 += value * y0[row]!;
    s1 += value * y1[row]!;
    s2 += value * y2[row]!;
    s3 += value * y3[row]!;
  }
  const at = p * columns.length + q;
  const found = [s0, s1, s2, s3];
  for (let k = 0; q + k <= p && k < 4; k++) gram[at + k] = found[k]!;
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
