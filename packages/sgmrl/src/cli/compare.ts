import { estimateText } from "../report/estimate-text.ts";
import { lastReturns } from "../report/over-seeds.ts";
import { writeReport } from "../report/report.ts";
import { type AddCommand, examples } from "./command.ts";
import { table } from "./terminal.ts";

export const addCompare: AddCommand = (program, terminal) => {
  program
    .command("compare")
    .description("compare runs: a table, and a page that overlays their curves (means and bands over seeds)")
    .argument("<dir...>", "directories of runs; those that differ in their seed alone are averaged")
    .option("--out <file>", "HTML file", "comparison.html")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      examples("compare runs/maml-* runs/sgmrl-*", "compare runs/a runs/b --out a-or-b.html --json"),
    )
    .action((directories: string[], { out, json }: { readonly out: string; readonly json?: boolean }) => {
      const groups = writeReport(directories, out);
      const rows = groups.map((group) => ({
        label: group.label,
        seeds: group.runs.map(({ config }) => config.seed),
        returns: lastReturns(group),
      }));
      if (json) return terminal.out(JSON.stringify({ report: out, groups: rows }));
      const steps = Math.max(...rows.map(({ returns }) => returns.length));
      terminal.out(
        table([
          ["", "seeds", ...Array.from({ length: steps }, (_, k) => (k === 0 ? "before" : `after ${k}`))],
          ...rows.map(({ label, seeds, returns }) => [
            label,
            seeds.join(","),
            ...Array.from({ length: steps }, (_, k) =>
              returns[k] === undefined ? "" : estimateText(returns[k]),
            ),
          ]),
        ]),
      );
      terminal.out(`Report: ${out}`);
    });
};
