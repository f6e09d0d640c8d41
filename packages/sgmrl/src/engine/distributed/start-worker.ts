/** A worker as a process of its own. */
import { localUnits, type UnitSource } from "../create-engine.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { connect } from "./connect.ts";
import { type Fingerprint, fingerprint as ownFingerprint } from "./fingerprint.ts";
import { defaultTiming, type Timing } from "./timing.ts";
import { runWorker } from "./worker-host.ts";

export interface StartWorkerOptions {
  readonly address: BrokerAddress;
  readonly concurrency: number;
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

export async function startWorker({
  address,
  concurrency,
  patienceMilliseconds,
  signal,
  log,
  units = localUnits,
  timing = defaultTiming,
  fingerprint = ownFingerprint(),
}: StartWorkerOptions): Promise<void> {
  const broker = await connect(address, { milliseconds: patienceMilliseconds, onTrouble: log });
  try {
    await runWorker({ broker, fingerprint, units, concurrency, timing, signal, log });
  } finally {
    await broker.disconnect();
  }
}
