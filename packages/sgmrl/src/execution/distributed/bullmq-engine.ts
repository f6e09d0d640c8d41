/** The engine that runs units on other machines, over BullMQ. */
import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import { configText } from "../../config/parse-config.ts";
import { comparesTasks } from "../../meta-gradient/combine.ts";
import type { Evaluation } from "../../meta-gradient/evaluation.ts";
import { combinationOf } from "../../meta-gradient/parts.ts";
import type { RunConfig } from "../../settings.ts";
import type { Block, Engine } from "../engine.ts";
import type { LocalServer } from "../local-server.ts";
import type { JobQueue } from "./broker.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { connect } from "./connect.ts";
import { Coordinator } from "./coordinator.ts";
import { type Fingerprint, fingerprint as ownFingerprint } from "./fingerprint.ts";
import { type Lease, takeLease } from "./lease.ts";
import { Patience, within } from "./patience.ts";
import { queueName, runId, type Work } from "./protocol.ts";
import { type Status, StatusBoard } from "./status.ts";
import { defaultTiming, type Timing } from "./timing.ts";

/** How a coordinator uses its broker. No result depends on any of it. */
export interface BullmqSettings {
  readonly address: BrokerAddress;
  /** Tasks per group, a power of two. No result depends on it. */
  readonly groupSize: number;
  /** Groups with the broker at a time, at most. */
  readonly window: number;
  /** Milliseconds without the broker until the run stops, with a checkpoint. */
  readonly patienceMilliseconds: number;
  /** Where Prometheus finds metrics, on this machine. */
  readonly metricsPort?: number;
  readonly timing?: Timing;
  readonly fingerprint?: Fingerprint;
  /** Messages for the user while the run waits for something. */
  readonly log: (text: string) => void;
  readonly onStatus?: (status: Status) => void;
  /** The command that reruns some tasks of the current iteration. */
  readonly replay: CoordinatorReplay;
}

export type CoordinatorReplay = (first: number, end: number, work: Work) => string;

const longestClosing = 10_000;

/**
 * An engine whose units are computed by workers on other machines, with the same bits as on this machine.
 *
 * Errors  InputError if the broker refuses, or another coordinator has the same run; RunError if it stays lost, if two
 *         workers got different results, or if a unit fails
 */
export async function bullmqEngine(config: RunConfig, settings: BullmqSettings): Promise<Engine> {
  const { address, groupSize, window, log, timing = defaultTiming } = settings;
  const fingerprint = settings.fingerprint ?? ownFingerprint();
  const run = runId(configText(config), fingerprint);
  const { experiment } = config;
  const patience = new Patience(address, settings.patienceMilliseconds, log);
  const broker = await connect(address, patience);
  const board = new StatusBoard(broker, fingerprint, { log, onStatus: settings.onStatus });
  const closingLimit = Math.min(longestClosing, settings.patienceMilliseconds);
  let metrics: LocalServer | undefined;
  let lease: Lease | undefined;
  const leave = async (...connections: { disconnect(): Promise<void> }[]): Promise<void> => {
    board.close();
    await metrics?.close();
    const leaving = Promise.allSettled([...connections, broker].map((one) => one.disconnect()));
    await within(closingLimit, leaving).catch(() => {}); // gone, one way or the other
  };
  try {
    metrics = await metricsOf(board, settings);
    await broker.check();
    await broker.prepare();
    const record = { fingerprint, experiment, host: hostname(), pid: process.pid };
    lease = await takeLease(broker, run, record, timing, log);
    await broker.openRun(run);
  } catch (error) {
    if (lease !== undefined) await within(closingLimit, lease.release()).catch(() => {}); // it lapses by itself
    await leave();
    throw error;
  }
  const held = lease;
  const queue = broker.queue(queueName(run));
  const events = broker.queueEvents(queueName(run));
  const coordinator = new Coordinator({
    broker,
    queue,
    run,
    lease: held,
    timing,
    groupSize,
    window,
    persist: (work) => patience.persist(work),
    observer: board,
    replay: settings.replay,
  });
  events.on("completed", () => coordinator.notify());
  events.on("failed", () => coordinator.notify());
  if (groupSize > 1 && comparesTasks(combinationOf(experiment)))
    log(
      `estimator ${experiment.estimator.name} needs every task's own result: larger jobs save round trips, but send no less data`,
    );

  /** The lease is released last, so that the next coordinator of the run finds nothing half removed. */
  const clean = async (): Promise<void> => {
    await events.close();
    if (!(await held.end())) return;
    await workersLeft(queue, timing);
    await queue.obliterate({ force: true });
    await broker.removeRun(run);
    await held.release();
  };
  return {
    async contribute(theta, tasks) {
      const results = await coordinator.round({ kind: "contribute" }, theta, tasks);
      return results.flatMap((result): readonly Block[] =>
        result.kind === "contribute" ? result.blocks : [],
      );
    },
    async evaluate(theta, tasks, steps, first) {
      const results = await coordinator.round({ kind: "evaluate", steps }, theta, tasks, first);
      return results.flatMap((result): readonly Evaluation[] =>
        result.kind === "evaluate" ? result.evaluations : [],
      );
    },
    async close() {
      await within(closingLimit, clean()).catch((error: Error) => {
        log(`run ${run}: could not remove its data from the broker: ${address.redact(error.message)}`);
      });
      await leave(events, queue);
    },
  };
}

async function metricsOf(
  board: StatusBoard,
  { metricsPort, log }: BullmqSettings,
): Promise<LocalServer | undefined> {
  if (metricsPort === undefined) return undefined;
  const { coordinatorMetrics, serveMetrics } = await import("./metrics.ts");
  const server = await serveMetrics(
    coordinatorMetrics(() => board.current()),
    metricsPort,
  );
  log(`metrics at http://127.0.0.1:${server.port}/metrics`);
  return server;
}

/**
 * A worker that is still there might write to the queue after its removal, and so might one that saw the run just before
 * it ended and is not counted yet: it has one look to appear. One with a late duplicate is not waited for.
 */
async function workersLeft(queue: JobQueue, { lookMilliseconds }: Timing): Promise<void> {
  const [looks, enough] = [200, 10];
  for (let look = 0, absent = 0; look < looks && absent < enough; look++) {
    await setTimeout(lookMilliseconds / enough);
    absent = (await queue.getWorkersCount()) === 0 ? absent + 1 : 0;
  }
}
