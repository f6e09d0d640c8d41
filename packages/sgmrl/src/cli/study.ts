import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { fileProblem, InputError } from "../errors.ts";
import { studies } from "../experiments/studies/studies.ts";
import { rounded } from "../experiments/studies/study.ts";
import { renderFigure } from "../report/figure.ts";
import { makeDirectory, writeAtomically } from "../training/store/atomic-write.ts";
import { unknownName } from "../wording.ts";
import { type AddCommand, examples, filePath } from "./command.ts";

interface Options {
  readonly out: string;
  readonly runs: string;
  readonly json?: boolean;
}

export const addStudy: AddCommand = (command, terminal) => {
  const names = studies.map(({ name }) => name);
  const widest = Math.max(...names.map((name) => name.length));
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
    .option("--json", "print the list of files as JSON")
    .addHelpText(
      "after",
      `\nStudies:\n${list}\n\nA long study that was interrupted continues where it stopped when it is run again.\n${examples("study needle", "study convergence --out docs/results")}`,
    )
    .action(async (name: string, { out, runs, json }: Options) => {
      const study = studies.find((candidate) => candidate.name === name);
      if (study === undefined) throw new InputError(unknownName("study", name, names));
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
      writing(() => {
        makeDirectory(out);
        accessSync(out, constants.W_OK); // now, not after hours of work
      });
      const { figures, numbers } = await study.run(progress, join(runs, name));
      const files = new Map([
        ...figures.map((figure): [string, string] => [`${figure.name}.svg`, renderFigure(figure, true)]),
        [`${name}.json`, `${JSON.stringify(rounded(numbers), undefined, 1)}\n`],
      ]);
      writing(() => {
        for (const [file, text] of files) writeAtomically(join(out, file), text);
      });
      const written = [...files.keys()].map((file) => join(out, file));
      terminal.out(json ? JSON.stringify({ files: written }) : written.join("\n"));
    });
};
