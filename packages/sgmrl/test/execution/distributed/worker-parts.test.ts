// What a worker checks before it computes, and when it hands a result in.
import { key, split } from "@sgmrl/autodiff/random";
import { expect, it } from "vitest";
import { encodeBlob } from "../../../src/execution/distributed/blob.ts";
import { runGroup } from "../../../src/execution/distributed/group.ts";
import { groupsOf } from "../../../src/execution/distributed/protocol.ts";
import { discord, storeResult } from "../../../src/execution/distributed/store-result.ts";
import { thetaSource } from "../../../src/execution/distributed/theta-source.ts";
import { sha256, thetaBytes } from "../../../src/files/sha256.ts";
import { memoryBroker } from "../../support/distributed/memory-broker.ts";
import { unitFor } from "../../support/quadratic-unit.ts";
import { smallConfig } from "../../support/runs.ts";

const { experiment } = smallConfig();
const theta = Float64Array.of(0.5, -1, 2);
const bytes = thetaBytes(theta);
const tasks = split(key(3), 2).map((task) => ({ task, noise: task }));
const [job] = groupsOf({ kind: "contribute" }, sha256(bytes), tasks, 2);
const { round } = job!;

const blobAt = (point: Float64Array, worker: string): Uint8Array =>
  encodeBlob(job!, runGroup(experiment, unitFor(experiment), point, job!), {
    attempt: 1,
    milliseconds: 1,
    worker,
  });

it("a second result that is the same is dropped, and one that differs is reported", async () => {
  const broker = memoryBroker(() => undefined);
  const names = () => [...broker.rounds.get(round)!.results.keys()];
  await storeResult(broker, "run", job!, blobAt(theta, "late")); // before its round is open, or after
  expect(broker.rounds.size).toBe(0);
  await broker.openRound("run", round, bytes);
  await storeResult(broker, "run", job!, blobAt(theta, "first"));
  await storeResult(broker, "run", job!, blobAt(theta, "second"));
  expect(names()).toEqual(["0-2"]);
  await storeResult(broker, "run", job!, blobAt(Float64Array.of(0.5, -1, 2.1), "wrong"));
  expect(names()).toEqual(["0-2", discord]);
  expect(Buffer.from(broker.rounds.get(round)!.results.get(discord)!).toString()).toBe("0-2");
});

it("a damaged result is no second opinion", async () => {
  const broker = memoryBroker(() => undefined);
  await broker.openRound("run", round, bytes);
  await broker.put("run", round, "0-2", blobAt(theta, "first").slice(0, -1));
  await storeResult(broker, "run", job!, blobAt(theta, "second"));
  expect([...broker.rounds.get(round)!.results.keys()]).toEqual(["0-2"]);
});

it("θ is fetched once, and refused if it is not the one that was meant", async () => {
  let fetched = 0;
  const answers: Record<string, Uint8Array | undefined> = {
    [round]: bytes,
    damaged: bytes.map((byte) => byte ^ 1),
  };
  const thetaOf = thetaSource(
    {
      async theta(_run, name) {
        fetched++;
        return answers[name];
      },
    },
    "run",
  );
  expect(await thetaOf({ round: "closed", theta: job!.theta })).toBeUndefined();
  await expect(thetaOf({ round: "damaged", theta: job!.theta })).rejects.toThrow("damaged in transit");
  expect(await thetaOf(job!)).toEqual(theta);
  expect(await thetaOf(job!)).toEqual(theta);
  expect(fetched).toBe(3);
});
