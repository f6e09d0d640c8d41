/** The only place that loads the drivers, when a broker is used. */
import type { Broker } from "./broker.ts";
import type { BrokerAddress } from "./broker-address.ts";
import type { Patience } from "./patience.ts";

/** BullMQ's messages if a worker finishes a job after losing its lock. They are harmless, and not reported. */
const takenOver =
  /Missing lock|Missing key for job|not in the active state|could not renew lock|Lock mismatch/;

export async function connect(address: BrokerAddress, patience: Patience): Promise<Broker> {
  const onError = (error: Error): void => {
    if (!takenOver.test(error.message)) patience.hear(error);
  };
  const { open } =
    address.kind === "postgres"
      ? { open: (await import("./postgres-broker.ts")).postgresBroker }
      : { open: (await import("./redis-broker.ts")).redisBroker };
  return patience.broker(open(address, onError));
}
