/** The results of a contest: its table, as JSON, and its curves against processor time. */
import { areaY, lineY } from "@observablehq/plot";
import { key } from "@sgmrl/autodiff/random";
import { type Figure, type LegendEntry, seriesColor } from "../../../report/figure.ts";
import type { RecordedRun } from "../../../report/runs.ts";
import { type Estimate, meanWithConfidence } from "../../../statistics/confidence.ts";
import {
  bootstrapInterval,
  type Interval,
  interquartileMean,
  probabilityOfImprovement,
  type Scores,
} from "../../../statistics/run-statistics.ts";
import { counted } from "../../../wording.ts";
import { type Contest, finalReturn, type Standing } from "./contest.ts";

export interface ContestRow extends Omit<Standing, "runs"> {
  /** Processor seconds of a run's training, without its evaluations. */
  readonly seconds: number;
  readonly seeds: readonly number[];
  /** Return on held-out tasks after as many steps as were trained for, by seed, and its mean over seeds. */
  readonly returns: readonly number[];
  readonly adapted: Estimate | null;
  /** The same before adaptation. */
  readonly unadapted: Estimate | null;
  /** Difference from the first entrant's return, paired by seed. */
  readonly gain: Estimate | null;
  readonly curve: readonly CurvePoint[];
}

/** The return on held-out tasks during training: over the seeds, at an evaluation. */
export interface CurvePoint {
  readonly iteration: number;
  /** Processor seconds of training. */
  readonly seconds: number;
  readonly interquartileMean: Interval;
}

export function rowsOf(entries: readonly Standing[]): ContestRow[] {
  return entries.map((entry, e) => rowOf(entry, entries[0]!, e));
}

function rowOf({ runs, ...entry }: Standing, first: Standing, e: number): ContestRow {
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
    returns: runs.map(finalReturn),
    adapted: overSeeds(runs.map(finalReturn)),
    unadapted: overSeeds(runs.map(({ evaluations }) => evaluations.at(-1)!.returns[0]!.mean)),
    gain: overSeeds(gains),
    curve: curveOf(runs, perIteration, e),
  };
}

/** Statistics of few runs, with stratified bootstrap intervals of 95%. */
export interface RunStatistics {
  readonly interquartileMean: Interval;
  /** Probability that a run of this entrant returns more than one of the first. */
  readonly improvement: Interval;
}

/** Of the e-th entrant's returns, by seed, beside the first's; null if either has fewer than two: of one they say nothing. */
export function runStatistics(standings: readonly Standing[], e: number): RunStatistics | null {
  const [own, first]: Scores[] = [standings[e]!, standings[0]!].map(({ runs }) => [runs.map(finalReturn)]);
  if (own![0]!.length < 2 || first![0]!.length < 2) return null;
  const { runs, diverged, missing } = standings[e]!;
  const seeds = runs.length + diverged.length + missing.length;
  return {
    interquartileMean: bootstrapInterval([own!], interquartileMean, key(seeds + e)),
    improvement: bootstrapInterval([own!, first!], probabilityOfImprovement, key(100 + e)),
  };
}

function overSeeds(values: readonly number[]): Estimate | null {
  return values.length < 2 ? null : meanWithConfidence(values);
}

function curveOf(runs: readonly RecordedRun[], perIteration: number, e: number): CurvePoint[] {
  const [first] = runs;
  if (first === undefined) return [];
  return first.evaluations.map(({ iteration }, i) => ({
    iteration,
    seconds: iteration * perIteration,
    interquartileMean: bootstrapInterval([[returnsAt(runs, i)]], interquartileMean, key(200 + e)),
  }));
}

/** The return of each run after as many steps as were trained for, at the i-th evaluation. */
function returnsAt(runs: readonly RecordedRun[], i: number): number[] {
  return runs.map(({ config, evaluations }) => evaluations[i]!.returns[config.experiment.inner.steps]!.mean);
}

/**
 * The curves of a contest from its rows, against processor time. Entrants that share an estimator share a colour, and so
 * do those for whom no colour is left; the second of a colour is dashed, later ones are dotted.
 */
export function contestFigure({ name, summary }: Contest, all: readonly ContestRow[]): Figure {
  const rows = all.filter(({ seeds }) => seeds.length > 0);
  const estimator = ({ entrant }: ContestRow): string => entrant.split(",")[0]!;
  const estimators = [...new Set(rows.map(estimator))];
  const colorOf = (row: ContestRow): string => seriesColor(estimators.indexOf(estimator(row)));
  const dashes: readonly LegendEntry["dashed"][] = [false, true];
  const style = (row: ContestRow): Pick<LegendEntry, "color" | "dashed"> => {
    const alike = rows.filter((other) => colorOf(other) === colorOf(row));
    return { color: colorOf(row), dashed: dashes[alike.indexOf(row)] ?? "dotted" };
  };
  return {
    name: `${name}-learning`,
    title: `${summary[0]!.toUpperCase()}${summary.slice(1)}`,
    caption: `Return on held-out tasks after adaptation against processor time of training: ${statisticsOf(rows)}.`,
    legend: rows.map((row) => ({ label: row.entrant, ...style(row) })),
    width: 640,
    plot: {
      height: 340,
      marginBottom: 42,
      x: { label: "processor seconds", ticks: 6 },
      y: { label: "return after adaptation", grid: true, ticks: 6 },
      marks: rows.flatMap((row) => {
        const { color, dashed } = style(row);
        const points = row.curve.map((at) => ({ seconds: at.seconds, ...at.interquartileMean }));
        return [
          areaY(points, { x: "seconds", y1: "low", y2: "high", fill: color, fillOpacity: 0.08 }),
          lineY(points, {
            x: "seconds",
            y: "value",
            stroke: color,
            strokeWidth: 2,
            ...(dashed ? { strokeDasharray: dashed === "dotted" ? "1.5 3" : "5 3" } : {}),
          }),
        ];
      }),
    },
  };
}

/** What the lines and bands of a figure of these rows are, and of how many seeds. */
export function statisticsOf(rows: readonly ContestRow[]): string {
  const run = rows.map(({ seeds }) => seeds.length);
  const [fewest, most] = [Math.min(...run), Math.max(...run)];
  if (most === 1) return "one seed";
  const where = fewest === 1 ? ", where there are several" : "";
  const seeds = fewest === most ? counted(most, "seed") : `${fewest} to ${counted(most, "seed")}`;
  return `interquartile means over ${seeds}, with stratified bootstrap intervals of 95%${where}`;
}
