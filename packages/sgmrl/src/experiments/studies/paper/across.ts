/** What the finished parts say together: performance profiles, and probabilities of improvement. */
import { dot, link, ruleX, text } from "@observablehq/plot";
import { key } from "@sgmrl/autodiff/random";
import { type Figure, seriesColor } from "../../../report/figure.ts";
import {
  bootstrapInterval,
  type Interval,
  performanceProfile,
  probabilityOfImprovement,
  type Scores,
} from "../../../statistics/run-statistics.ts";
import type { Contest } from "../contest/contest.ts";
import type { ContestRow } from "../contest/result.ts";
import { panelsFigure } from "./panels.ts";

/** A part whose runs are all finished. */
export interface FinishedPart {
  readonly name: string;
  readonly rows: readonly Pick<ContestRow, "entrant" | "returns">[];
  readonly summary: readonly { readonly entrant: string; readonly improvement: Interval }[];
}

/** The last entrant has another estimator from part to part: the jackknife, or the derivative through the simulator. */
const last = "full score term";

interface Entered {
  readonly estimator: string;
  readonly returns: readonly number[];
  /** Over the first entrant, on this part. */
  readonly improvement: Interval;
}

/** The entrants with independent tasks, in the order of the part. */
function independent({ rows, summary }: FinishedPart): Entered[] {
  const own = rows.filter(({ entrant }) => !entrant.includes(", "));
  return own.map(({ entrant, returns }, e) => ({
    estimator: e === own.length - 1 ? last : entrant,
    returns,
    improvement: summary.find((one) => one.entrant === entrant)!.improvement, // a finished part has them all
  }));
}

/** Each estimator's entrants, one per part. */
function fieldOf(parts: readonly FinishedPart[]): readonly (readonly Entered[])[] {
  const each = parts.map(independent);
  return each[0]!.map(({ estimator }) =>
    each.map((entrants) => entrants.find((entrant) => entrant.estimator === estimator)!),
  );
}

const scoresOf = (entered: readonly Entered[]): Scores => entered.map(({ returns }) => returns);

/** Returns of a part as shares of the way from its lowest to its highest: parts have different scales. */
export function normalised(field: readonly Scores[]): Scores[] {
  const ends = field[0]!.map((_, m) => {
    const all = field.flatMap((scores) => scores[m]!);
    return [Math.min(...all), Math.max(...all)] as const;
  });
  return field.map((scores) =>
    scores.map((runs, m) => {
      const [low, high] = ends[m]!;
      return runs.map((x) => (high === low ? 0 : (x - low) / (high - low)));
    }),
  );
}

/** The ticks of an axis from 0 to 1, short enough for neighbouring panels. */
const shares = { ticks: [0, 0.5, 1], tickFormat: "~g" } as const;
const levels = Array.from({ length: 41 }, (_, i) => i / 40);

/** F̂(τ) of normalised returns for τ from 0 to 1, a panel for each estimator [eq:performance-profile]. */
function profilesFigure(name: string, given: string, parts: readonly FinishedPart[]): Figure {
  const field = fieldOf(parts);
  const scores = normalised(field.map(scoresOf));
  return panelsFigure(
    {
      name,
      title: `Performance profiles over ${listed(parts)}, ${given}`,
      caption: `Share of runs whose return exceeds a level, averaged over problems, with stratified bootstrap intervals of 95%. Levels: 0 is the lowest return of any run with independent tasks on a problem, 1 the highest.`,
      x: { label: "level of return, normalised", ...shares },
      y: "share of runs above",
    },
    field.map(([entered], e) => ({
      entrant: entered!.estimator,
      points: levels.map((x) => {
        const profile = (resampled: Scores): number => performanceProfile(resampled, x);
        const { value, low, high } = bootstrapInterval([scores[e]!], profile, key(300 + e), {
          resamples: 500,
        });
        return { x, y: value, low, high };
      }),
    })),
  );
}

interface Improvement {
  readonly part: string;
  readonly estimator: string;
  readonly improvement: Interval;
}

/** P(a run of the estimator returns more than one of the first), by part and over all [eq:probability-of-improvement]. */
export function improvements(parts: readonly FinishedPart[]): Improvement[] {
  const [first, ...others] = fieldOf(parts);
  return others.flatMap((entered, e) => {
    const { estimator } = entered[0]!;
    const drawn = [scoresOf(entered), scoresOf(first!)] as const;
    return [
      ...entered.map(({ improvement }, m) => ({ part: problemOf(parts[m]!), estimator, improvement })),
      {
        part: "all",
        estimator,
        improvement: bootstrapInterval(drawn, probabilityOfImprovement, key(400 + e)),
      },
    ];
  });
}

function improvementFigure(name: string, given: string, parts: readonly FinishedPart[]): Figure {
  const rows = improvements(parts).map(({ improvement, ...row }) => ({ ...row, ...improvement }));
  const estimators = [...new Set(rows.map(({ estimator }) => estimator))];
  const columns = [...parts.map(problemOf), "all"];
  const place = { fx: "part", y: "estimator" } as const;
  const stroke = seriesColor(0);
  return {
    name,
    title: `Probability that a run returns more than one of MAML, ${given}`,
    caption: "By problem and averaged over them, with stratified bootstrap intervals of 95%.",
    legend: [{ label: "independent tasks", color: stroke }],
    width: 820,
    plot: {
      height: 90 + 34 * estimators.length,
      marginLeft: 140,
      marginBottom: 42,
      marginTop: 34,
      x: { label: "probability of improvement", domain: [0, 1], ...shares },
      y: { label: null, domain: estimators },
      fx: { label: null, domain: columns, padding: 0.22 },
      marks: [
        ruleX([0.5], { stroke: "var(--ink)", strokeDasharray: "3 3", strokeOpacity: 0.7 }),
        link(rows, {
          ...place,
          x1: "low",
          x2: "high",
          y1: "estimator",
          y2: "estimator",
          stroke,
          strokeWidth: 2,
        }),
        dot(rows, { ...place, x: "value", fill: stroke, r: 4 }),
        text(rows, {
          ...place,
          x: "value",
          text: ({ value }: Interval) => value.toFixed(2),
          dy: -11,
          fill: "var(--ink)",
        }),
      ],
    },
  };
}

function listed(parts: readonly FinishedPart[]): string {
  return parts.map(problemOf).join(", ");
}

function problemOf({ name }: FinishedPart): string {
  return name.replace(/-samples$/, "");
}

/** Two figures of the finished parts in equal time, and two of those from equal samples. */
export function drawAcross(contests: readonly Contest[], parts: readonly FinishedPart[]): Figure[] {
  return ([undefined, "samples"] as const).flatMap((equal) => {
    const chosen = parts.filter(
      ({ name }) => contests.find((contest) => contest.name === name)?.equal === equal,
    );
    const [suffix, given] = equal === undefined ? ["", "in equal time"] : [`-${equal}`, "from equal samples"];
    return chosen.length === 0
      ? []
      : [
          profilesFigure(`paper-profiles${suffix}`, given, chosen),
          improvementFigure(`paper-improvement${suffix}`, given, chosen),
        ];
  });
}
