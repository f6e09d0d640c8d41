/** A broker in memory, whose worker is a function of the job: for what the coordinator makes of damage and loss. */
import type { Broker, JobQueue } from "../../../src/execution/distributed/broker.ts";
import { type GroupJob, groupName } from "../../../src/execution/distributed/protocol.ts";

export interface MemoryBroker extends Broker {
  readonly jobs: JobQueue;
  /** Rounds by name: θ and the results that stand there. */
  readonly rounds: Map<string, { readonly theta: Uint8Array; readonly results: Map<string, Uint8Array> }>;
  /** How often each group was published. */
  readonly published: Map<string, number>;
  /** The most results and jobs that were outstanding at once. */
  mostOutstanding: number;
}

/** `work` is called for each delivery; it may give a blob, nothing (the job is lost), or throw (it failed). */
export function memoryBroker(
  work: (job: GroupJob, delivery: number, broker: MemoryBroker) => Uint8Array | undefined,
): MemoryBroker {
  const failed = new Map<string, string>();
  const outstanding = new Set<string>();
  const absent = async (): Promise<never> => {
    throw new Error("not part of this test");
  };
  const broker: MemoryBroker = {
    rounds: new Map(),
    published: new Map(),
    mostOutstanding: 0,
    lockClock: "broker",
    now: async () => 0,
    prepare: async () => {},
    check: async () => {},
    queue: () => broker.jobs,
    queueEvents: () => ({ on: () => {}, close: async () => {}, disconnect: async () => {} }),
    worker: () => {
      throw new Error("not part of this test");
    },
    hold: async () => true,
    release: async () => {},
    held: async () => [],
    openRun: async () => {},
    removeRun: absent,
    async openRound(_run, round, theta) {
      if (!broker.rounds.has(round)) broker.rounds.set(round, { theta, results: new Map() });
    },
    theta: async (_run, round) => broker.rounds.get(round)?.theta,
    async put(_run, round, group, blob) {
      const results = broker.rounds.get(round)?.results;
      if (results === undefined) return "closed";
      if (results.has(group)) return "present";
      results.set(group, blob);
      return "written";
    },
    blob: async (_run, round, group) => broker.rounds.get(round)?.results.get(group),
    ready: async (_run, round, limit) =>
      new Map([...(broker.rounds.get(round)?.results ?? [])].slice(0, limit)),
    async remove(_run, round, groups) {
      for (const group of groups) {
        broker.rounds.get(round)?.results.delete(group);
        outstanding.delete(group);
      }
    },
    closeRound: async (_run, round) => void broker.rounds.delete(round),
    disconnect: async () => {},
    jobs: {
      async addBulk(entries) {
        for (const { data, opts } of entries) {
          const job = data as GroupJob; // the coordinator publishes nothing else
          const group = groupName(job);
          const delivery = (broker.published.get(group) ?? 0) + 1;
          broker.published.set(group, delivery);
          outstanding.add(group);
          broker.mostOutstanding = Math.max(broker.mostOutstanding, outstanding.size);
          try {
            const blob = work(job, delivery, broker);
            if (blob !== undefined) broker.rounds.get(job.round)!.results.set(group, blob);
          } catch (error) {
            failed.set(opts.jobId, String(error));
          }
        }
      },
      async getJob(id) {
        const failedReason = failed.get(id);
        if (failedReason === undefined) return undefined;
        return { failedReason, attemptsStarted: 1, getState: async () => "failed", remove: async () => {} };
      },
      obliterate: absent,
      getWorkersCount: async () => 0,
      close: async () => {},
      disconnect: async () => {},
    },
  };
  return broker;
}
