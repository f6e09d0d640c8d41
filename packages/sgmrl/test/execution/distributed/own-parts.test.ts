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
    const settings =
      "--env ./line.ts --estimator ./half-sgmrl.ts --iterations 2 --tasks 3 --inner-trajectories 3 --outer-trajectories 3 --hidden none --evaluate-tasks 2 --final-tasks 3 --evaluate-steps 1 --no-report".split(
        " ",
      );
    const without = start(there, "worker", "--concurrency", "1");
    cpSync(join(there, "line.ts"), join(there, "changed.ts"));
    writeFileSync(
      join(there, "changed.ts"),
      `${readFileSync(join(there, "changed.ts"), "utf8")}\n// changed\n`,
    );
    const other = ["--module", "changed.ts", "--module", "half-sgmrl.ts"];
    const changed = start(there, "worker", "--concurrency", "1", ...other);
    const run = start(here, "train", ...settings, "--engine", "bullmq", "--out", "run");
    await until("both refuse", () =>
      [without, changed].every(({ err }) => /takes none of the run.s groups/.test(err)),
    );
    expect(without.err).toMatch(/uses \.\/line\.ts, \.\/half-sgmrl\.ts, which this worker lacks/);
    expect(changed.err).toMatch(/uses \.\/line\.ts, which this worker lacks, or has in another version/);
    expect(changed.err).toContain("worker --module ./line.ts --broker");

    const both = ["--module", "line.ts", "--module", "half-sgmrl.ts"];
    const worker = start(there, "worker", "--concurrency", "1", ...both);
    expect(await run.ended, run.err + worker.err).toEqual([0, null]);
    const threads = sgmrl(broker, ["train", ...settings, "--workers", "2", "--out", "threads"], here);
    expect(await threads.ended, threads.err).toEqual([0, null]);
    const metrics = (name: string) => readFileSync(join(here, name, "metrics.jsonl"), "utf8");
    expect(metrics("run")).toBe(metrics("threads"));
  },
  timeout,
);
