import { basename, join } from "node:path";
import { loadNamed } from "../config/trainable.ts";
import { InputError } from "../errors.ts";
import { expandSweep, modulesOf, type SweepPoint } from "../experiments/sweep/expand.ts";
import { writeSweepReports } from "../experiments/sweep/report.ts";
import { runSweep, sweepStatus } from "../experiments/sweep/run-sweep.ts";
import { parseSweepSpec } from "../experiments/sweep/spec.ts";
import { strayRuns } from "../experiments/sweep/status.ts";
import { summarize } from "../experiments/sweep/summary.ts";
import { readJson } from "../files/read-file.ts";
import { type AddCommand, examples, filePath, wholeNumber } from "./command.ts";
import { addEngineOptions, type EngineFlags, engineFrom } from "./engine-options.ts";
import { showProgress } from "./progress.ts";
import { finishingIteration, interruptible } from "./signals.ts";
import { countsText, statusTable, summaryTable } from "./sweep-text.ts";
import { type Terminal, warnOfDamage } from "./terminal.ts";

interface SweepFlags extends EngineFlags {
  readonly out?: string;
  readonly dryRun?: boolean;
  readonly report: boolean;
  readonly json?: boolean;
}

export const addSweep: AddCommand = (command, terminal, exit) => {
  command
    .argument("<file>", "JSON file with the settings and the seeds (below)", filePath)
    .option("--out <dir>", "directory of the sweep (default: the name of the file, under runs/)", filePath)
    .option("--workers <n>", "worker threads (default: one per core)", wholeNumber(0))
    .option("--dry-run", "only list the runs and their progress")
    .option("--no-report", "do not write a report")
    .option("--json", "print the result as JSON");
  addEngineOptions(command)
    .addHelpText("after", help)
    .action(async (file: string, flags: SweepFlags) => {
      const settings = await planFrom(file);
      const root = flags.out ?? join("runs", basename(file, ".json"));
      await engineFrom(flags, { directory: root, log: terminal.err }); // refuses options that do not go together, once
      return flags.dryRun
        ? listRuns(terminal, root, settings, flags)
        : sweep(terminal, exit, root, settings, flags);
    });
};

const help = `${examples("sweep needle.json", "sweep needle.json --dry-run", "sweep needle.json --out runs/needle-2 --json")}
A sweep file:
  { "preset": "needle",
    "config": { "iterations": 100 },
    "grid": { "estimator": ["sgmrl-leave-one-out", "maml"], "step-size": [5, 10] },
    "seeds": [0, 1, 2] }
"config" is any part of a config.json and applies to all runs. The axes of "grid" are flags of "train" without the
dashes, or paths such as "optimizer.beta1". Instead of a grid, or in addition to it (each entry is combined with the grid):
    "list": [{ "name": "cautious", "config": { "experiment": { "inner": { "stepSize": 5 } } } }, …]

Each run has its own directory, such as "estimator=maml,step-size=5/seed-0". Runs that have finished or diverged are
skipped and interrupted ones resumed, with the same results as if nothing had stopped. You may add values, entries and
seeds at any time.
`;

async function planFrom(file: string): Promise<readonly SweepPoint[]> {
  const json = readJson(file, "sweep");
  try {
    const spec = parseSweepSpec(json);
    await loadNamed(modulesOf(spec));
    return expandSweep(spec);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(error.message.replaceAll(/^/gm, `${file}: `));
    throw error;
  }
}

function listRuns(
  terminal: Terminal,
  root: string,
  settings: readonly SweepPoint[],
  { json }: SweepFlags,
): void {
  const statuses = sweepStatus(root, settings);
  if (json) terminal.out(JSON.stringify({ directory: root, runs: Object.fromEntries(statuses) }));
  else terminal.out(`${statusTable(settings, statuses)}\n${countsText(root, statuses)}`);
}

async function sweep(
  terminal: Terminal,
  exit: (code: number) => void,
  root: string,
  settings: readonly SweepPoint[],
  { report, json = false, ...flags }: SweepFlags,
): Promise<void> {
  const runs = settings.flatMap((setting) => setting.runs);
  terminal.err(countsText(root, sweepStatus(root, settings)));
  const strays = strayRuns(root, runs);
  if (strays.length > 0) terminal.err(`Not part of the sweep, left as they are: ${strays.join(", ")}`);
  const { result: outcomes, exitCode } = await interruptible(
    terminal,
    (signal) =>
      runSweep(root, settings, {
        signal,
        perform: async (run, { iteration }, start) => {
          const place = `run ${runs.indexOf(run) + 1} of ${runs.length}: ${run.name}`;
          terminal.err(iteration === 0 ? place : `${place}, from iteration ${iteration}`);
          const observer = showProgress(terminal, run.config.iterations);
          const directory = join(root, run.name);
          const engine = await engineFrom(flags, { directory, log: terminal.err, onStatus: observer.status });
          await start({
            observer,
            ...(flags.workers === undefined ? {} : { workers: flags.workers }),
            ...(engine === undefined ? {} : { engine }),
          }).finally(observer.stop);
        },
      }),
    finishingIteration,
  );
  const states = [...outcomes.values()].map(({ state }) => state);
  const ended = states.filter((state) => state === "diverged" || state === "failed").length;
  const complete = states.every((state) => state !== "new" && state !== "interrupted");
  if (!complete)
    terminal.err(`Stopped. ${countsText(root, outcomes)} Run the same command again to continue.`);
  for (const [name, outcome] of outcomes)
    if ("reason" in outcome) terminal.err(`${name}: ${outcome.state}: ${outcome.reason}`);
  exit(complete ? Number(ended > 0) : exitCode);

  const summaries = summarize(root, settings, outcomes);
  warnOfDamage(
    terminal,
    [...summaries.values()].flatMap((rows) => rows.flatMap(({ group }) => group ?? [])),
  );
  const reports = complete && report ? await writeSweepReports(root, summaries) : [];
  if (json)
    terminal.out(
      JSON.stringify({
        status: complete ? "finished" : "interrupted",
        directory: root,
        runs: Object.fromEntries(outcomes),
        settings: [...summaries.values()].flat().map(({ group: _, ...figures }) => figures),
        reports,
      }),
    );
  else if (complete) {
    for (const [environment, rows] of summaries) terminal.out(summaryTable(environment, rows));
    for (const path of reports) terminal.out(`Report: ${path}`);
  }
}
