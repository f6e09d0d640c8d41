import { Piscina } from "piscina";
import { RunError } from "../errors.ts";
import type { UnitResult } from "../meta-gradient/contribution.ts";
import type { Evaluation } from "../meta-gradient/evaluation.ts";
import { combinationOf } from "../meta-gradient/parts.ts";
import type { Experiment } from "../settings.ts";
import { blocksOf } from "./block.ts";
import type { Engine, TaskKeys } from "./engine.ts";

/** Passed to a worker once, when it starts. */
export interface WorkerSettings {
  readonly experiment: Experiment;
  /** URL of the module whose `unitFor` makes the unit. */
  readonly unitModule: string;
  /** θ, shared: written by the main thread between batches, read by the workers during one. */
  readonly theta: SharedArrayBuffer;
}

/** Passed to a worker for each unit. */
export interface WorkerTask extends TaskKeys {
  /** Present for an evaluation: the number of adaptations. */
  readonly steps?: number;
}

/** Runs units in worker threads, each with a unit of its own. θ travels through shared memory, once per batch. */
export function threadEngine(
  experiment: Experiment,
  unitModule: URL,
  parameterCount: number,
  workers: number,
): Engine {
  const combination = combinationOf(experiment);
  const shared = new SharedArrayBuffer(parameterCount * Float64Array.BYTES_PER_ELEMENT);
  const thetaForWorkers = new Float64Array(shared);
  const fromSource = import.meta.url.endsWith(".ts");
  const settings: WorkerSettings = { experiment, unitModule: unitModule.href, theta: shared };
  const pool = new Piscina<WorkerTask, UnitResult | Evaluation>({
    filename: new URL(fromSource ? "./worker.ts" : "./worker.js", import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    execArgv: fromSource ? ["--conditions=sgmrl-source"] : [],
    workerData: settings,
  });
  /** Rejects if a worker fails outside a task, for example because it cannot load its unit or exits. */
  const broken = new Promise<never>((_, reject) => {
    pool.on("error", reject);
    for (const thread of pool.threads) {
      thread.once("error", reject); // emitted before "exit", whose code says less
      thread.once("exit", (code) => {
        reject(new RunError(`a worker thread ended by itself, with exit code ${code}.`));
      });
    }
  });
  broken.catch(() => {}); // reported by the batch in hand, or the next

  async function batch<T>(theta: Float64Array, tasks: readonly WorkerTask[]): Promise<T[]> {
    thetaForWorkers.set(theta);
    const results = await Promise.race([Promise.allSettled(tasks.map((task) => pool.run(task))), broken]);
    // An error is passed on only after every unit has stopped reading θ.
    return results.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value as T; // the kind of task decides the kind of result (worker.ts)
    });
  }

  return {
    contribute: async (theta, tasks) => {
      const results = await batch<UnitResult>(theta, tasks);
      return results.flatMap((result, i) => blocksOf(combination, [tasks[i]!], [result]));
    },
    evaluate: (theta, tasks, steps) =>
      batch<Evaluation>(
        theta,
        tasks.map((keys) => ({ ...keys, steps })),
      ),
    close: () => pool.destroy(),
  };
}
