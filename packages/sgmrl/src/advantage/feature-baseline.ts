import { array, DomainError, leastSquares, matmul, type NdArray } from "@sgmrl/autodiff";
import { isStep, type TrajectoryBatch } from "../trajectory.ts";

const firstRidge = 1e-5;
const attempts = 5;

/**
 * A value function linear in features of the observation and the time, fitted to targets on a batch.
 *
 *   V(o, h) = w · [clip(o, ±10), clip(o, ±10)², τ, τ², τ³, 1],   τ = h/100
 *   w = argmin_w Σ_rows (V(o, h) − y)² + ridge |w|²                                   [eq:feature-baseline]
 *
 * Returns V of every row of the batch, 0 on padding. The ridge starts at 1e-5 and grows tenfold while the
 * normal equations are singular.
 *
 * Source  Duan et al., ICML 2016, arXiv:1604.06778; ridge and retries as in the code of Fallah et al., NeurIPS 2021
 */
export function fittedValues(batch: TrajectoryBatch, targets: Float64Array): Float64Array {
  const rows = Array.from(targets.keys()).filter((row) => isStep(batch, row));
  const x = array(rows.map((row) => featuresOf(batch, row)));
  const values = matmul(x, solve(x, array(rows.map((row) => targets[row]!))));
  const padded = new Float64Array(targets.length);
  rows.forEach((row, i) => {
    padded[row] = values.data[i]!;
  });
  return padded;
}

function featuresOf({ observations, rewards, horizon }: TrajectoryBatch, row: number): number[] {
  const width = observations.length / rewards.length;
  const observation = observations.subarray(row * width, (row + 1) * width);
  const o = Array.from(observation, (value) => Math.max(-10, Math.min(10, value)));
  const tau = (row % horizon) / 100;
  return [...o, ...o.map((value) => value * value), tau, tau ** 2, tau ** 3, 1];
}

function solve(x: NdArray, y: NdArray): NdArray {
  for (let attempt = 0; ; attempt++) {
    try {
      return leastSquares(x, y, firstRidge * 10 ** attempt);
    } catch (error) {
      if (!(error instanceof DomainError) || attempt + 1 === attempts) throw error;
    }
  }
}
