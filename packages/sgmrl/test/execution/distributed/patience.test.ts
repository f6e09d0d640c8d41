// Operations on a broker that comes and goes, without servers.
import { expect, it } from "vitest";
import { RunError } from "../../../src/errors.ts";
import type { Broker } from "../../../src/execution/distributed/broker.ts";
import { Patience } from "../../../src/execution/distributed/patience.ts";
import { memoryBroker } from "../../support/distributed/memory-broker.ts";

const lost = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:6379"), { code: "ECONNREFUSED" });
const patience = () => new Patience({ shown: "nowhere", redact: (text) => text }, 60_000, () => {});
const withoutData = ["queue", "queueEvents", "worker", "disconnect", "lockClock"];
/** What the memory has besides. */
const ofMemory = ["jobs", "rounds", "published", "mostOutstanding"];
const whole = { ...memoryBroker(() => undefined), removeRun: async () => {} };
const operations = Object.keys(whole).filter((name) => ![...withoutData, ...ofMemory].includes(name));

it.each(operations)("%s is tried again when the connection was lost", async (name) => {
  let tries = 0;
  const operation = async (): Promise<string> => {
    if (++tries < 3) throw lost;
    return "done";
  };
  const broker = patience().broker({ ...whole, [name]: operation } as Broker);
  expect(await Reflect.apply(Reflect.get(broker, name), broker, [])).toBe("done");
  expect(tries).toBe(3);
});

it("what still waits for the broker ends when it is disconnected", async () => {
  const broker = patience().broker({ ...whole, release: () => Promise.reject(lost) });
  const released = expect(broker.release("worker", "id", "id")).rejects.toThrow(RunError);
  await broker.disconnect();
  await released;
}, 5_000);
