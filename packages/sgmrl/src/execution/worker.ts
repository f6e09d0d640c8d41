/** The entry of a worker thread: creates its unit once, then runs it on every task it receives. */
import { workerData } from "piscina";
import { loadModules } from "../config/modules.ts";
import type { UnitResult } from "../meta-gradient/contribution.ts";
import type { Evaluation } from "../meta-gradient/evaluation.ts";
import type { Unit } from "../meta-gradient/unit.ts";
import { refuseExit } from "./refuse-exit.ts";
import type { WorkerSettings, WorkerTask } from "./thread-engine.ts";

refuseExit();
const { experiment, unitModule, theta: shared } = workerData as WorkerSettings; // set by thread-engine.ts
await loadModules(experiment);
const { unitFor } = await import(unitModule);
const unit: Unit = unitFor(experiment);
const theta = new Float64Array(shared);

export default function runUnit({ task, noise, steps }: WorkerTask): UnitResult | Evaluation {
  return steps === undefined ? unit.contribute(theta, task, noise) : unit.evaluate(theta, task, noise, steps);
}
