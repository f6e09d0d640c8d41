import { returnColumns, seedColumns } from "../report/estimate-text.ts";
import { lastReturns, lastShared, seedStatistics } from "../report/over-seeds.ts";
import { writeReport } from "../report/report.ts";
import { type AddCommand, examples, fileEnding, filePaths } from "./command.ts";
import { table, warn } from "./terminal.ts";

export const addCompare: AddCommand = (command, terminal) => {
  command
    .argument("<dir...>", "run directories; runs that differ only in their seed are averaged", filePaths)
    .option("--out <file>", "HTML file", fileEnding(".html"), "comparison.html")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      examples("compare runs/maml-* runs/sgmrl-*", "compare runs/a runs/b --out a-or-b.html --json"),
    )
    .action(
      async (directories: string[], { out, json }: { readonly out: string; readonly json?: boolean }) => {
        const { groups, warnings } = await writeReport(directories, out);
        warn(terminal, warnings);
        const rows = groups.map((group) => ({
          label: group.label,
          seeds: group.runs.map(({ config }) => config.seed),
          iteration: lastShared(group) ?? null,
          returns: lastReturns(group),
        }));
        const statistics = seedStatistics(groups);
        if (json)
          return terminal.out(
            JSON.stringify({
              report: out,
              groups: rows.map((row, i) => ({ ...row, statistics: statistics?.[i] })),
              warnings,
            }),
          );
        const { head, cells } = returnColumns(rows.map(({ returns }) => returns));
        terminal.out(
          table([
            ["", "seeds", ...head],
            ...rows.map(({ label, seeds }, i) => [label, seeds.join(","), ...cells[i]!]),
          ]),
        );
        if (statistics !== undefined) {
          const { head, cells } = seedColumns(statistics);
          terminal.out(`\n${table([["", ...head], ...rows.map(({ label }, i) => [label, ...cells[i]!])])}`);
        }
        terminal.out(`Report: ${out}`);
      },
    );
};
