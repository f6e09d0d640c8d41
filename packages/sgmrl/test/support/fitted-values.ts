import { features, ridgeRegression } from "../../src/inner/feature-baseline.ts";
import type { TrajectoryBatch } from "../../src/trajectory.ts";

/** V = w · φ of every row, w fitted to the targets on the whole batch. */
export function fittedValues(batch: TrajectoryBatch, targets: Float64Array): Float64Array {
  const phi = features(batch);
  const w = ridgeRegression(batch, phi, targets).coefficients(Array.from(batch.lengths, () => true));
  return targets.map((_, row) => phi.reduce((sum, x, q) => sum + w[q]! * x[row]!, 0));
}
