/**
 * The quadratic unit, with one task that misbehaves on request: the folder named by the environment holds a file
 * `mode`. Whatever it does, a result that it gives is that of the quadratic unit.
 *
 *   wait    the first time, leaves a file `mark` with the process id, and waits for a file `go`
 *   throw   throws
 *   crash   takes its process with it
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Unit } from "../../../src/meta-gradient/unit.ts";
import type { Experiment } from "../../../src/settings.ts";
import { trainingKeys } from "../../../src/training/keys.ts";
import { unitFor as quadraticUnit } from "../quadratic-unit.ts";
import { faultVariable, special } from "./settings.ts";

const longestWait = 120_000;

export function unitFor(experiment: Experiment): Unit {
  const unit = quadraticUnit(experiment);
  const { task: specialTask } = trainingKeys(
    { seed: special.seed, tasks: special.task + 1 },
    special.iteration,
  )[special.task]!;
  return {
    ...unit,
    contribute(theta, task, noise) {
      if (task.k0 === specialTask.k0 && task.k1 === specialTask.k1) misbehave();
      return unit.contribute(theta, task, noise);
    },
  };
}

function misbehave(): void {
  const folder = process.env[faultVariable];
  if (folder === undefined || !existsSync(join(folder, "mode"))) return;
  const mode = readFileSync(join(folder, "mode"), "utf8");
  if (mode === "throw") throw new Error("this unit always throws");
  if (mode === "crash") process.kill(process.pid, "SIGKILL");
  if (mode === "wait" && !existsSync(join(folder, "mark"))) {
    writeFileSync(join(folder, "mark"), String(process.pid));
    const clock = new Int32Array(new SharedArrayBuffer(4));
    for (let waited = 0; waited < longestWait && !existsSync(join(folder, "go")); waited += 20)
      Atomics.wait(clock, 0, 0, 20);
  }
}
