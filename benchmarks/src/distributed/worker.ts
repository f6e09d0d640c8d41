// A worker process of the benchmark: worker.ts <url> <concurrency>
import { brokerAddress } from "../../../packages/sgmrl/src/execution/distributed/broker-address.ts";
import { startWorker } from "../../../packages/sgmrl/src/execution/distributed/start-worker.ts";
import { unitFor } from "./waiting-unit.ts";

const [url, concurrency] = process.argv.slice(2);
const controller = new AbortController();
process.on("SIGTERM", () => controller.abort());
await startWorker({
  address: brokerAddress(url),
  concurrency: Number(concurrency),
  patienceMilliseconds: 10_000,
  signal: controller.signal,
  log: () => {},
  units: { unitFor, module: new URL("./waiting-unit.ts", import.meta.url) },
});
