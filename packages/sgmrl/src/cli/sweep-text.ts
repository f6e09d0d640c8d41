import type { SweepPoint } from "../experiments/sweep/expand.ts";
import type { Outcome } from "../experiments/sweep/run-sweep.ts";
import type { RunStatus } from "../experiments/sweep/status.ts";
import type { SettingSummary } from "../experiments/sweep/summary.ts";
import { returnColumns } from "../report/estimate-text.ts";
import { intervalsOver } from "../report/over-seeds.ts";
import { duration } from "../wording.ts";
import { table } from "./terminal.ts";

/** One row per setting, the best first. */
export function summaryTable(environment: string, rows: readonly SettingSummary[]): string {
  const { head, cells } = returnColumns(rows.map(({ returns }) => returns));
  const text = table([
    [environment, "seeds", ...head, "training takes"],
    ...rows.map(({ name, seeds, diverged, failed, seconds }, i) => [
      name,
      `${seeds.join(",") || "none"}${ended("diverged", diverged)}${ended("failed", failed)}`,
      ...cells[i]!,
      seconds === null ? "" : duration(seconds),
    ]),
  ]);
  const over = intervalsOver(rows.map(({ seeds }) => seeds.length));
  return `${text}\nReturn on held-out tasks before and after k steps, with 95% confidence over ${over}; best first.`;
}

function ended(how: string, seeds: readonly number[]): string {
  return seeds.length === 0 ? "" : ` (${how}: ${seeds.join(",")})`;
}

/** One row per run. */
export function statusTable(
  settings: readonly SweepPoint[],
  statuses: ReadonlyMap<string, RunStatus>,
): string {
  const runs = settings.flatMap((setting) => setting.runs);
  return table([
    ["run", "state", "iterations"],
    ...runs.map(({ name, config }) => {
      const { state, iteration } = statuses.get(name)!; // of every run
      return [name, state, `${iteration} of ${config.iterations}`];
    }),
  ]);
}

/** "12 runs in runs/needle: 3 finished, 1 interrupted, 8 new." */
export function countsText(root: string, outcomes: ReadonlyMap<string, Outcome>): string {
  const counts = new Map<string, number>();
  for (const { state } of outcomes.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
  const runs = `${outcomes.size} run${outcomes.size === 1 ? "" : "s"}`;
  return `${runs} in ${root}: ${[...counts].map(([state, count]) => `${count} ${state}`).join(", ")}.`;
}
