// A worker process of the tests: worker-child.js <url> <JSON: settings>
import type { Fingerprint } from "../../../src/execution/distributed/fingerprint.ts";
import { fingerprint, timing } from "./settings.ts";

export interface WorkerChildSettings {
  readonly concurrency?: number;
  readonly fingerprint?: Fingerprint;
  /** Milliseconds by which this process's clock is wrong. */
  readonly clockShift?: number;
  readonly patienceMilliseconds?: number;
}

const [url, json] = process.argv.slice(2);
const settings: WorkerChildSettings = JSON.parse(json!);
const { now } = Date;
Date.now = () => now() + (settings.clockShift ?? 0);

// After the clock has been set.
const { brokerAddress } = await import("../../../src/execution/distributed/broker-address.ts");
const { startWorker } = await import("../../../src/execution/distributed/start-worker.ts");
const { unitFor } = await import("./fault-unit.ts");
const controller = new AbortController();
process.on("SIGTERM", () => controller.abort());
const log = (text: string): void => console.log(text);
log("ready");
await startWorker({
  address: brokerAddress(url),
  concurrency: settings.concurrency ?? 1,
  patienceMilliseconds: settings.patienceMilliseconds ?? 60_000,
  signal: controller.signal,
  log,
  units: { unitFor, module: new URL("./fault-unit.js", import.meta.url) },
  timing,
  fingerprint: settings.fingerprint ?? fingerprint,
});
log("drained");
