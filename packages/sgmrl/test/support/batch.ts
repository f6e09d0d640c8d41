/** Trajectory batches written out by hand, or drawn. */
import fc from "fast-check";
import type { TrajectoryBatch } from "../../src/trajectory.ts";

/** Trajectories given by the rewards of their steps; observations and actions are zeros of the given widths. */
export function batchOf(
  horizon: number,
  rewards: readonly (readonly number[])[],
  { observationWidth = 1, actionWidth = 1 }: { observationWidth?: number; actionWidth?: number } = {},
): TrajectoryBatch {
  const N = rewards.length;
  const padded = rewards.flatMap((steps) => Array.from({ length: horizon }, (_, h) => steps[h] ?? 0));
  return {
    trajectories: N,
    horizon,
    lengths: Int32Array.from(rewards, (steps) => steps.length),
    observations: new Float64Array(N * horizon * observationWidth),
    actions: new Float64Array(N * horizon * actionWidth),
    rewards: Float64Array.from(padded),
  };
}

export const eighths: fc.Arbitrary<number> = fc.integer({ min: -16, max: 16 }).map((n) => n / 8);

/** Up to four trajectories of up to four steps; observations of width 2, zero on padding. */
export const batches: fc.Arbitrary<TrajectoryBatch> = fc.integer({ min: 1, max: 4 }).chain((horizon) =>
  fc
    .array(
      fc.array(fc.record({ reward: eighths, observation: fc.tuple(eighths, eighths) }), {
        minLength: 1,
        maxLength: horizon,
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((trajectories) => {
      const batch = batchOf(
        horizon,
        trajectories.map((steps) => steps.map(({ reward }) => reward)),
        { observationWidth: 2 },
      );
      trajectories.forEach((steps, j) => {
        steps.forEach(({ observation }, h) => {
          batch.observations.set(observation, 2 * (j * horizon + h));
        });
      });
      return batch;
    }),
);
