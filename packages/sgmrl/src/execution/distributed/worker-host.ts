/**
 * A worker: looks for open runs of its own code, takes their groups and computes them in threads. This thread only
 * talks to the broker, so that the locks of the jobs in hand are renewed however long a unit takes.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import { Piscina } from "piscina";
import { parsed } from "../../files/schema-errors.ts";
import type { UnitSource } from "../create-engine.ts";
import { encodeBlob, type GroupResult } from "./blob.ts";
import type { Broker, DeliveredJob, JobWorker } from "./broker.ts";
import type { ComputeTask } from "./compute-thread.ts";
import { type Fingerprint, fingerprintText, sameFingerprint } from "./fingerprint.ts";
import { within } from "./patience.ts";
import {
  foreignRunSchema,
  type GroupJob,
  groupJobSchema,
  queueName,
  type RunRecord,
  runRecordSchema,
  type WorkerRecord,
} from "./protocol.ts";
import { storeResult } from "./store-result.ts";
import { thetaSource } from "./theta-source.ts";
import type { Timing } from "./timing.ts";
import { locateModules, missingText, type WorkerModules } from "./worker-modules.ts";

export interface WorkerOptions {
  readonly broker: Broker;
  readonly fingerprint: Fingerprint;
  readonly units: UnitSource;
  /** The user's modules that it may run (default: none). */
  readonly modules?: WorkerModules | undefined;
  /** Groups computed at once, each in a thread. */
  readonly concurrency: number;
  readonly timing: Timing;
  /** If aborted, no new group is taken, and current ones are finished. */
  readonly signal: AbortSignal;
  readonly log: (text: string) => void;
  readonly onGroup?: (job: GroupJob, milliseconds: number, attempt: number) => void;
}

const endingLimit = 2_000;

export async function runWorker(options: WorkerOptions): Promise<void> {
  const { broker, fingerprint, concurrency, timing, signal, log, modules = new Map() } = options;
  const id = randomUUID();
  const record: WorkerRecord = { fingerprint, slots: concurrency, host: hostname(), pid: process.pid };
  const pool = computePool(concurrency);
  const workers = new Map<string, JobWorker>();
  const leaving = new Set<Promise<void>>();
  const refused = new Set<string>();
  let clockWrong = false;
  let renewed = Number.NEGATIVE_INFINITY;

  /** Runs of this worker's code that have work. */
  const openRuns = async (): Promise<ReadonlyMap<string, RunRecord>> => {
    const open = new Map<string, RunRecord>();
    for (const { id: run, record: announced } of await broker.held("run")) {
      const known = runRecordSchema.safeParse(announced);
      const ours = known.success && sameFingerprint(known.data.fingerprint, fingerprint);
      const { missing } = ours ? locateModules(known.data.experiment, modules) : { missing: [] };
      if (ours && missing.length === 0) {
        if (!known.data.ending) open.set(run, known.data);
      } else if (!refused.has(run)) {
        refused.add(run);
        log(ours ? missingText(run, missing) : refusal(run, announced, fingerprint));
      }
    }
    return clockWrong ? new Map() : open;
  };
  /** Finishes the current groups of a run, while those of other runs go on. */
  const leave = (run: string, worker: JobWorker): void => {
    workers.delete(run);
    const left: Promise<void> = worker
      .close()
      .then(() => log(`run ${run}: ended`))
      .catch(() => {}) // the broker is gone, and its locks lapse
      .finally(() => leaving.delete(left));
    leaving.add(left);
  };

  try {
    await broker.check();
    while (!signal.aborted) {
      if (performance.now() - renewed > timing.markMilliseconds / 3) {
        // The clock comes first: a worker that must not work does not announce itself.
        clockWrong = await tellsWrongTime(broker, timing, clockWrong, log);
        if (clockWrong) await broker.release("worker", id, id);
        else {
          await broker.hold("worker", id, id, record, timing.markMilliseconds);
          if (renewed === Number.NEGATIVE_INFINITY)
            log(`waiting for runs of ${fingerprintText(fingerprint)}`);
        }
        renewed = performance.now();
      }
      const open = await openRuns();
      for (const [run, known] of open) {
        if (workers.has(run)) continue;
        log(`run ${run} of ${known.host}: taking groups, ${concurrency} at a time`);
        workers.set(run, serve(run, known, pool, options, id));
      }
      for (const [run, worker] of workers) if (!open.has(run)) leave(run, worker);
      await setTimeout(timing.lookMilliseconds, undefined, { signal }).catch(() => {});
    }
    if (workers.size > 0) log("finishing the current groups");
    for (const [run, worker] of workers) leave(run, worker);
    await Promise.all(leaving);
  } finally {
    // After an error, such as a broker that is gone for good, nothing more is waited for.
    const closing = [...workers.values()].map((worker) => worker.close(true));
    const ending = Promise.allSettled([...closing, broker.release("worker", id, id)]);
    await within(endingLimit, ending).catch(() => {}); // marks and locks lapse by themselves
    await pool.destroy();
  }
}

function computePool(concurrency: number): Piscina<ComputeTask, GroupResult> {
  const fromSource = import.meta.url.endsWith(".ts");
  return new Piscina({
    filename: new URL(fromSource ? "./compute-thread.ts" : "./compute-thread.js", import.meta.url).href,
    minThreads: concurrency,
    maxThreads: concurrency,
    execArgv: fromSource ? ["--conditions=sgmrl-source"] : [],
  });
}

function serve(
  run: string,
  { experiment }: RunRecord,
  pool: Piscina<ComputeTask, GroupResult>,
  { broker, units, concurrency, timing, onGroup, modules = new Map() }: WorkerOptions,
  worker: string,
): JobWorker {
  const thetaOf = thetaSource(broker, run);
  const { paths: modulePaths } = locateModules(experiment, modules);
  const compute = async ({ data, attemptsStarted: attempt }: DeliveredJob): Promise<void> => {
    const job = parsed(groupJobSchema, data, "the job");
    const theta = await thetaOf(job);
    if (theta === undefined) return; // the round is over: a late duplicate
    const started = performance.now();
    const result = await pool.run({ experiment, unitModule: units.module.href, modulePaths, theta, job });
    const milliseconds = performance.now() - started;
    const blob = encodeBlob(job, result, { attempt, milliseconds, worker });
    await storeResult(broker, run, job, blob);
    onGroup?.(job, milliseconds, attempt);
  };
  return broker.worker(queueName(run), compute, {
    concurrency,
    lockMilliseconds: timing.lockMilliseconds,
    maxStalledCount: timing.maxStalledCount,
  });
}

/** If workers' clocks decide about locks, a worker whose clock is wrong would take groups from the others. */
async function tellsWrongTime(
  broker: Broker,
  { lockMilliseconds }: Timing,
  before: boolean,
  log: (text: string) => void,
): Promise<boolean> {
  if (broker.lockClock === "broker") return false;
  const asked = Date.now();
  const theirs = await broker.now();
  const answered = Date.now();
  const difference = (asked + answered) / 2 - theirs;
  const wrong = Math.abs(difference) > lockMilliseconds / 4 + (answered - asked) / 2;
  const seconds = (Math.abs(difference) / 1000).toFixed(1);
  if (wrong && !before)
    log(
      `this machine's clock is ${seconds} s ${difference > 0 ? "ahead of" : "behind"} the broker's, and locks in ` +
        "Postgres depend on the workers' clocks: this worker takes no groups until its clock is right. Synchronise it, for instance with NTP.",
    );
  if (!wrong && before) log("this machine's clock is right again");
  return wrong;
}

function refusal(run: string, record: unknown, own: Fingerprint): string {
  const foreign = foreignRunSchema.safeParse(record);
  if (!foreign.success) return `run ${run}: its record at the broker cannot be read; it is ignored`;
  if (sameFingerprint(foreign.data.fingerprint, own))
    return `run ${run}: its settings are not valid for this version of sgmrl; it is ignored`;
  const theirs = fingerprintText(foreign.data.fingerprint);
  return (
    `run ${run} belongs to other code, which could give other bits; this worker takes none of its groups.\n` +
    `  the run:     ${theirs}\n  this worker: ${fingerprintText(own)}\n` +
    "Install the same release of sgmrl and the same major version of Node on both."
  );
}
