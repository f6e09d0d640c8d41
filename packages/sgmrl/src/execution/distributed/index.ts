/** `sgmrl/distributed`: units on other machines. Drivers of brokers are loaded when one is connected to. */

export { type BrokerAddress, brokerAddress } from "./broker-address.ts";
export { type BullmqSettings, bullmqEngine } from "./bullmq-engine.ts";
export { type StartWorkerOptions, startWorker } from "./start-worker.ts";
export type { Status } from "./status.ts";
