// Parts of one's own on other machines: a worker runs the modules that it was started with, at the run's versions, or takes
// nothing. Over Postgres, which every machine of the tests has.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestBroker } from "../../support/distributed/broker.ts";
import { type Command, sgmrl } from "../../support/distributed/command.ts";
import { startPostgres } from "../../support/distributed/postgres.ts";
import { until } from "../../support/distributed/processes.ts";

const settings =
  "--iterations 2 --tasks 3 --inner-trajectories 3 --outer-trajectories 3 --hidden none --evaluate-tasks 2 --final-tasks 3 --evaluate-steps 1 --no-report".split(
    " ",
  );
const timeout = 300_000; // seconds on an idle machine
const sources = fileURLToPath(new URL("../../support/own", import.meta.url));
// Inside the package, so that the modules' own imports resolve. The workers' machine has its files elsewhere.
const folder = fileURLToPath(new URL(`../../../.snippets-spread-${process.pid}`, import.meta.url));
const [here, there] = [join(folder, "here"), join(folder, "there")];
const started: Command[] = [];
let broker: TestBroker;

beforeAll(async () => {
  for (const place of [here, there]) {
    mkdirSync(place, { recursive: true });
    cpSync(sources, place, { recursive: true });
  }
  broker = await startPostgres();
}, timeout);
afterAll(async () => {
  for (const { process } of started) process.kill("SIGKILL");
  await broker?.close();
  rmSync(folder, { recursive: true, force: true });
}, timeout);

function start(cwd: string, ...args: string[]): Command {
  const command = sgmrl(broker, [...args, "--broker", broker.url], cwd);
  started.push(command);
  return command;
}

it(
  "a worker with the modules computes, one without or with another version refuses, and the numbers are those of threads",
  async () => {
    const own = ["--env", "./line.ts", "--estimator", "./half-sgmrl.ts", ...settings];
    const without = start(there, "worker", "--concurrency", "1");
    cpSync(join(there, "line.ts"), join(there, "changed.ts"));
    writeFileSync(
      join(there, "changed.ts"),
      `${readFileSync(join(there, "changed.ts"), "utf8")}\n// changed\n`,
    );
    const other = ["--module", "changed.ts", "--module", "half-sgmrl.ts"];
    const changed = start(there, "worker", "--concurrency", "1", ...other);
    const run = start(here, "train", ...own, "--engine", "bullmq", "--out", "run");
    await until("both refuse", () =>
      [without, changed].every(({ err }) => /takes none of the run.s groups/.test(err)),
    );
    expect(without.err).toMatch(/uses \.\/line\.ts, \.\/half-sgmrl\.ts, which this worker lacks/);
    expect(changed.err).toMatch(/uses \.\/line\.ts, which this worker lacks, or has in another version/);
    expect(changed.err).toContain("worker --module ./line.ts --broker");

    const both = ["--module", "line.ts", "--module", "half-sgmrl.ts"];
    const worker = start(there, "worker", "--concurrency", "1", ...both);
    expect(await run.ended, run.err + worker.err).toEqual([0, null]);
    const threads = sgmrl(broker, ["train", ...own, "--workers", "2", "--out", "threads"], here);
    expect(await threads.ended, threads.err).toEqual([0, null]);
    const metrics = (name: string) => readFileSync(join(here, name, "metrics.jsonl"), "utf8");
    expect(metrics("run")).toBe(metrics("threads"));
  },
  timeout,
);

it(
  "a module that calls process.exit fails the run, which says so, and not the worker",
  async () => {
    const line = readFileSync(join(here, "line.ts"), "utf8");
    const code = line.replace("return reward(state[s]!, goal)", "process.exit(0)");
    expect(code).not.toBe(line);
    for (const place of [here, there]) writeFileSync(join(place, "exits.ts"), code);
    const worker = start(
      there,
      "worker",
      "--concurrency",
      "1",
      "--module",
      "exits.ts",
      "--module",
      "line.ts",
    );
    const run = start(
      here,
      "train",
      "--env",
      "./exits.ts",
      ...settings,
      "--engine",
      "bullmq",
      "--out",
      "exits",
    );
    expect(await run.ended, run.err + worker.err).toEqual([1, null]);
    expect(run.err).toMatch(/task 0 failed 2 times: task 0: process\.exit\(0\) was called .* instead\.\n/);
    const next = start(
      here,
      "train",
      "--env",
      "./line.ts",
      ...settings,
      "--engine",
      "bullmq",
      "--out",
      "next",
    );
    expect(await next.ended, next.err + worker.err).toEqual([0, null]);
  },
  timeout,
);
