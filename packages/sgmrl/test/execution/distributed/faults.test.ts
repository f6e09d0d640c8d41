// A run over several machines ends with the bytes of a run on one, whatever happens on the way. Real processes, real
// servers: Postgres from npm, and Redis where redis-server is installed.
import { existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.ts";
import type { Fingerprint } from "../../../src/execution/distributed/fingerprint.ts";
import type { Status } from "../../../src/execution/distributed/status.ts";
import { sha256 } from "../../../src/files/sha256.ts";
import type { TrainResult } from "../../../src/training/loop.ts";
import { replay } from "../../../src/training/replay.ts";
import { train } from "../../../src/training/train.ts";
import { type Administrator, administrator } from "../../support/distributed/administrator.ts";
import type { TestBroker } from "../../support/distributed/broker.ts";
import { type Coordination, coordinate } from "../../support/distributed/coordinate.ts";
import { FaultFolder } from "../../support/distributed/fault-folder.ts";
import { unitFor } from "../../support/distributed/fault-unit.ts";
import { startPostgres } from "../../support/distributed/postgres.ts";
import { buildChildren, type Child, type Children, until } from "../../support/distributed/processes.ts";
import { redisInstalled, startRedis } from "../../support/distributed/redis.ts";
import {
  config,
  faultVariable,
  fingerprint,
  special,
  timing,
  unitsOfRun,
} from "../../support/distributed/settings.ts";
import { emptyFolder, filesOf, quadraticUnits } from "../../support/runs.ts";

const timeout = 600_000; // seconds on an idle machine

const faults = new FaultFolder();
process.env[faultVariable] = faults.path;
const units = { unitFor, module: new URL("../../support/distributed/fault-unit.ts", import.meta.url) };
const table: string[][] = [
  ["broker", "what happened", "redelivered", "left behind", "seconds", "SHA-256 of θ"],
];

let children: Children;
let expected: Record<string, string>;
let expectedHash: string;

beforeAll(async () => {
  children = await buildChildren();
  const { state, files } = await train(config, `${emptyFolder()}/run`, {
    workers: 3,
    units: quadraticUnits,
  });
  expected = filesOf(files.root);
  expectedHash = hashOf(state.theta);
}, timeout);

afterAll(async () => {
  await children.close();
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  "));
  console.log(`Threads: SHA-256 of θ ${expectedHash}\n${lines.join("\n")}`);
}, timeout);

const brokers = [
  { name: "Postgres", start: startPostgres, installed: true },
  { name: "Redis", start: startRedis, installed: redisInstalled() },
];

for (const { name, start, installed } of brokers)
  describe.skipIf(!installed)(`over ${name}`, { timeout }, () => {
    let broker: TestBroker;
    let admin: Administrator;
    let started: number;
    let status: Status | undefined;
    /** Each test has a run of its own, so that one that fails does not spoil the next. */
    let own: Fingerprint;
    let tests = 0;
    const alive: Child[] = [];

    beforeAll(async () => {
      broker = await start();
      admin = administrator(broker);
    }, timeout);
    afterAll(() => broker.close(), timeout);
    beforeEach(() => {
      started = performance.now();
      status = undefined;
      own = { ...fingerprint, code: `test ${++tests}` };
      faults.reset();
    });
    afterEach(() => {
      for (const { process: child } of alive.splice(0)) child.kill("SIGKILL");
    });

    const worker = (settings: Parameters<Children["worker"]>[2] = {}): Child => {
      const child = children.worker(broker, faults.path, { fingerprint: own, ...settings });
      alive.push(child);
      return child;
    };
    const run = (directory: string, options: Coordination = {}): Promise<TrainResult> =>
      coordinate(broker.url, broker.password, directory, {
        fingerprint: own,
        onStatus: (seen) => {
          status = seen;
        },
        ...options,
      });
    /** What must hold after each fault; `unitsDone` is known where one coordinator did it all, else null. */
    const settle = async (
      what: string,
      { state, files }: TrainResult,
      unitsDone: number | null = unitsOfRun,
    ): Promise<void> => {
      expect(filesOf(files.root)).toEqual(expected);
      if (unitsDone !== null) expect(status?.unitsDone).toBe(unitsDone);
      const left = await admin.leftovers();
      expect(left).toEqual([]);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const hash = hashOf(state.theta);
      expect(hash).toBe(expectedHash);
      table.push([name, what, String(status?.redeliveries), String(left.length), seconds, hash.slice(0, 16)]);
    };

    it("gives the same bytes with 1 worker and with 3", async () => {
      const one = worker();
      await settle("1 worker", await run(`${emptyFolder()}/run`));
      expect(status?.redeliveries).toBe(0);
      worker();
      worker({ concurrency: 2 });
      await settle("3 workers", await run(`${emptyFolder()}/run`, { window: 16 }));
      one.process.kill("SIGTERM");
      expect(await one.exited).toEqual([0, null]);
      expect(one.output()).toContain("drained");
    });

    it("survives the death of a worker in the middle of a unit", async () => {
      faults.mode("wait");
      worker();
      const running = run(`${emptyFolder()}/run`);
      process.kill(await faults.marked(), "SIGKILL");
      worker();
      await settle("SIGKILL of a worker in a unit", await running);
      expect(status?.redeliveries).toBeGreaterThan(0);
    });

    it("lets a worker finish what it has in hand when it is asked to stop", async () => {
      faults.mode("wait");
      const first = worker();
      const running = run(`${emptyFolder()}/run`);
      await faults.marked();
      first.process.kill("SIGTERM");
      await setTimeout(300);
      expect(first.process.exitCode).toBeNull();
      faults.go();
      expect(await first.exited).toEqual([0, null]);
      worker();
      await settle("SIGTERM of a worker in a unit", await running);
      expect(status?.redeliveries).toBe(0);
    });

    it("goes on after the death of its coordinator in the middle of an iteration", async () => {
      faults.mode("wait");
      worker();
      const directory = `${emptyFolder()}/run`;
      const coordinator = children.coordinator(broker, directory, own);
      await faults.marked();
      coordinator.process.kill("SIGKILL");
      await coordinator.exited;
      faults.go();
      await settle("SIGKILL of the coordinator, resumed", await run(directory), null);
    });

    it("waits for a broker that was killed", async () => {
      faults.mode("wait");
      worker();
      const running = run(`${emptyFolder()}/run`);
      await faults.marked();
      await broker.kill();
      faults.go();
      await setTimeout(1_000);
      await broker.start();
      await settle("SIGKILL of the broker, restarted", await running);
    });

    it("leaves a checkpoint when the broker stays away for too long", async () => {
      faults.mode("wait");
      worker();
      const directory = `${emptyFolder()}/run`;
      const failing = expect(run(directory, { patienceMilliseconds: 1_000 })).rejects.toThrow(
        "No answer for 1 s",
      );
      await faults.marked();
      await broker.kill();
      await failing;
      expect(existsSync(`${directory}/checkpoints/00000${special.iteration}.json`)).toBe(true);
      await broker.start();
      faults.go();
      await settle("the broker stays away; back, resumed", await run(directory), null);
    });

    it("lives among marks that nobody of ours wrote, and shows nothing that a terminal would act on", async () => {
      await admin.plant();
      const first = worker();
      await until("the worker waits", () => first.output().includes("waiting for runs"));
      const result = await run(`${emptyFolder()}/run`).finally(() => admin.weed());
      await settle("marks of somebody else", result);
      expect(first.process.exitCode).toBeNull();
      expect(first.output()).toMatch(
        /run [0-9f]{16}: its record at the broker cannot be read; it is ignored/,
      );
      expect(first.output().match(/cannot be read/g)!.length).toBeLessThan(10); // said once of each
      expect(first.output()).not.toMatch(/[^\P{C}\n]/u);
    });

    it.runIf(name === "Redis")("refuses a broker that evicts, at the start and during a run", async () => {
      const directory = `${emptyFolder()}/run`;
      try {
        await admin.evict(true);
        await expect(run(directory)).rejects.toThrow(
          /maxmemory-policy is allkeys-lru.*set maxmemory-policy noeviction/,
        );
        await expect(run(directory)).rejects.toBeInstanceOf(InputError);
        expect(existsSync(directory)).toBe(false);
        const refused = worker();
        expect(await refused.exited).not.toEqual([0, null]);
        expect(refused.output()).toContain("set maxmemory-policy noeviction");

        await admin.evict(false);
        faults.mode("wait");
        worker();
        const failing = expect(run(directory)).rejects.toThrow("maxmemory-policy is allkeys-lru");
        await faults.marked();
        await admin.evict(true);
        await failing;
      } finally {
        await admin.evict(false);
      }
      faults.go();
      await settle("evicts during a run; mended, resumed", await run(directory), null);
    });

    it("counts a group once that was delivered twice", async () => {
      faults.mode("wait");
      worker();
      const running = run(`${emptyFolder()}/run`);
      const first = await faults.marked();
      process.kill(first, "SIGSTOP"); // its locks run out, and it knows nothing of it
      worker();
      await until("a redelivery", () => (status?.redeliveries ?? 0) > 0);
      faults.go();
      process.kill(first, "SIGCONT");
      await settle("a worker stands still; its group runs twice", await running);
    });

    it("stops at a unit that always throws, says how to run it again, and goes on when it is mended", async () => {
      faults.mode("throw");
      worker();
      const directory = `${emptyFolder()}/run`;
      const error: Error = await run(directory).then(
        () => expect.fail("no error"),
        (reason) => reason,
      );
      expect(error.message).toContain(`task ${special.task}: this unit always throws`);
      expect(error.message).toContain(`replay ${directory} 2-3 contribute`);
      expect(await admin.leftovers()).toEqual([]);
      const replayed = async () => {
        const all: (readonly [iteration: number, task: number])[] = [];
        for await (const { iteration, task } of replay(directory, { tasks: [2, 3], units }))
          all.push([iteration, task]);
        return all;
      };
      await expect(replayed()).rejects.toThrow("this unit always throws");
      faults.mode("none");
      expect(await replayed()).toEqual([
        [special.iteration, 2],
        [special.iteration, 3],
      ]);
      await settle("a unit throws; mended, resumed", await run(directory), null);
    });

    it("stops at a unit that takes its process with it", async () => {
      faults.mode("crash");
      const directory = `${emptyFolder()}/run`;
      let ended = false;
      const supervise = async (): Promise<void> => {
        while (!ended) await worker().exited;
      };
      const supervision = supervise();
      try {
        const error: Error = await run(directory).then(
          () => expect.fail("no error"),
          (reason) => reason,
        );
        expect(error.message).toContain("were lost more than 2 times");
        expect(error.message).toContain(`replay ${directory} 2-3 contribute`);
        expect(await admin.leftovers()).toEqual([]);
        faults.mode("none");
        await settle("a unit kills its process; mended, resumed", await run(directory), null);
      } finally {
        ended = true;
        for (const { process: child } of alive) child.kill("SIGKILL");
        await supervision;
      }
    });

    it("gives no work to a worker of other code, which says why", async () => {
      const other = worker({
        fingerprint: { code: "another", node: "0", architecture: "any", formats: "0" },
      });
      const running = run(`${emptyFolder()}/run`);
      await until("a refusal", () => other.output().includes("belongs to other code"));
      expect(status?.unitsDone).toBe(0);
      expect(other.output()).toContain("code another, Node 0");
      worker();
      await settle("a worker of other code beside one of the same", await running);
      expect(other.output()).not.toContain("taking groups");
    });

    it("has one coordinator: the second of the same run is refused", async () => {
      faults.mode("wait");
      worker();
      const running = run(`${emptyFolder()}/run`);
      await faults.marked();
      await expect(run(`${emptyFolder()}/run`, { onStatus: () => {} })).rejects.toThrow(
        `process ${process.pid} on`,
      );
      faults.go();
      await settle("a second coordinator", await running);
    });

    it("belongs to the coordinator that took over from one that stood still, which then leaves it alone", async () => {
      faults.mode("wait");
      worker();
      const first = children.coordinator(broker, `${emptyFolder()}/run`, own);
      await faults.marked();
      first.process.kill("SIGSTOP"); // its lease runs out, and it knows nothing of it
      // This one does not ask for what was lost on the way: nothing is to be lost.
      const running = run(`${emptyFolder()}/run`, { timing: { ...timing, overdueMilliseconds: 1e9 } });
      await until("a takeover", () => status?.outstandingGroups === 2); // the first of its evaluation
      first.process.kill("SIGCONT");
      await first.exited;
      expect(first.output()).toContain("another coordinator has taken over");
      faults.go();
      await settle("a coordinator stands still; another takes over", await running);
    });

    it("goes on with a coordinator that stood still beyond its lease, where nobody has taken over", async () => {
      faults.mode("wait");
      worker();
      const directory = `${emptyFolder()}/run`;
      const first = children.coordinator(broker, directory, own);
      await faults.marked();
      first.process.kill("SIGSTOP");
      faults.go();
      await setTimeout(2 * timing.markMilliseconds); // the lease runs out twice
      first.process.kill("SIGCONT");
      expect(await first.exited, first.output()).toEqual([0, null]);
      // The run is finished: this reads what the coordinator left.
      await settle("a coordinator stands still and goes on", await run(directory), null);
    });

    it("publishes again what the broker has forgotten", async () => {
      faults.mode("wait");
      worker();
      const running = run(`${emptyFolder()}/run`);
      await faults.marked();
      await admin.forget();
      faults.go();
      await settle("the broker forgets jobs, θ and results", await running);
      expect(status?.republishedGroups).toBeGreaterThan(0);
    });

    it("is not disturbed by a worker whose clock is wrong by an hour", async () => {
      const wrong = worker({ clockShift: 3_600_000 });
      const running = run(`${emptyFolder()}/run`);
      if (broker.kind === "postgres") {
        await until("a complaint", () => wrong.output().includes("ahead of the broker's"));
        worker();
      }
      await settle("a clock an hour ahead", await running);
      if (broker.kind === "postgres") expect(wrong.output()).not.toContain("taking groups");
    });

    it("waits for a broker that has no room left", async () => {
      faults.mode("wait");
      worker();
      const running = run(`${emptyFolder()}/run`);
      await faults.marked();
      await admin.fill();
      faults.go();
      await setTimeout(1_500);
      expect(status?.unitsDone).toBeLessThan(unitsOfRun);
      await admin.clear();
      await settle("a broker without room, given some", await running);
    });
  });

function hashOf(theta: Float64Array): string {
  return sha256(Buffer.from(theta.buffer, theta.byteOffset, theta.byteLength));
}
