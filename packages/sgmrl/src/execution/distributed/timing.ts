/** Timeouts and intervals. None of them changes a result. */
export interface Timing {
  /** A mark, of a coordinator or a worker, lapses after this long without renewal. */
  readonly markMilliseconds: number;
  /** So does the lock of a job. */
  readonly lockMilliseconds: number;
  /** How often a group may lose its worker before the group is assumed to be the cause. */
  readonly maxStalledCount: number;
  /** Between two checks of a worker for open runs. */
  readonly lookMilliseconds: number;
  /** Between two checks of the coordinator for results, if no event wakes it. */
  readonly sweepMilliseconds: number;
  /** After this long the coordinator asks the queue about a group. */
  readonly overdueMilliseconds: number;
}

export const defaultTiming: Timing = {
  markMilliseconds: 10_000,
  lockMilliseconds: 10_000,
  maxStalledCount: 3,
  lookMilliseconds: 500,
  sweepMilliseconds: 100,
  overdueMilliseconds: 2_000,
};
