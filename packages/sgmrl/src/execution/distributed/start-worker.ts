/** A worker as a separate process. */

import { localUnits, type UnitSource } from "../create-engine.ts";
import type { LocalServer } from "../local-server.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { connect } from "./connect.ts";
import { type Fingerprint, fingerprint as ownFingerprint } from "./fingerprint.ts";
import type { WorkerMetrics } from "./metrics.ts";
import { Patience } from "./patience.ts";
import { defaultTiming, type Timing } from "./timing.ts";
import { runWorker } from "./worker-host.ts";
import { workerModules } from "./worker-modules.ts";

/** What a worker offers, and to whom. */
export interface StartWorkerOptions {
  readonly address: BrokerAddress;
  readonly concurrency: number;
  /** Paths of the user's modules that it may run. */
  readonly modules?: readonly string[];
  /** Milliseconds without the broker until the worker ends. */
  readonly patienceMilliseconds: number;
  /** Where Prometheus finds metrics, on this machine. */
  readonly metricsPort?: number;
  readonly signal: AbortSignal;
  readonly log: (text: string) => void;
  readonly units?: UnitSource;
  readonly timing?: Timing;
  readonly fingerprint?: Fingerprint;
}

async function metricsAt(port: number, log: (text: string) => void): Promise<WorkerMetrics & LocalServer> {
  const { serveMetrics, workerMetrics } = await import("./metrics.ts");
  const metrics = workerMetrics();
  const server = await serveMetrics(metrics.registry, port);
  log(`metrics at http://127.0.0.1:${server.port}/metrics`);
  return { ...metrics, ...server };
}

/**
 * Computes groups of tasks for the runs that it finds at the broker, until the signal is aborted.
 *
 * Errors  InputError if a module cannot be read or the broker refuses; RunError if the broker stays lost
 */
export async function startWorker({
  address,
  concurrency,
  modules = [],
  patienceMilliseconds,
  metricsPort,
  signal,
  log,
  units = localUnits,
  timing = defaultTiming,
  fingerprint = ownFingerprint(),
}: StartWorkerOptions): Promise<void> {
  const known = workerModules(modules); // before connecting, since a path may be wrong
  const metrics = metricsPort === undefined ? undefined : await metricsAt(metricsPort, log);
  const broker = await connect(address, new Patience(address, patienceMilliseconds, log));
  try {
    await runWorker({
      broker,
      fingerprint,
      units,
      modules: known,
      concurrency,
      timing,
      signal,
      log,
      onGroup: ({ keys }, milliseconds, attempt) => metrics?.group(keys.length, milliseconds, attempt),
    });
  } finally {
    await metrics?.close();
    await broker.disconnect();
  }
}
