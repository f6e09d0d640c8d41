/** How derivatives along a trajectory grow with its length, in closed loop with the policy. */
import { hypot, log as naturalLog } from "@sgmrl/autodiff/elementary";
import { stepsBack } from "../../../meta-gradient/reparameterised/sweep.ts";
import type { TaskSampler } from "../../../sampling/task-sampler.ts";
import { isStep, type TrajectoryBatch } from "../../../trajectory.ts";

/** log10 of the largest singular value of ∂s_{t+k}/∂s_t: 50% and 95% quantiles over trajectories and t. */
export interface Quantiles {
  readonly median: number;
  readonly high: number;
}

/** What happens to the controls when a state is perturbed: they follow the policy, or stay as they are. */
export type Controls = "of the policy" | "held";

/**
 * log10 of the largest singular values of ∂s_{t+k}/∂s_t at fixed noise, for each lag k, in environment steps, from every
 * tenth t of each trajectory that takes k more steps: [lags][starts].
 *
 *   M_h = ∂s_{h+1}/∂s_h + (∂s_{h+1}/∂a_h)(∂a_h/∂s_h),   ∂s_{t+k}/∂s_t = M_{t+k−1} ⋯ M_t
 *
 * where controls are held, without the second term of M_h. The state holds coordinates and velocities in their units (m,
 * rad, m/s, rad/s), without the first `skipped`, on which nothing depends. Contacts are the robot's own. Results are
 * logarithms, since the values exceed the floating-point range.
 */
export function growth(
  { policy, simulator, task, noise }: Pick<TaskSampler, "policy" | "simulator" | "task" | "noise">,
  theta: Float64Array,
  batch: TrajectoryBatch,
  lags: readonly number[],
  skipped: number,
  controls: Controls = "of the policy",
): number[][] {
  const { trajectories: N, horizon } = batch;
  const adjoint = simulator!.adjoint(batch, task);
  const zeros = {
    rewards: new Float64Array(N * horizon),
    observations: new Float64Array(batch.observations.length),
    actions: new Float64Array(batch.actions.length),
  };
  const drawn = Float64Array.from(
    noise(1).actions.flatMap((each) => [...each.subarray(0, horizon * policy.actionWidth)]),
  );
  const feedback = simulator!.policy.feedback(theta, batch, drawn);
  if (controls === "held") for (const slopes of feedback) slopes.fill(0);
  const back = stepsBack(batch, adjoint, feedback, zeros);
  const [s, n] = [adjoint.stateSize, adjoint.stateSize - skipped];
  const unused = new Float64Array(batch.actions.length);
  /** M_h of each trajectory, in row-major order. */
  const loops = Array.from({ length: horizon }, (_, h) => {
    const found = Array.from({ length: N }, () => new Float64Array(n * n));
    for (let i = 0; i < n; i++) {
      const p = new Float64Array(N * s);
      for (let j = 0; j < N; j++) p[j * s + skipped + i] = 1;
      back(h, p, unused);
      found.forEach((M, j) => {
        M.set(p.subarray(j * s + skipped, (j + 1) * s), i * n);
      });
    }
    return found;
  });
  return lags.map((lag) => {
    const values: number[] = [];
    for (let j = 0; j < N; j++) {
      for (let t = 0; t + lag <= horizon; t += 10) {
        if (isStep(batch, j * horizon + t + lag - 1))
          values.push(
            logNorm(
              Array.from({ length: lag }, (_, k) => loops[t + k]![j]!),
              n,
            ),
          );
      }
    }
    return values;
  });
}

/** Of at least one value. */
export function quantiles(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
  return { median: at(0.5), high: at(0.95) };
}

/** log10 of the largest singular value of M_k ⋯ M_1: power method on PᵀP, rescaled at every product. */
export function logNorm(factors: readonly Float64Array[], n: number): number {
  let x = Float64Array.from({ length: n }, (_, i) => 1 + i / n);
  let log = 0;
  for (let round = 0; round < 30; round++) {
    log = 0;
    const through = (M: Float64Array, transposed: boolean): void => {
      const y = new Float64Array(n);
      for (let i = 0; i < n; i++)
        for (let k = 0; k < n; k++) y[transposed ? k : i]! += M[i * n + k]! * x[transposed ? i : k]!;
      const size = hypot(...y);
      if (size === 0) {
        log = Number.NEGATIVE_INFINITY;
        return;
      }
      log += naturalLog(size) / Math.LN10;
      x = y.map((value) => value / size);
    };
    const start = hypot(...x);
    x = x.map((value) => value / start);
    for (const M of factors) through(M, false);
    for (const M of factors.toReversed()) through(M, true);
  }
  return log / 2;
}
