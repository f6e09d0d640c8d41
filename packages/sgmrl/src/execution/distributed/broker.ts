/**
 * What the engine needs from a broker besides a queue: a store that keeps results until they are read, and marks that
 * lapse unless they are renewed. Jobs and their events may arrive late, twice or never; only the store is
 * authoritative.
 */
export interface Broker extends Store {
  /** Prepares the broker for use, once per process that opens runs. */
  prepare(): Promise<void>;
  /** Fails if the broker is configured to evict data. Called at the start, and again when results are late. */
  check(): Promise<void>;
  queue(name: string): JobQueue;
  queueEvents(name: string): JobEvents;
  worker(
    name: string,
    process: (job: DeliveredJob) => Promise<unknown>,
    settings: JobWorkerSettings,
  ): JobWorker;
  /** Whose clock decides that the lock of a job has expired. */
  readonly lockClock: "broker" | "workers";
  /** Milliseconds since 1970 on the broker's clock. */
  now(): Promise<number>;
  disconnect(): Promise<void>;
}

/**
 * An option of BullMQ's queues. Without it a new queue writes some defaults at a time of its own, which may be after a
 * short run has removed everything.
 */
export const skipMetasUpdate = true;

/** The parts of BullMQ's Queue, Job, QueueEvents and Worker that are used, whichever broker is below. */
export interface JobQueue {
  addBulk(jobs: { name: string; data: unknown; opts: { jobId: string } & JobOptions }[]): Promise<unknown>;
  getJob(id: string): Promise<QueuedJob | undefined>;
  /** Removes jobs, events and all else that the queue consists of. */
  obliterate(options: { force: boolean }): Promise<void>;
  getWorkersCount(): Promise<number>;
  close(): Promise<void>;
  /** Without waiting for the broker. */
  disconnect(): Promise<void>;
}

export interface JobOptions {
  readonly attempts: number;
  readonly removeOnComplete: boolean;
}

export interface QueuedJob {
  readonly failedReason: string;
  readonly attemptsStarted: number;
  getState(): Promise<string>;
  remove(): Promise<void>;
}

export interface JobEvents {
  on(event: "completed" | "failed", listener: () => void): unknown;
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

export interface DeliveredJob {
  readonly data: unknown;
  /** 1 at the first delivery. */
  readonly attemptsStarted: number;
}

export interface JobWorker {
  /** Closes once the current jobs are done, or at once if forced. */
  close(force?: boolean): Promise<void>;
}

export interface JobWorkerSettings {
  readonly concurrency: number;
  /** A job whose worker has been silent for this long is given to another. */
  readonly lockMilliseconds: number;
  /** The number of times this is tried; then the job is assumed to kill its workers. */
  readonly maxStalledCount: number;
}

export interface Store {
  /**
   * Takes or renews a mark, which lapses by the broker's clock after the given time. False if another token has it.
   * Marks: "run", held by its coordinator, and "worker".
   */
  hold(kind: MarkKind, id: string, token: string, record: object, milliseconds: number): Promise<boolean>;
  release(kind: MarkKind, id: string, token: string): Promise<void>;
  /** The readable marks of a kind; anything else that is stored among them is left out. */
  held(kind: MarkKind): Promise<readonly Held[]>;

  /** Makes room for a run's rounds; nothing if there is some. */
  openRun(run: string): Promise<void>;
  /** Removes everything of a run but its jobs. */
  removeRun(run: string): Promise<void>;
  /** Publishes θ for a round; nothing if it is published. */
  openRound(run: string, round: string, theta: Uint8Array): Promise<void>;
  /** θ of an open round. */
  theta(run: string, round: string): Promise<Uint8Array | undefined>;
  /** Writes a group's result, once, and only while the round is open. */
  put(run: string, round: string, group: string, blob: Uint8Array): Promise<"written" | "present" | "closed">;
  blob(run: string, round: string, group: string): Promise<Uint8Array | undefined>;
  /** Some of the stored results, by group. */
  ready(run: string, round: string, limit: number): Promise<ReadonlyMap<string, Uint8Array>>;
  remove(run: string, round: string, groups: readonly string[]): Promise<void>;
  /** Removes θ and whatever results are left; none can be written any more. */
  closeRound(run: string, round: string): Promise<void>;
}

export type MarkKind = "run" | "worker";

export interface Held {
  readonly id: string;
  readonly token: string;
  /** To be validated by whoever reads it. */
  readonly record: unknown;
}
