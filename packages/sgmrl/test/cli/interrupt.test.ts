// Ctrl-C, on the real command in a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { listCheckpoints } from "../../src/training/store/checkpoint.ts";
import { runFiles } from "../../src/training/store/run-directory.ts";
import { commandLine } from "../../src/wording.ts";
import { emptyFolder } from "../support/runs.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

it("Ctrl-C ends a run with a checkpoint, the way to go on, and exit code 130", async () => {
  const directory = `${emptyFolder()}/run`;
  const flags =
    "--preset needle --iterations 1000000 --checkpoint-every 1000000 --evaluate-every 1000000 --evaluate-tasks 2 --workers 2";
  const child = spawn(
    process.execPath,
    ["--conditions=sgmrl-source", main, "train", ...flags.split(" "), "--out", directory],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = once(child, "exit");
  let err = "";
  child.stderr.on("data", (text) => {
    err += text;
    if (String(text).startsWith("iteration 0,")) setTimeout(() => child.kill("SIGINT"), 300);
  });
  const [code] = await ended;
  expect(err).toContain("Finishing the current iteration");
  const [first, last] = listCheckpoints(runFiles(directory).checkpoints);
  expect(err).toContain(
    `Stopped after iteration ${last}. Continue with: ${commandLine("resume", directory)}`,
  );
  expect(code).toBe(130);
  expect(first).toBe(0);
  expect(last).toBeGreaterThan(0);
  expect(existsSync(runFiles(directory).report)).toBe(false);
});

it("a second Ctrl-C ends it at once, though the only worker is in the middle of a long unit", async () => {
  const flags =
    "--env half-cheetah-direction --estimator maml --hidden 16 --horizon 1000 --inner-trajectories 500 --tasks 1 --evaluate-tasks 2 --workers 1";
  const child = spawn(
    process.execPath,
    ["--conditions=sgmrl-source", main, "train", ...flags.split(" "), "--out", `${emptyFolder()}/run`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = once(child, "exit");
  let second = 0;
  child.stderr.on("data", (text) => {
    if (String(text).includes("1 task,")) setTimeout(() => child.kill("SIGINT"), 1500);
    if (String(text).includes("Ctrl-C again")) {
      second = performance.now();
      child.kill("SIGINT");
    }
  });
  const [code] = await ended;
  expect(code).toBe(130);
  expect(second).toBeGreaterThan(0);
  expect(performance.now() - second).toBeLessThan(5000); // the unit takes a minute
});
