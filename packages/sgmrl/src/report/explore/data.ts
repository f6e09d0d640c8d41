/**
 * The data of the interactive chart: plain data about the runs, thinned and rounded so that a page stays
 * small.
 */
import type { Estimate } from "../../statistics/confidence.ts";
import { treeMean } from "../../tree-sum.ts";
import { hasColor } from "../group-style.ts";
import { measureLabel } from "../measures.ts";
import { evenly, returnsOverTraining } from "../over-seeds.ts";
import type { EvaluationLine, Group, RecordedRun } from "../runs.ts";

/** The x-axes that a curve can be drawn against. Steps and seconds are those spent before the iteration. */
export type Abscissa = "iteration" | "steps" | "seconds";
export type Column = readonly (number | null)[];

/** A measure over the seeds of a group. `low` and `high` are absent if there is no spread to show. */
export interface Spread {
  readonly mean: Column;
  readonly low?: Column;
  readonly high?: Column;
}

export interface Points {
  readonly x: Readonly<Record<Abscissa, Column>>;
  readonly y: Readonly<Record<string, Spread>>;
}

export interface Curve {
  readonly label: string;
  /** Index into the colours of figure.ts; -1 for the faint one. */
  readonly color: number;
  /** Each point is the mean over this many iterations. */
  readonly every: number;
  /** One in this many evaluations is kept. */
  readonly everyEvaluation: number;
  readonly training: Points;
  readonly heldOut: Points;
}

/** Returns of different environments do not belong on one axis. */
export interface Facet {
  readonly environment: string;
  readonly curves: readonly Curve[];
}

export interface Measure {
  readonly id: string;
  readonly label: string;
  readonly of: "heldOut" | "training";
}

export interface ExplorerData {
  readonly measures: readonly Measure[];
  readonly facets: readonly Facet[];
}

/** Maximum count of numbers in a page: about 110 kB. */
const mostNumbers = 14_000;
const mostPoints = 500;
/** A coloured curve gets this many points for each point of a faint one. */
const weight = 2;

export function explorerData(groups: readonly Group[]): ExplorerData {
  const columns = groups.reduce(
    (sum, group, i) => sum + columnsOf(group, hasColor(i)) * (hasColor(i) ? weight : 1),
    0,
  );
  const points = mostNumbers / columns;
  const curves = groups.map((group, i) => {
    const most = Math.max(2, Math.min(mostPoints, Math.floor(hasColor(i) ? weight * points : points)));
    return curveOf(group, hasColor(i) ? i : -1, most);
  });
  const environments = groups.map(({ runs: [{ config }] }) => config.experiment.environment);
  const measures = (of: Measure["of"]): Measure[] => {
    const ids = new Set(curves.flatMap((curve) => Object.keys(curve[of].y)));
    return [...ids].map((id) => ({ id, label: measureLabel(id), of }));
  };
  return {
    measures: [...measures("heldOut"), ...measures("training")],
    facets: [...new Set(environments)].map((environment) => ({
      environment,
      curves: curves.filter((_, i) => environments[i] === environment),
    })),
  };
}

/** The data as the text of a script element, escaped so that no label can end the element. */
export function embedded(data: ExplorerData): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}

/** The number of columns of a curve; faint curves have no spread. */
function columnsOf({ runs }: Group, isColored: boolean): number {
  const names = Object.keys(runs[0].metrics[0] ?? {});
  const steps = runs[0].evaluations[0]?.returns.length ?? 0;
  const training = 3 + names.length * (isColored && runs.length > 1 ? 3 : 1);
  return training + 3 + steps * (isColored ? 3 : 1);
}

function curveOf(group: Group, color: number, most: number): Curve {
  const { runs } = group;
  const reached = Math.min(...runs.map(({ metrics }) => metrics.length));
  const every = Math.max(1, Math.ceil(reached / most));
  const spent = runs.map(spending);
  const thin = (values: Column): Column => buckets(values, every).map(meanOf);
  const range = Array.from({ length: reached }, (_, i) => i);
  const shown = (all: Spread): Spread => (color < 0 ? { mean: all.mean } : all);
  const over = (column: (run: RecordedRun, i: number) => Column): Spread =>
    shown(spread(runs.map((run, i) => thin(column(run, i)))));
  const evaluations = evenly(returnsOverTraining(group), most);
  const names = new Set(runs.flatMap(({ metrics }) => Object.keys(metrics[0] ?? {})));
  names.delete("iteration");
  const seconds = runs.map(wallSeconds);
  return {
    label: group.label,
    color,
    every,
    everyEvaluation: evaluations.every,
    training: {
      x: {
        iteration: rounded(thin(range)),
        steps: over((_, i) => spent[i]!.steps.slice(0, reached)).mean,
        seconds: over((_, i) => spent[i]!.seconds.slice(0, reached)).mean,
      },
      y: Object.fromEntries([
        ...[...names].map((name) => [
          name,
          over(({ metrics }) => range.map((i) => metrics[i]![name] ?? null)),
        ]),
        ["seconds", over((_, run) => range.map((i) => seconds[run]!.get(i) ?? null))],
      ]),
    },
    heldOut: heldOut(evaluations.kept, spent, shown),
  };
}

function heldOut(
  evaluations: readonly Omit<EvaluationLine, "tasks">[],
  spent: readonly Spending[],
  shown: (spread: Spread) => Spread,
): Points {
  const iterations = evaluations.map(({ iteration }) => iteration);
  const steps = Math.max(0, ...evaluations.map(({ returns }) => returns.length));
  const at = (of: (spending: Spending) => Column): Column =>
    rounded(iterations.map((i) => meanOf(spent.map((one) => of(one)[i] ?? null))));
  const after = (k: number): Spread => {
    const column = (pick: (estimate: Estimate) => number): Column =>
      rounded(evaluations.map(({ returns }) => (returns[k] === undefined ? null : pick(returns[k]))));
    return shown({
      mean: column(({ mean }) => mean),
      low: column(({ mean, margin }) => mean - margin),
      high: column(({ mean, margin }) => mean + margin),
    });
  };
  return {
    x: { iteration: iterations, steps: at(({ steps }) => steps), seconds: at(({ seconds }) => seconds) },
    y: Object.fromEntries(Array.from({ length: steps }, (_, k) => [`heldOut.${k}`, after(k)])),
  };
}

interface Spending {
  /** Spent before iteration i, for every i up to the number of iterations done; null if unknown. */
  readonly steps: Column;
  readonly seconds: Column;
}

function spending(run: RecordedRun): Spending {
  const { config, metrics } = run;
  const wall = wallSeconds(run);
  const sums = (each: readonly (number | null | undefined)[]): Column => {
    let sum: number | null = 0;
    return [0, ...each.map((value) => (sum = sum === null || value == null ? null : sum + value))];
  };
  return {
    steps: sums(metrics.map(({ timesteps }) => (timesteps == null ? null : timesteps * config.tasks))),
    seconds: sums(metrics.map((_, i) => wall.get(i))),
  };
}

function wallSeconds({ timings }: RecordedRun): ReadonlyMap<number, number | null> {
  return new Map(timings.map(({ iteration, wall }) => [iteration!, wall ?? null])); // checked as it was read
}

function buckets(values: Column, every: number): Column[] {
  return Array.from({ length: Math.ceil(values.length / every) }, (_, i) =>
    values.slice(i * every, (i + 1) * every),
  );
}

/** null if one value is missing, because a mean over fewer seeds would make the curve jump. */
function meanOf(values: Column): number | null {
  const known = values.filter((value) => value !== null);
  return known.length < values.length || known.length === 0 ? null : treeMean(known);
}

/** Mean, minimum and maximum over seeds. */
function spread(seeds: readonly Column[]): Spread {
  const at = (pick: (values: Column) => number | null): Column =>
    rounded(seeds[0]!.map((_, i) => pick(seeds.map((values) => values[i]!))));
  const mean = at(meanOf);
  if (seeds.length === 1) return { mean };
  const extreme = (of: (...values: number[]) => number) =>
    at((values) => (meanOf(values) === null ? null : of(...values.map(Number))));
  return { mean, low: extreme(Math.min), high: extreme(Math.max) };
}

/** Rounds to five significant digits: more than a screen can show. */
function rounded(values: Column): Column {
  return values.map((value) =>
    value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(5)),
  );
}
