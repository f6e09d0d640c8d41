// sgmrl sweep and sgmrl worker as commands, over real brokers: stopped, killed, and gone on with, to the bytes of threads.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { administrator } from "../support/distributed/administrator.ts";
import type { TestBroker } from "../support/distributed/broker.ts";
import { type Command, sgmrl } from "../support/distributed/command.ts";
import { startPostgres } from "../support/distributed/postgres.ts";
import { until } from "../support/distributed/processes.ts";
import { redisInstalled, startRedis } from "../support/distributed/redis.ts";
import { emptyFolder, filesOf } from "../support/runs.ts";

const timeout = 300_000; // seconds on an idle machine
const file = join(emptyFolder(), "small.json");
writeFileSync(
  file,
  JSON.stringify({
    preset: "needle",
    config: {
      iterations: 12,
      tasks: 8,
      evaluation: { every: 5, tasks: 4, finalTasks: 6 },
      checkpointEvery: 4,
    },
    grid: { estimator: ["sgmrl", "maml"] },
    seeds: [0],
  }),
);

/** Every file of a sweep that is a function of its runs' configs: not the page, which says how long they took. */
const bytesOf = (root: string) => {
  const { "report.html": _, ...files } = filesOf(root);
  return files;
};
const threads = join(emptyFolder(), "threads");
beforeAll(async () => {
  const terminal = { out: () => {}, err: () => {} };
  expect(await runCommandLine(["sweep", file, "--out", threads, "--workers", "0"], terminal)).toBe(0);
}, timeout);

describe.each([
  { name: "Postgres", start: startPostgres, installed: true, signal: "SIGINT", ends: [130, null] },
  {
    name: "Redis",
    start: startRedis,
    installed: redisInstalled(),
    signal: "SIGKILL",
    ends: [null, "SIGKILL"],
  },
] as const)("over $name", ({ start, installed, signal, ends }) => {
  let broker: TestBroker;
  let worker: Command;
  beforeAll(async () => {
    if (!installed) return;
    broker = await start();
    worker = sgmrl(broker, ["worker", "--broker", broker.url, "--concurrency", "1"]);
  }, timeout);
  afterAll(async () => {
    if (!installed) return;
    worker.process.kill("SIGKILL");
    await broker.close();
  }, timeout);

  it.skipIf(!installed)(
    `sgmrl sweep, ended by ${signal} and called again, gives the bytes of a sweep in threads`,
    async () => {
      const root = join(emptyFolder(), "sweep");
      const flags = ["--engine", "bullmq", "--broker", broker.url, "--tasks-per-job", "4", "--window", "3"];
      const command = ["sweep", file, "--out", root, ...flags];

      const first = sgmrl(broker, command);
      await until("the second run", () => /run 2 of 2.*iteration 5,/s.test(first.err));
      first.process.kill(signal);
      expect(await first.ended, first.err).toEqual(ends);
      expect(existsSync(join(root, "report.html"))).toBe(false);

      const second = sgmrl(broker, command);
      expect(await second.ended, second.err).toEqual([0, null]);
      expect(second.err).toMatch(/2 runs in .*: .*1 finished, 1 interrupted/);
      expect(second.err).toContain("run 2 of 2");

      worker.process.kill("SIGTERM");
      expect(await worker.ended, worker.err).toEqual([0, null]);
      const [files, expected] = [bytesOf(root), bytesOf(threads)];
      expect(Object.keys(files)).toEqual(Object.keys(expected));
      for (const [path, bytes] of Object.entries(expected)) expect(files[path] === bytes, path).toBe(true);
      expect(worker.err.match(/taking groups/g)?.length).toBeGreaterThanOrEqual(2); // it computed them
      expect(await administrator(broker).leftovers()).toEqual([]);
      for (const { err } of [first, second, worker]) expect(err).not.toContain(broker.password);
    },
    timeout,
  );
});
