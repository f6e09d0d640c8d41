import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { type Command, Option as Flag } from "commander";
import { type Option, options, sectionOf } from "../config/options.ts";
import { defaultPreset, presets } from "../config/presets.ts";
import { trainable } from "../config/trainable.ts";
import { at, leafText } from "../config/tree.ts";
import { InputError } from "../errors.ts";
import { readJson } from "../files/read-file.ts";
import type { RunConfig } from "../settings.ts";
import { resume } from "../training/resume.ts";
import { warmStart } from "../training/start.ts";
import { readConfig, runFiles } from "../training/store/run-directory.ts";
import { train, unitOf } from "../training/train.ts";
import { besides, isFree, isInterrupted, type Pair, pairIn, refuseTaken } from "./beside.ts";
import { type AddCommand, examples, filePath, wholeNumber } from "./command.ts";
import { addEngineOptions, type EngineFlags } from "./engine-options.ts";
import { type RunSettings, runWithProgress } from "./run-with-progress.ts";

export const addTrain: AddCommand = (command, terminal, exit) => {
  command
    .option("--preset <name>", `base settings: ${Object.keys(presets).join(", ")}`, defaultPreset)
    .option(
      "--config <file>",
      "JSON file with any part of a config, such as another run's config.json",
      filePath,
    )
    .option(
      "--from <dir>",
      "start from the parameters, and by default the settings, of another run (warm start)",
      filePath,
    )
    .option("--out <dir>", "directory of the run (default: a new one under runs/)", filePath)
    .option(
      "--workers <n>",
      "worker threads (default: one per core; 0: this thread); results do not depend on it",
      wholeNumber(0),
    )
    .option(
      "--beside <estimator>",
      "train a second run with this estimator, same seed, tasks and iterations; the report shows both",
    )
    .option("--no-report", "do not write a report")
    .option("--json", "print the result as JSON");
  addEngineOptions(command);
  for (const option of options)
    command.addOption(new Flag(option.usage, helpOf(option)).helpGroup(`${sectionOf(option.path)}:`));
  command
    .addHelpText(
      "after",
      `\nBrackets show the values of the preset "${defaultPreset}".\n${examples(
        "train",
        "train --estimator maml --seed 1 --out runs/maml-1",
        "train --preset paper-navigation --workers 8",
        "train --env needle-bandit --preset needle --iterations 100",
        "train --config runs/maml-1/config.json --seed 2",
        "train --from runs/maml-1 --estimator sgmrl --learning-rate 1e-4",
      )}`,
    )
    .action(async ({ beside, ...options }: TrainFlags) => {
      const config = await configFrom(command, options);
      const run = (settings: RunSettings, goesOn = false) =>
        runWithProgress(terminal, exit, settings, (runOptions) =>
          goesOn
            ? resume(settings.directory, runOptions)
            : train(settings.config, settings.directory, runOptions),
        );
      const second = beside === undefined ? undefined : besides(config, beside);
      if (second === undefined) {
        if (beside !== undefined)
          terminal.err(
            `note: --beside ${beside}: the run uses this estimator itself, so no second run is trained`,
          );
        const directory = options.out ?? firstDirectory(config, (name) => !existsSync(runFiles(name).config));
        await run({ ...options, config, directory });
        return;
      }
      const pairOf = (directory: string): Pair => pairIn(directory, config, second);
      const pair = pairOf(options.out ?? firstDirectory(config, (name) => isFree(pairOf(name))));
      refuseTaken(pair);
      if (isInterrupted(pair))
        terminal.err(`note: this command was interrupted before; it goes on with ${pair.own.directory}`);
      const { own, other } = pair;
      const first = { ...options, ...other, report: false, json: false, again: true };
      const status = other.holds === "all" ? "finished" : await run(first, other.holds !== "nothing");
      if (status === "finished")
        await run({ ...options, ...own, shownWith: other.directory, again: true }, own.holds !== "nothing");
    });
};

interface TrainFlags extends EngineFlags {
  readonly beside?: string;
  readonly preset: string;
  readonly config?: string;
  readonly from?: string;
  readonly out?: string;
  readonly report: boolean;
  readonly json?: boolean;
}

async function configFrom(command: Command, { preset, config: path, from }: TrainFlags): Promise<RunConfig> {
  const given: Record<string, unknown> = command.opts();
  const flags = Object.fromEntries(
    options.flatMap(({ flag }) => {
      const option = command.options.find((candidate) => candidate.long === flag)!;
      const text = given[option.attributeName()];
      return typeof text === "string" ? [[flag, text]] : [];
    }),
  );
  if (from === undefined)
    return trainable({ preset, flags, ...(path === undefined ? {} : { file: readJson(path, "--config") }) });
  const source = command.getOptionValueSource("preset") === "cli" ? "--preset" : "--config";
  if (source === "--preset" || path !== undefined)
    throw new InputError(
      `${source}: not with --from, which takes the settings of its run; override single settings with their flags.`,
    );
  const { start: _, ...file } = readConfig(from).config;
  const config = await trainable({ preset, flags, file });
  return { ...config, start: warmStart(from, await unitOf(config)) };
}

/** runs/<environment>-<estimator>-<seed>, with a number appended if that is not free. */
function firstDirectory({ experiment, seed }: RunConfig, isFree: (directory: string) => boolean): string {
  const short = (part: string): string => basename(part).replace(/\.[cm]?[jt]s$/, "");
  const name = join("runs", `${short(experiment.environment)}-${short(experiment.estimator.name)}-${seed}`);
  for (let attempt = 1; ; attempt++) {
    const directory = attempt === 1 ? name : `${name}-${attempt}`;
    if (isFree(directory)) return directory;
  }
}

function helpOf({ help, path }: Option): string {
  const value = at(presets[defaultPreset], path);
  return value === undefined ? help : `${help} [${leafText(value)}]`;
}
