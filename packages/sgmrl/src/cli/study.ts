import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { fileProblem, InputError } from "../errors.ts";
import { studies } from "../experiments/studies/studies.ts";
import { rounded, type Study, type StudyOptions } from "../experiments/studies/study.ts";
import { renderFigure } from "../report/figure.ts";
import { makeDirectory, writeAtomically } from "../training/store/atomic-write.ts";
import { refuseOwned } from "../training/store/ownership.ts";
import { unknownName } from "../wording.ts";
import { type AddCommand, examples, filePath, wholeNumber } from "./command.ts";
import { addEngineOptions, type EngineFlags, engineFrom } from "./engine-options.ts";
import { finishingIteration, interruptible } from "./signals.ts";
import type { Terminal } from "./terminal.ts";

interface Options extends EngineFlags {
  readonly out: string;
  readonly runs: string;
  readonly partial?: true;
  readonly parts?: readonly string[];
  readonly json?: boolean;
}

export const addStudy: AddCommand = (command, terminal, exit) => {
  const names = studies.map(({ name }) => name);
  const widest = Math.max(...names.map((name) => name.length));
  const training = studies.filter(({ trains }) => trains).map((study) => study.name);
  const list = studies.map(({ name, summary }) => `  ${name.padEnd(widest + 2)}${summary}`).join("\n");
  command
    .argument("<name>", names.join(", "))
    .option("--out <dir>", "directory for the files", filePath, ".")
    .option(
      "--runs <dir>",
      "directory where long studies keep their intermediate results",
      filePath,
      "runs/studies",
    )
    .option("--partial", "compute nothing: write the results of the runs that are finished")
    .option("--parts <names>", "compute these parts of the study alone, with commas between them", partNames)
    .option(
      "--workers <n>",
      "worker threads; 0 for none. Results do not depend on it (default: 0)",
      wholeNumber(0),
    )
    .option("--json", "print the list of files as JSON");
  addEngineOptions(command)
    .addHelpText(
      "after",
      `\nStudies:\n${list}\n\nA long study that was interrupted continues where it stopped when it is run again. --partial, --workers and --engine are\nfor studies that train: ${training.join(", ")}.\n${examples("study needle", "study convergence --out docs/results", "study paper --workers 8", "study paper --parts corners,corners-samples", "study paper --partial")}`,
    )
    .action(async (name: string, flags: Options) => {
      const { out, runs, partial, parts, json } = flags;
      const study = studies.find((candidate) => candidate.name === name);
      if (study === undefined) throw new InputError(unknownName("study", name, names));
      refuseUnlessTraining(study, flags);
      refuseUnknownParts(study, flags);
      const placed = placement(flags, terminal);
      await placed(runs); // refuses options that do not go together, before any work
      const progress = (text: string): void => {
        terminal.progress?.write(`${name}: ${text}\n`);
      };
      const writing = <T>(work: () => T): T => {
        try {
          return work();
        } catch (error) {
          throw new InputError(`--out ${out}: ${fileProblem(error)}.`);
        }
      };
      refuseOwned(join(out, `${name}.json`));
      writing(() => {
        makeDirectory(out);
        accessSync(out, constants.W_OK); // now, not after hours of work
      });
      const folder = join(runs, name);
      const { result, exitCode } = await (study.trains
        ? interruptible(
            terminal,
            async (signal) =>
              study.run(progress, folder, {
                signal: partial ? AbortSignal.abort() : signal,
                ...(parts && { parts }),
                placed,
              }),
            finishingIteration,
          )
        : { result: await study.run(progress, folder), exitCode: 0 });
      if (exitCode !== 0) {
        terminal.err(
          `Stopped; nothing was written to ${out}. Run the same command again to continue, or with --partial to write what is finished.`,
        );
        return exit(exitCode);
      }
      const numbers = rounded(result);
      const figures = study.draw?.(numbers) ?? [];
      const files = new Map([
        ...figures.map((figure): [string, string] => [`${figure.name}.svg`, renderFigure(figure, true)]),
        [`${name}.json`, `${JSON.stringify(numbers, undefined, 1)}\n`],
      ]);
      writing(() => {
        for (const [file, text] of files) writeAtomically(join(out, file), text);
      });
      const written = [...files.keys()].map((file) => join(out, file));
      terminal.out(json ? JSON.stringify({ files: written }) : written.join("\n"));
    });
};

function refuseUnlessTraining({ name, trains }: Study, { partial, workers, engine }: Options): void {
  if (trains) return;
  const given = [
    ...(partial ? ["--partial"] : []),
    ...(workers === undefined ? [] : ["--workers"]),
    ...(engine === "threads" ? [] : ["--engine"]),
  ];
  if (given.length > 0)
    throw new InputError(`${given.join(", ")}: the study "${name}" has no training runs; leave it out.`);
}

function refuseUnknownParts({ name, parts: known }: Study, { parts = [], partial }: Options): void {
  if (parts.length === 0) return;
  if (known === undefined) throw new InputError(`--parts: the study "${name}" has no parts; leave it out.`);
  if (partial) throw new InputError("--parts, --partial: --partial computes nothing; give one of them.");
  for (const part of parts)
    if (!known.includes(part)) throw new InputError(unknownName("--parts", part, known));
}

/** Names with commas between them. */
function partNames(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

function placement(flags: Options, terminal: Terminal): NonNullable<StudyOptions["placed"]> {
  return async (directory) => {
    const engine = await engineFrom(flags, { directory, log: terminal.err });
    return engine === undefined ? { workers: flags.workers ?? 0 } : { engine };
  };
}
