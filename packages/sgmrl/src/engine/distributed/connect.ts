/** The drivers are loaded here and nowhere else, when a broker is asked for. */
import type { Broker } from "./broker.ts";
import type { BrokerAddress } from "./broker-address.ts";
import { isPassing, type Patience, patient } from "./patience.ts";

export async function connect(address: BrokerAddress, patience: Patience): Promise<Broker> {
  const onError = (error: Error): void => {
    // Of connections that come and go, `patience` tells; of locks that another worker took over, nobody need know.
    if (!isPassing(error)) patience.onTrouble(`broker ${address.shown}: ${address.redact(error.message)}`);
  };
  const { open } =
    address.kind === "postgres"
      ? { open: (await import("./postgres-broker.ts")).postgresBroker }
      : { open: (await import("./redis-broker.ts")).redisBroker };
  return patient(open(address, onError), address, patience);
}
