/** What the processes of the tests do with runs of the quadratic unit and write elsewhere, by name. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { addRender } from "../../src/cli/render.ts";
import { addTrain } from "../../src/cli/train.ts";
import { kept } from "../../src/experiments/studies/study.ts";
import { expandSweep } from "../../src/experiments/sweep/expand.ts";
import { runSweep } from "../../src/experiments/sweep/run-sweep.ts";
import { parseSweepSpec } from "../../src/experiments/sweep/spec.ts";
import { summarize } from "../../src/experiments/sweep/summary.ts";
import { writeGroupReport, writeReport } from "../../src/report/report.ts";
import { resume } from "../../src/training/resume.ts";
import { runFiles } from "../../src/training/store/run-directory.ts";
import { train } from "../../src/training/train.ts";
import { quadraticUnits, toyConfig } from "./runs.ts";

const options = { workers: 0, units: quadraticUnits };
const drawn = { units: quadraticUnits };

export const commands: Readonly<Record<string, (root: string, iterations: number) => Promise<unknown>>> = {
  train: (root, iterations) => train(toyConfig({ iterations }), root, options),
  resume: (root) => resume(root, options),
  /** Trains, or goes on with what is there. */
  run: (root, iterations) =>
    existsSync(runFiles(root).config)
      ? resume(root, options)
      : train(toyConfig({ iterations }), root, options),
  longer: (root, iterations) => resume(root, { ...options, iterations }),
  from: (root, from) => resume(root, { ...options, from }),
  report: (root) => writeReport([root], join(root, "report.html"), drawn),
  async render(root) {
    const command = new Command();
    addRender(command, { out: () => {}, err: () => {} }, () => {});
    await command.parseAsync(["--env", "toy-1d", "--out", root], { from: "user" });
  },
  /** The command line, which names the directory itself. */
  async named(root) {
    process.chdir(root);
    const command = new Command();
    addTrain(command, { out: () => {}, err: () => {} }, () => {});
    const sizes =
      "--iterations 2 --tasks 2 --evaluate-tasks 2 --final-tasks 2 --inner-trajectories 3 --workers 0";
    await command.parseAsync(["--preset", "needle", "--no-report", ...sizes.split(" ")], { from: "user" });
  },
  /** What long studies have so far. */
  async kept(root) {
    for (const stage of ["stage-1", "stage-2", "deep/stage-3"]) kept(root, stage, () => [stage.length]);
  },
  compare: (root) => writeReport([join(root, "a"), join(root, "b")], join(root, "comparison.html"), drawn),
  async sweep(root, iterations) {
    const { seed: _, ...shared } = toyConfig({ iterations });
    const grid = { "learning-rate": [0.1, 0.2] };
    const settings = expandSweep(parseSweepSpec({ config: shared, grid, seeds: [0, 1] }));
    const outcomes = await runSweep(root, settings, {
      units: quadraticUnits,
      perform: (_run, _status, start) => start({ workers: 0 }),
    });
    const states = [...outcomes.values()];
    for (const outcome of states) if ("reason" in outcome) throw new Error(outcome.reason);
    const groups = [...summarize(root, settings, outcomes).values()].flatMap((rows) =>
      rows.flatMap(({ group }) => group ?? []),
    );
    await writeGroupReport(groups, join(root, "report.html"), drawn);
  },
};
