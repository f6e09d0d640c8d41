/**
 * Two workers that finish one group at once, and two coordinators that want one run at once, over one broker and connections
 * of their own.
 *
 *   FUZZ=1000 pnpm test packages/sgmrl/test/execution/distributed/races.test.ts    1,000 of each
 */
import { key } from "@sgmrl/autodiff/random";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import { encodeBlob } from "../../../src/execution/distributed/blob.ts";
import type { Broker } from "../../../src/execution/distributed/broker.ts";
import { brokerAddress } from "../../../src/execution/distributed/broker-address.ts";
import { connect } from "../../../src/execution/distributed/connect.ts";
import { runGroup } from "../../../src/execution/distributed/group.ts";
import { Patience } from "../../../src/execution/distributed/patience.ts";
import { groupName, groupsOf } from "../../../src/execution/distributed/protocol.ts";
import { discord, storeResult } from "../../../src/execution/distributed/store-result.ts";
import { sha256, thetaBytes } from "../../../src/files/sha256.ts";
import type { TestBroker } from "../../support/distributed/broker.ts";
import { startPostgres } from "../../support/distributed/postgres.ts";
import { redisInstalled, startRedis } from "../../support/distributed/redis.ts";
import { unitFor } from "../../support/quadratic-unit.ts";
import { smallConfig } from "../../support/runs.ts";

const races = runs(60);
const timeout = 120_000 + 300 * races;
const { experiment } = smallConfig();
const unit = unitFor(experiment);
const theta = Float64Array.of(0.5, -1, 2);
const run = "0123456789abcdef";

for (const { name, start, installed } of [
  { name: "Postgres", start: startPostgres, installed: true },
  { name: "Redis", start: startRedis, installed: redisInstalled() },
])
  describe.skipIf(!installed)(`over ${name}, of two connections`, { timeout }, () => {
    let server: TestBroker;
    let two: readonly [Broker, Broker];
    beforeAll(async () => {
      server = await start();
      const open = (): Promise<Broker> => {
        const address = brokerAddress(server.url, { SGMRL_BROKER_PASSWORD: server.password });
        return connect(address, new Patience(address, 20_000, () => {}));
      };
      two = [await open(), await open()];
      await two[0].prepare();
      await two[0].openRun(run);
    }, timeout);
    afterAll(async () => {
      for (const broker of two ?? []) await broker.disconnect();
      await server?.close();
    }, timeout);

    it("one writes a group's result, whichever is first, and another result of it is noticed", async () => {
      const tasks = Array.from({ length: races }, (_, i) => ({ task: key(i), noise: key(races + i) }));
      const jobs = groupsOf({ kind: "contribute" }, sha256(thetaBytes(theta)), tasks, 1);
      const { round } = jobs[0]!;
      await two[0].openRound(run, round, thetaBytes(theta));
      let discords = 0;
      for (const [i, job] of jobs.entries()) {
        // Of every fourth group the two have different numbers.
        const differ = i % 4 === 3;
        const blobs = [theta, differ ? theta.map((x) => x + 1) : theta].map((at, worker) =>
          encodeBlob(job, runGroup(experiment, unit, at, job), {
            attempt: 1,
            milliseconds: worker,
            worker: "w",
          }),
        );
        await Promise.all(two.map((broker, w) => storeResult(broker, run, job, blobs[w]!)));
        const ready = await two[i % 2]!.ready(run, round, 10);
        expect([...ready.keys()].sort()).toEqual(
          differ ? [groupName(job), discord].sort() : [groupName(job)],
        );
        const written = Buffer.from(ready.get(groupName(job))!);
        expect(blobs.some((blob) => written.equals(blob))).toBe(true);
        if (differ) discords++;
        await two[0].remove(run, round, [...ready.keys()]);
      }
      // Nobody writes into a round that is being closed, or its results would stay for ever.
      let late = 0;
      for (const [i, job] of jobs.entries()) {
        const own = `${round.slice(0, -1)}${i % 10}`;
        await two[0].openRound(run, own, thetaBytes(theta));
        const [, outcome] = await Promise.all([
          two[0].closeRound(run, own),
          two[1].put(run, own, groupName(job), Buffer.from("result")),
        ]);
        if (outcome === "written") late++;
        expect((await two[0].ready(run, own, 10)).size).toBe(0);
      }
      console.log(
        `${name}: ${races} groups finished by two at once: written once each, ${discords} of ${discords} disagreements noticed; ` +
          `${races} rounds closed under a writer (${late} writes came first): nothing left`,
      );
    });

    it("one holds a run", async () => {
      for (let i = 0; i < races; i++) {
        const id = i.toString(16).padStart(16, "0");
        const held = await Promise.all(
          two.map((broker, w) => broker.hold("run", id, `token-${w}`, { i }, 60_000)),
        );
        expect(held.filter(Boolean)).toHaveLength(1);
        const holder = held.indexOf(true);
        // It gives the run back while the other asks for it: the other has it, or nobody.
        const [, taken] = await Promise.all([
          two[holder]!.release("run", id, `token-${holder}`),
          two[1 - holder]!.hold("run", id, `token-${1 - holder}`, { i }, 60_000),
        ]);
        const holders = (await two[0].held("run")).filter((mark) => mark.id === id).map(({ token }) => token);
        expect(holders).toEqual(taken ? [`token-${1 - holder}`] : []);
        await two[1 - holder]!.release("run", id, `token-${1 - holder}`);
      }
      console.log(`${name}: ${races} runs wanted by two at once: one holder each`);
    });
  });
