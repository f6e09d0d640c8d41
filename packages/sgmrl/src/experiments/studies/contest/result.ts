/** The results of a contest: its table, as JSON, and its curves against processor time. */
import { areaY, lineY } from "@observablehq/plot";
import { type Figure, seriesColor } from "../../../report/figure.ts";
import { programsOf } from "../../../report/provenance.ts";
import type { RecordedRun } from "../../../report/runs.ts";
import { type Estimate, meanWithConfidence } from "../../../statistics/confidence.ts";
import type { Program } from "../../../training/store/version.ts";
import { type Contest, finalReturn, type Standing } from "./contest.ts";

export interface ContestRow extends Omit<Standing, "runs"> {
  /** Processor seconds of a run's training, without its evaluations. */
  readonly seconds: number;
  readonly seeds: readonly number[];
  /** The programs, commits and processors that computed its runs. */
  readonly programs?: readonly Program[];
  /** Return on held-out tasks after as many steps as were trained for, by seed, and its mean over seeds. */
  readonly returns: readonly number[];
  readonly adapted: Estimate | null;
  /** The same before adaptation. */
  readonly unadapted: Estimate | null;
  /** Difference from the first entrant's return, paired by seed. */
  readonly gain: Estimate | null;
  readonly curve: readonly CurvePoint[];
}

export interface CurvePoint {
  readonly seconds: number;
  readonly mean: number;
  readonly lowest: number;
  readonly highest: number;
}

export function rowsOf(entries: readonly Standing[]): ContestRow[] {
  return entries.map((entry) => rowOf(entry, entries[0]!));
}

function rowOf({ runs, ...entry }: Standing, first: Standing): ContestRow {
  const tasks = runs[0]?.config.tasks ?? 0;
  const perIteration = (tasks * entry.milliseconds) / 1000;
  const gains = runs.flatMap((run) => {
    const other = first.runs.find(({ config }) => config.seed === run.config.seed);
    return other === undefined ? [] : [finalReturn(run) - finalReturn(other)];
  });
  return {
    ...entry,
    seconds: entry.iterations * perIteration,
    seeds: runs.map(({ config }) => config.seed),
    programs: programsOf(runs),
    returns: runs.map(finalReturn),
    adapted: overSeeds(runs.map(finalReturn)),
    unadapted: overSeeds(runs.map(({ evaluations }) => evaluations.at(-1)!.returns[0]!.mean)),
    gain: overSeeds(gains),
    curve: curveOf(runs, perIteration),
  };
}

function overSeeds(values: readonly number[]): Estimate | null {
  return values.length < 2 ? null : meanWithConfidence(values);
}

function curveOf(runs: readonly RecordedRun[], perIteration: number): CurvePoint[] {
  const [first] = runs;
  if (first === undefined) return [];
  return first.evaluations.map(({ iteration }, i) => {
    const values = returnsAt(runs, i);
    return {
      seconds: iteration * perIteration,
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      lowest: Math.min(...values),
      highest: Math.max(...values),
    };
  });
}

/** The return of each run after as many steps as were trained for, at the i-th evaluation. */
export function returnsAt(runs: readonly RecordedRun[], i: number): number[] {
  return runs.map(({ config, evaluations }) => evaluations[i]!.returns[config.experiment.inner.steps]!.mean);
}

/**
 * The curves of a contest from its rows, against processor time. Entrants that share an estimator share a colour, and so
 * do those for whom no colour is left; the second of a colour is dashed.
 */
export function contestFigure({ name, summary }: Contest, rows: readonly ContestRow[]): Figure {
  const run = rows.map(({ seeds }) => seeds.length);
  const [fewest, most] = [Math.min(...run), Math.max(...run)];
  const seeds = fewest === most ? `${most}` : `${fewest} to ${most}`;
  const estimator = ({ entrant }: ContestRow): string => entrant.split(",")[0]!;
  const estimators = [...new Set(rows.map(estimator))];
  const colorOf = (row: ContestRow): string => seriesColor(estimators.indexOf(estimator(row)));
  const style = (row: ContestRow) => ({
    color: colorOf(row),
    dashed: rows.find((other) => colorOf(other) === colorOf(row)) !== row,
  });
  return {
    name: `${name}-learning`,
    title: `${summary[0]!.toUpperCase()}${summary.slice(1)}`,
    caption: `Return on held-out tasks after adaptation against processor time of training: means over ${seeds} seeds, bands from the lowest to the highest.`,
    legend: rows.map((row) => ({ label: row.entrant, ...style(row) })),
    width: 640,
    plot: {
      height: 340,
      marginBottom: 42,
      x: { label: "processor seconds", ticks: 6 },
      y: { label: "return after adaptation", grid: true, ticks: 6 },
      marks: rows.flatMap((row) => {
        const { color, dashed } = style(row);
        return [
          areaY(row.curve, { x: "seconds", y1: "lowest", y2: "highest", fill: color, fillOpacity: 0.08 }),
          lineY(row.curve, {
            x: "seconds",
            y: "mean",
            stroke: color,
            strokeWidth: 2,
            ...(dashed ? { strokeDasharray: "5 3" } : {}),
          }),
        ];
      }),
    },
  };
}
