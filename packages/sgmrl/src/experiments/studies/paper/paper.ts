/**
 * Seven rivals on the needle, two doors, the corridor, the sparse corners, navigation and the half-cheetah, tuned alike
 * and given equal processor time, then equally many samples, with the statistics of few runs. Finished runs are not
 * repeated, and stopped ones continue from their last checkpoint.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../../../config/parse-config.ts";
import type { Figure } from "../../../report/figure.ts";
import { programsOf, secondsOf } from "../../../report/provenance.ts";
import { progressOf } from "../../../training/resume.ts";
import { readConfig, runFiles } from "../../../training/store/run-directory.ts";
import type { Program } from "../../../training/store/version.ts";
import { treeMean } from "../../../tree-sum.ts";
import { counted, duration } from "../../../wording.ts";
import { type Contest, costsBefore, hold, isTimed, keptTimes, type Standing } from "../contest/contest.ts";
import {
  type ContestRow,
  type RunStatistics,
  rowsOf,
  runStatistics,
  statisticsOf,
} from "../contest/result.ts";
import type { Study, StudyOptions } from "../study.ts";
import { drawAcross } from "./across.ts";
import { panelsFigure } from "./panels.ts";
import { paperParts } from "./parts.ts";

/** The work that is left of a part. */
export interface Left {
  readonly runs: number;
  readonly of: number;
  /** The rest, in iterations of the first entrant. */
  readonly iterations: number;
}

/**
 * The runs of a contest that have not ended below `folder`: neither finished nor diverged. Each final run gets the
 * processor time of `iterations` iterations of the first entrant, and each tuning run a share of it.
 */
export function leftOf(contest: Contest, folder: string): Left {
  const { entrants, rates, tuning, seeds, iterations } = contest;
  const tries = rates.length > 1 ? entrants.length * rates.length * tuning.seeds.length : 0;
  const finals = entrants.length * seeds.length;
  const [triesLeft, finalsLeft] = [
    tries - endedBelow(join(folder, "tuning")),
    finals - endedBelow(join(folder, "runs")),
  ];
  return {
    runs: triesLeft + finalsLeft,
    of: tries + finals,
    iterations: iterations * (triesLeft * tuning.share + finalsLeft),
  };
}

/** Processor seconds of so many iterations of the first entrant, and what the others get; null before a cost is measured. */
function secondsFor(contest: Contest, iterations: number, folder: string): number | null {
  if (iterations === 0) return 0;
  if (!isTimed(folder, "before")) return null;
  const costs = keptTimes(contest, folder, "before", () => []);
  const perTask = contest.equal === "samples" ? treeMean(costs) : costs[0]!;
  const { tasks } = parseConfig({ preset: contest.preset, file: contest.config });
  return (iterations * tasks * perTask) / 1000;
}

/** What is left of each part and how long it will take, and the sum. */
export function planOf(parts: readonly Contest[], folder: string): string[] {
  const all = parts.map((contest) => {
    const own = join(folder, contest.name);
    const left = leftOf(contest, own);
    return { ...left, name: contest.name, seconds: secondsFor(contest, left.iterations, own) };
  });
  const about = (seconds: number | null): string =>
    seconds === null ? "its cost is not measured yet" : `about ${duration(seconds)} of training`;
  const rest = all.filter(({ runs }) => runs > 0);
  const sum = (of: (part: (typeof all)[number]) => number): number =>
    all.reduce((total, part) => total + of(part), 0);
  const unknown = rest.filter(({ seconds }) => seconds === null).length;
  const known = sum(({ seconds }) => seconds ?? 0);
  return [
    ...rest.map(({ name, runs, of, seconds }) => `${name}: ${runs} of ${of} runs left, ${about(seconds)}`),
    `all: ${sum(({ runs }) => runs)} of ${sum(({ of }) => of)} runs left` +
      (known > 0 ? `, ${about(known)}` : "") +
      (unknown > 0 ? `, without ${counted(unknown, "part")} whose cost is not measured` : ""),
  ];
}

function endedBelow(folder: string): number {
  if (!existsSync(folder)) return 0;
  if (existsSync(runFiles(folder).config)) {
    const progress = progressOf(folder, readConfig(folder).config);
    return progress?.finished || progress?.divergence !== undefined ? 1 : 0;
  }
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .reduce((count, { name }) => count + endedBelow(join(folder, name)), 0);
}

export interface PaperSummary extends RunStatistics {
  readonly entrant: string;
}

export interface PaperPart {
  readonly name: string;
  /** The programs, commits and processors that computed its final runs. */
  readonly programs: readonly Program[];
  /** Wall-clock seconds of its final runs, without their evaluations. */
  readonly seconds: number;
  /** False if some runs diverged, or are not finished. */
  readonly complete: boolean;
  /** The runs that have not ended. */
  readonly left: Left;
  readonly rows: readonly ContestRow[];
  readonly summary: readonly PaperSummary[];
}

/** The statistics of one part. Runs that diverged are in no statistic, and are listed in its rows. */
export function summaryOf(standings: readonly Standing[]): PaperSummary[] {
  return standings.flatMap((standing, e) => {
    const statistics = runStatistics(standings, e);
    return statistics === null ? [] : [{ entrant: standing.entrant, ...statistics }];
  });
}

/** A figure for each part that has begun, and those of all that are finished. */
export function drawParts(contests: readonly Contest[], parts: readonly PaperPart[]): Figure[] {
  return [
    ...parts.flatMap(({ name, rows }) => {
      const begun = rows.filter(({ seeds }) => seeds.length > 0);
      return begun.length === 0
        ? []
        : [learningFigure(contests.find((contest) => contest.name === name)!, begun)];
    }),
    ...drawAcross(
      contests,
      parts.filter(({ complete }) => complete),
    ),
  ];
}

/** x is what the entrants have equally much of: processor seconds, or iterations. */
function learningFigure({ name, summary, equal }: Contest, rows: readonly ContestRow[]): Figure {
  const [what, label] =
    equal === "samples" ? ["iterations", "iterations"] : ["processor time of training", "processor seconds"];
  return panelsFigure(
    {
      name: `paper-${name}-learning`,
      title: `${summary[0]!.toUpperCase()}${summary.slice(1)}`,
      caption: `Return on held-out tasks after adaptation against ${what}: ${statisticsOf(rows)}.`,
      x: { label },
      y: "return after adaptation",
    },
    rows.map(({ entrant, curve }) => ({
      entrant,
      points: curve.map(({ iteration, seconds, interquartileMean: { value, low, high } }) => ({
        x: equal === "samples" ? iteration : seconds,
        y: value,
        low,
        high,
      })),
    })),
  );
}

/**
 * Runs and resumes the parts in order, or those named alone. Says first what is left of each, by the measured processor
 * time of a task, and before each run what is left of its part, by the clock, from the runs of this part that have just
 * been made.
 */
export async function runParts(
  parts: readonly Contest[],
  progress: (text: string) => void,
  folder: string,
  options: StudyOptions = {},
): Promise<PaperPart[]> {
  const done: PaperPart[] = [];
  const isChosen = ({ name }: Contest): boolean => options.parts?.includes(name) ?? true;
  const chosen = parts.filter(isChosen);
  for (const contest of chosen)
    if (options.signal?.aborted !== true)
      costsBefore(contest, join(folder, contest.name), (text) => progress(`${contest.name}: ${text}`));
  for (const line of planOf(chosen, folder)) progress(line);
  for (const contest of parts) {
    const own = join(folder, contest.name);
    const started = performance.now();
    const before = leftOf(contest, own);
    const standings = await hold(
      contest,
      (text) => {
        const { runs, of, iterations } = leftOf(contest, own);
        const finished = before.iterations - iterations;
        const seconds = (performance.now() - started) / 1000;
        const rest = finished > 0 ? `, about ${duration((seconds / finished) * iterations)} left` : "";
        progress(`${contest.name}: ${runs} of ${of} runs left${rest}; ${text}`);
      },
      own,
      isChosen(contest) ? options : { ...options, signal: AbortSignal.abort() },
    );
    const summary = summaryOf(standings);
    const runs = standings.flatMap((standing) => standing.runs);
    done.push({
      name: contest.name,
      programs: programsOf(runs),
      seconds: secondsOf(runs),
      complete:
        standings.length > 0 &&
        standings.every(({ diverged, missing }) => diverged.length + missing.length === 0),
      left: leftOf(contest, own),
      rows: rowsOf(standings),
      summary,
    });
  }
  return done;
}

export const paperStudy: Study<readonly PaperPart[]> = {
  name: "paper",
  summary: "seven rivals on nine problems, tuned alike, in equal time and from equal samples: days of work",
  trains: true,
  parts: paperParts.map(({ name }) => name),
  run: (progress, folder, options) => runParts(paperParts, progress, folder, options),
  draw: (parts) => drawParts(paperParts, parts),
};
