/**
 * The coordinator's side of a round: publish θ, keep a window of groups with the queue, read results as they appear,
 * and republish what was lost. Events only wake it; the results in the store decide.
 */

import { setTimeout } from "node:timers/promises";
import { RunError } from "../../errors.ts";
import { sha256, thetaBytes } from "../../files/sha256.ts";
import type { TaskKeys } from "../engine.ts";
import { DamagedBlobError, decodeBlob, type GroupResult, type Remarks } from "./blob.ts";
import type { Broker, JobQueue } from "./broker.ts";
import type { Lease } from "./lease.ts";
import { type GroupJob, groupName, groupsOf, jobId, remoteText, type Work } from "./protocol.ts";
import { discord } from "./store-result.ts";
import type { Timing } from "./timing.ts";

export interface CoordinatorOptions {
  readonly broker: Broker;
  readonly queue: JobQueue;
  readonly run: string;
  readonly lease: Lease;
  readonly timing: Timing;
  /** Tasks per group, a power of two. */
  readonly groupSize: number;
  /** Groups published and not yet read, at most. */
  readonly window: number;
  readonly persist: <T>(work: () => Promise<T>) => Promise<T>;
  readonly observer: RoundObserver;
  /** The command that reruns some tasks of the current batch in one process, for error messages. */
  readonly replay: (first: number, end: number, work: Work) => string;
}

export interface RoundObserver {
  published(groups: number): void;
  /** A group's result was read. */
  read(tasks: number, remarks: Remarks): void;
  damaged(group: string, problem: string): void;
  republished(group: string): void;
  /** Called from time to time with the milliseconds since the oldest outstanding group was published. */
  waiting(outstanding: number, oldestMilliseconds: number): void;
}

/** BullMQ's message for a job whose workers were lost too often. */
const lostWorkers = /^job stalled more than/;
/** Deliveries of a group whose unit throws. Units are pure, so the second shows whether the machine was at fault. */
const attempts = 2;
/** Computations of a group whose result arrives damaged. */
const damageLimit = 3;
/** Results read at a time. */
const portion = 16;

interface Outstanding {
  readonly job: GroupJob;
  readonly index: number;
  published: number;
  asked: number;
  damage: number;
}

export class Coordinator {
  private readonly options: CoordinatorOptions;
  private wake: () => void = () => {};
  /** θ of the current round, as published. */
  private theta: Uint8Array = new Uint8Array();

  constructor(options: CoordinatorOptions) {
    this.options = options;
  }

  /** A result may have appeared. */
  notify(): void {
    this.wake();
  }

  /** The results of all groups, in order. */
  async round(
    work: Work,
    theta: Float64Array,
    tasks: readonly TaskKeys[],
    first = 0,
  ): Promise<GroupResult[]> {
    const { broker, run, groupSize, window, lease, timing, observer } = this.options;
    const bytes = thetaBytes(theta);
    const jobs = groupsOf(work, sha256(bytes), tasks, groupSize, first);
    const { round } = jobs[0]!;
    const results = new Array<GroupResult>(jobs.length);
    const outstanding = new Map<string, Outstanding>();
    let published = 0;
    this.theta = bytes;
    await broker.openRound(run, round, bytes);
    while (published < jobs.length || outstanding.size > 0) {
      lease.requireHeld();
      const end = Math.min(jobs.length, published + window - outstanding.size);
      const next = jobs.slice(published, end).map((job, i) => this.entry(job, published + i));
      await this.publish(next.map(({ job }) => job));
      for (const entry of next) outstanding.set(groupName(entry.job), entry);
      published = end;

      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      const read = await this.readResults(jobs[0]!, outstanding, results);
      const now = performance.now();
      const oldest = [...outstanding.values()].reduce((time, entry) => Math.min(time, entry.published), now);
      observer.waiting(outstanding.size, now - oldest);
      if (read > 0) continue;
      await this.inquire(outstanding);
      await Promise.race([woken, setTimeout(timing.sweepMilliseconds)]);
    }
    await broker.closeRound(run, round);
    return results;
  }

  private entry(job: GroupJob, index: number): Outstanding {
    const now = performance.now();
    return { job, index, published: now, asked: now, damage: 0 };
  }

  private async publish(jobs: readonly GroupJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const { queue, persist, observer } = this.options;
    const entries = jobs.map((job) => ({
      name: job.work.kind,
      data: job,
      opts: { jobId: jobId(job), attempts, removeOnComplete: true },
    }));
    await persist(() => queue.addBulk(entries));
    observer.published(jobs.length);
  }

  /** Reads the available results; returns how many. */
  private async readResults(
    { round, work }: GroupJob,
    outstanding: Map<string, Outstanding>,
    results: GroupResult[],
  ): Promise<number> {
    const { broker, run, observer, replay } = this.options;
    const ready = await broker.ready(run, round, portion);
    for (const [group, bytes] of ready) {
      if (group === discord) throw new RunError(discordText(bytes, work, replay));
      const entry = outstanding.get(group);
      if (entry === undefined) continue; // a second copy, of a group that was delivered twice
      try {
        const { result, remarks } = decodeBlob(entry.job, bytes);
        results[entry.index] = result;
        outstanding.delete(group);
        observer.read(entry.job.keys.length, remarks);
      } catch (error) {
        if (!(error instanceof DamagedBlobError)) throw error;
        observer.damaged(group, error.message);
        if (++entry.damage === damageLimit)
          throw new RunError(
            `group ${group}: its result arrived damaged ${damageLimit} times: ${error.message}`,
          );
        entry.asked = Number.NEGATIVE_INFINITY; // its job is done, so that it will be published again
      }
    }
    await broker.remove(run, round, [...ready.keys()]);
    return ready.size;
  }

  /** Asks the queue about groups that have been outstanding for long: failed for good, lost, or not done yet. */
  private async inquire(outstanding: ReadonlyMap<string, Outstanding>): Promise<void> {
    const { broker, run, queue, persist, timing } = this.options;
    const now = performance.now();
    const overdue = [...outstanding.values()].filter(({ asked }) => now - asked > timing.overdueMilliseconds);
    if (overdue.length > 0) await broker.check();
    for (const entry of overdue) {
      entry.asked = now;
      const { job } = entry;
      const queued = await persist(() => queue.getJob(jobId(job)));
      const state = queued === undefined ? "unknown" : await persist(() => queued.getState());
      if (state === "failed") throw this.failure(job, queued!.failedReason);
      if (state !== "unknown" && state !== "completed") continue;
      // Completed jobs are removed, so this one is done or lost. The result decides.
      const present = await broker.blob(run, job.round, groupName(job));
      if (present === undefined) await this.republish(entry);
    }
  }

  /** Jobs may vanish with a broker that lost its memory, and θ with them. */
  private async republish(entry: Outstanding): Promise<void> {
    const { broker, run, queue, persist, observer } = this.options;
    const { job } = entry;
    await broker.openRun(run);
    await broker.openRound(run, job.round, this.theta);
    const old = await persist(() => queue.getJob(jobId(job)));
    if (old !== undefined) await persist(() => old.remove()).catch(() => {}); // in progress: it will deliver the result
    await this.publish([job]);
    observer.republished(groupName(job));
  }

  private failure(job: GroupJob, reason: string): RunError {
    const { replay, timing } = this.options;
    const end = job.first + job.keys.length;
    const tasks = job.keys.length === 1 ? `task ${job.first}` : `tasks ${job.first} to ${end - 1}`;
    const what = lostWorkers.test(reason)
      ? `workers computing ${tasks} were lost more than ${timing.maxStalledCount} times, probably because of that work`
      : `${tasks} failed ${attempts} times: ${remoteText(reason).replace(/\.$/, "")}`;
    return new RunError(`${what}.\nRun it again in one process with: ${replay(job.first, end, job.work)}`);
  }
}

function discordText(bytes: Uint8Array, work: Work, replay: CoordinatorOptions["replay"]): string {
  const group = Buffer.from(bytes).toString();
  const [first = 0, end = 0] = group.split("-").map(Number);
  return (
    `two workers computed tasks ${first} to ${end - 1} with different results. One of the machines computes wrongly, ` +
    `or the unit is not deterministic. Run it again with: ${replay(first, end, work)}`
  );
}
