/** The policies along whose gaits derivatives are studied. */
import { join } from "node:path";
import { parseConfig } from "../../../config/parse-config.ts";
import { unitFor } from "../../../execution/local-unit.ts";
import { type EvaluationLine, readRun } from "../../../report/runs.ts";
import type { Experiment } from "../../../settings.ts";
import { loadCheckpoint } from "../../../training/resume.ts";
import { runFiles } from "../../../training/store/run-directory.ts";
import { runSweep } from "../../sweep/run-sweep.ts";

/** Of MAML, before each policy of the half-cheetah. */
export const iterations = [0, 20, 40] as const;

/** The half-cheetah's policies. */
export async function trainedThetas(folder: string): Promise<readonly Float64Array[]> {
  return (await trainedBy(folder, "maml", {}, iterations)).thetas;
}

/** What differs from the experiment of half-cheetah-short. */
export interface ChangedExperiment extends Partial<Pick<Experiment, "environment" | "horizon" | "discount">> {
  readonly inner?: Partial<Experiment["inner"]>;
}

export interface Trained {
  readonly experiment: Experiment;
  readonly thetas: readonly Float64Array[];
  /** Mean returns on held-out tasks, before and after adaptation. */
  readonly evaluations: readonly EvaluationLine[];
}

/**
 * θ after each number of iterations of MAML, with the settings of half-cheetah-short but for those changed: checkpoints of
 * the run `name` below `folder`, which is resumed if it was stopped.
 */
export async function trainedBy(
  folder: string,
  name: string,
  changed: ChangedExperiment,
  iterations: readonly number[],
): Promise<Trained> {
  const config = parseConfig({
    preset: "half-cheetah-short",
    file: {
      experiment: { ...changed, estimator: { name: "maml" } },
      iterations: Math.max(...iterations),
      evaluation: { tasks: 40, finalTasks: 40 },
    },
  });
  const outcomes = await runSweep(folder, [{ name, runs: [{ name, config }] }], {
    perform: (_run, _status, start) => start({ workers: 0 }),
  });
  const outcome = outcomes.get(name)!;
  if (outcome.state === "failed" || outcome.state === "diverged")
    throw new Error(`${name}: ${outcome.reason}`);
  const { directory, configSha256, evaluations } = readRun(join(folder, name));
  const unit = unitFor(config.experiment);
  const thetas = iterations.map(
    (k) => loadCheckpoint(runFiles(directory), unit, configSha256, k)!.state.theta,
  );
  return { experiment: config.experiment, thetas, evaluations };
}
