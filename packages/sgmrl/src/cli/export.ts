import { Option } from "commander";
import { type ExportFormat, exportFormats, exportRuns } from "../report/export/export-runs.ts";
import { type AddCommand, examples, filePath, filePaths, oneOf } from "./command.ts";

interface Options {
  readonly to: ExportFormat;
  readonly out: string;
  readonly json?: boolean;
}

export const addExport: AddCommand = (command, terminal) => {
  command
    .argument("<dir...>", "directories of runs", filePaths)
    .addOption(
      new Option("--to <format>", "csv (tables), or tensorboard (event files)")
        .argParser(oneOf(exportFormats))
        .makeOptionMandatory(),
    )
    .option("--out <folder>", "folder for the files", filePath, "export")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      examples("export runs/maml-1 --to csv", "export runs/* --to tensorboard --out runs/events"),
    )
    .action((directories: string[], { to, out, json }: Options) => {
      const { files, damage } = exportRuns(directories, to, out);
      for (const problem of damage)
        terminal.err(`warning: damaged: ${problem}; only what could be read is exported`);
      terminal.out(json ? JSON.stringify({ files }) : files.join("\n"));
    });
};
