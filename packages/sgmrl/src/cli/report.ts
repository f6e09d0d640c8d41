import { join } from "node:path";
import { writeReport } from "../report/report.ts";
import { type AddCommand, examples, fileEnding, filePaths } from "./command.ts";
import { warn } from "./terminal.ts";

export const addReport: AddCommand = (command, terminal) => {
  command
    .argument("<dir...>", "directories of runs", filePaths)
    .option(
      "--out <file>",
      "HTML file (default: report.html in the directory; of several, comparison.html in the first)",
      fileEnding(".html"),
    )
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      examples("report runs/maml-1", "report runs/maml-1 runs/maml-2 runs/maml-3 --out maml.html"),
    )
    .action(
      async (directories: string[], { out, json }: { readonly out?: string; readonly json?: boolean }) => {
        // A run keeps its own report when it is shown beside others.
        const name = directories.length > 1 ? "comparison.html" : "report.html";
        const file = out ?? join(directories[0]!, name);
        const { warnings } = await writeReport(directories, file);
        warn(terminal, warnings);
        terminal.out(json ? JSON.stringify({ report: file }) : `Report: ${file}`);
      },
    );
};
