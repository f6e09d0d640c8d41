import { array, choleskySolve, DomainError } from "@sgmrl/autodiff";
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
  const width = 2 * (batch.observations.length / targets.length) + 4;
  const phi = new Float64Array(targets.length * width);
  const gram = new Float64Array(width * width);
  const moments = new Float64Array(width);
  for (let row = 0; row < targets.length; row++) {
    if (!isStep(batch, row)) continue;
    const start = row * width;
    writeFeatures(batch, row, phi, start);
    for (let a = 0; a < width; a++) {
      const x = phi[start + a]!;
      moments[a]! += x * targets[row]!;
      for (let b = 0; b <= a; b++) gram[a * width + b]! += x * phi[start + b]!;
    }
  }
  for (let a = 0; a < width; a++) for (let b = 0; b < a; b++) gram[b * width + a] = gram[a * width + b]!;

  const w = solve(gram, moments);
  const values = new Float64Array(targets.length); // features of padding are 0
  for (let row = 0; row < targets.length; row++) {
    let value = 0;
    for (let a = 0; a < width; a++) value += phi[row * width + a]! * w[a]!;
    values[row] = value;
  }
  return values;
}

function writeFeatures(
  { observations, rewards, horizon }: TrajectoryBatch,
  row: number,
  phi: Float64Array,
  start: number,
): void {
  const width = observations.length / rewards.length;
  for (let i = 0; i < width; i++) {
    const o = Math.max(-10, Math.min(10, observations[row * width + i]!));
    phi[start + i] = o;
    phi[start + width + i] = o * o;
  }
  const tau = (row % horizon) / 100;
  const rest = start + 2 * width;
  phi[rest] = tau;
  phi[rest + 1] = tau * tau;
  phi[rest + 2] = tau * tau * tau;
  phi[rest + 3] = 1;
}

/** (ΦᵀΦ + ridge I)⁻¹ Φᵀy. */
function solve(gram: Float64Array, moments: Float64Array): Float64Array {
  const n = moments.length;
  for (let attempt = 0; ; attempt++) {
    const ridge = firstRidge * 10 ** attempt;
    try {
      const regularised = gram.map((value, i) => (i % (n + 1) === 0 ? value + ridge : value));
      return Float64Array.from(choleskySolve(array(regularised, [n, n]), array(moments)).data);
    } catch (error) {
      if (!(error instanceof DomainError) || attempt + 1 === attempts) throw error;
    }
  }
}
