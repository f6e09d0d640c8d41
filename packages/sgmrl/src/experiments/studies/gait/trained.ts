/** The policies at which the half-cheetah's derivatives are studied. */
import { join } from "node:path";
import { parseConfig } from "../../../config/parse-config.ts";
import { unitFor } from "../../../execution/local-unit.ts";
import { readRun } from "../../../report/runs.ts";
import { loadCheckpoint } from "../../../training/resume.ts";
import { runFiles } from "../../../training/store/run-directory.ts";
import { runSweep } from "../../sweep/run-sweep.ts";

/** Of MAML, before each policy. */
export const iterations = [0, 20, 40] as const;

/**
 * θ after each number of iterations of MAML: checkpoints of a run below `folder`, which is resumed if it was
 * stopped.
 */
export async function trainedThetas(folder: string): Promise<Float64Array[]> {
  const config = parseConfig({
    preset: "half-cheetah-short",
    file: {
      experiment: { estimator: { name: "maml" } },
      iterations: Math.max(...iterations),
      evaluation: { tasks: 40, finalTasks: 40 },
    },
  });
  const outcomes = await runSweep(folder, [{ name: "maml", runs: [{ name: "maml", config }] }], {
    perform: (_run, _status, start) => start({ workers: 0 }),
  });
  const outcome = outcomes.get("maml")!;
  if (outcome.state === "failed" || outcome.state === "diverged") throw new Error(`maml: ${outcome.reason}`);
  const { directory, configSha256 } = readRun(join(folder, "maml"));
  const unit = unitFor(config.experiment);
  return iterations.map((k) => loadCheckpoint(runFiles(directory), unit, configSha256, k)!.state.theta);
}
