/**
 * Many workers, as threads and over each broker: the bytes are those of one, and what they cost is printed.
 *
 *   FUZZ=1 pnpm test packages/sgmrl/test/execution/distributed/crowd.test.ts    fifty; a minute of starting them
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Status } from "../../../src/execution/distributed/status.ts";
import { train } from "../../../src/training/train.ts";
import { coordinate } from "../../support/distributed/coordinate.ts";
import { FaultFolder } from "../../support/distributed/fault-folder.ts";
import { startPostgres } from "../../support/distributed/postgres.ts";
import { buildChildren, type Child, type Children, until } from "../../support/distributed/processes.ts";
import { redisInstalled, startRedis } from "../../support/distributed/redis.ts";
import { timing, config as usual } from "../../support/distributed/settings.ts";
import { emptyFolder, filesOf, quadraticUnits, smallConfig } from "../../support/runs.ts";

const timeout = 300_000; // seconds on an idle machine
const all = process.env.FUZZ !== undefined;
const threads = all ? 50 : 8;
const config = smallConfig({ ...usual, iterations: 3, tasks: 200, checkpointEvery: 3 });
/** Processes, and the slots of each. */
const shapes: readonly (readonly [processes: number, slots: number])[] = all
  ? [
      [5, 10],
      [50, 1],
    ]
  : [[2, 6]];

let children: Children;
let expected: Record<string, string>;
beforeAll(async () => {
  children = await buildChildren();
  const { files } = await train(config, `${emptyFolder()}/run`, { workers: 0, units: quadraticUnits });
  expected = filesOf(files.root);
}, timeout);
afterAll(() => children.close(), timeout);

/** The most memory that a process ever had in use, in MB; 0 where the system does not say. */
function peakMegabytes(id: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}

it(`${threads} threads give the bytes of one`, { timeout }, async () => {
  const started = performance.now();
  const before = process.memoryUsage().rss;
  const { files } = await train(config, `${emptyFolder()}/run`, { workers: threads, units: quadraticUnits });
  expect(filesOf(files.root)).toEqual(expected);
  const seconds = (performance.now() - started) / 1000;
  const grown = (peakMegabytes(process.pid) - before / 1e6) / threads;
  console.log(`${threads} threads: ${seconds.toFixed(1)} s, ${grown.toFixed(1)} MB a thread at most`);
  expect(grown).toBeLessThan(60); // training/size.ts counts 30 MB a thread
});

for (const { name, start, installed } of [
  { name: "Postgres", start: startPostgres, installed: true },
  { name: "Redis", start: startRedis, installed: redisInstalled() },
])
  describe.skipIf(!installed)(`over ${name}`, { timeout }, () => {
    it.each(shapes)("%i processes with %i slots each give the bytes of one", async (processes, slots) => {
      const broker = await start();
      const faults = new FaultFolder();
      const workers: Child[] = [];
      try {
        const started = performance.now();
        for (let i = 0; i < processes; i++)
          workers.push(children.worker(broker, faults.path, { concurrency: slots }));
        await until("all workers wait", () =>
          workers.every(({ output }) => output().includes("waiting for runs")),
        );
        const ready = performance.now();
        let status: Status | undefined;
        const { files } = await coordinate(broker.url, broker.password, `${emptyFolder()}/run`, {
          config,
          window: 2 * processes * slots,
          // Fifty slots on a few cores are late without being lost.
          timing: { ...timing, overdueMilliseconds: 60_000 },
          onStatus: (seen) => {
            status = seen;
          },
        });
        expect(filesOf(files.root)).toEqual(expected);
        expect(status?.unitsDone).toBe(3 * 200 + 4 + 6);
        const took = ((performance.now() - ready) / 1000).toFixed(1);
        const megabytes = workers.map(({ process: { pid } }) => peakMegabytes(pid));
        const total = megabytes.reduce((sum, mb) => sum + mb, 0);
        console.log(
          `${processes} processes with ${slots} slots over ${name}: started in ${((ready - started) / 1000).toFixed(1)} s, ` +
            `run in ${took} s, ${total.toFixed(0)} MB in all, ${Math.max(...megabytes).toFixed(0)} MB the largest`,
        );
        for (const { process: child } of workers) child.kill("SIGTERM");
        for (const { exited, output } of workers) expect(await exited, output()).toEqual([0, null]);
      } finally {
        for (const { process: child } of workers) child.kill("SIGKILL");
        await broker.close();
      }
    });
  });
