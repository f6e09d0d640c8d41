/** Which estimator learns most in equal processor time, or from equally many samples: the plan of a contest, its runs. */
import { join } from "node:path";
import { overlay, parseConfig } from "../../../config/parse-config.ts";
import type { Tree } from "../../../config/tree.ts";
import { InputError } from "../../../errors.ts";
import { unitFor } from "../../../execution/local-unit.ts";
import { type RecordedRun, readRun } from "../../../report/runs.ts";
import type { RunConfig } from "../../../settings.ts";
import { initializationKey } from "../../../training/keys.ts";
import { loadCheckpoint } from "../../../training/resume.ts";
import { runFiles } from "../../../training/store/run-directory.ts";
import type { PlannedRun } from "../../sweep/expand.ts";
import { runSweep } from "../../sweep/run-sweep.ts";
import { isKept, kept, type StudyOptions } from "../study.ts";
import { processorTimes } from "./processor-times.ts";

export interface Contest {
  readonly name: string;
  readonly summary: string;
  readonly preset: string;
  /** Settings shared by all runs, which override the preset. */
  readonly config: Tree;
  /** What every entrant gets equally much of; processor time by default. Equal samples are equal iterations. */
  readonly equal?: "processor time" | "samples";
  /** The first sets the processor time, and the others are compared with it. */
  readonly entrants: readonly Entrant[];
  /** Iterations of the first entrant. */
  readonly iterations: number;
  /**
   * Learning rates. Each entrant tries each rate on separate seeds, for a share of the time, evaluated on
   * fewer tasks. A single rate is used without tuning.
   */
  readonly rates: readonly number[];
  readonly tuning: { readonly seeds: readonly number[]; readonly share: number; readonly tasks: number };
  readonly seeds: readonly number[];
}

export interface Entrant {
  readonly name: string;
  readonly config: Tree;
}

/** The result of an entrant. */
export interface Standing {
  readonly entrant: string;
  /**
   * Processor time per task, in milliseconds: the mean of that at the initial θ and at the θ reached by
   * tuning.
   */
  readonly milliseconds: number;
  readonly tuned: readonly { readonly rate: number; readonly score: number }[];
  readonly rate: number;
  readonly iterations: number;
  /** The runs that did not diverge. */
  readonly runs: readonly RecordedRun[];
  readonly diverged: readonly number[];
  /** The seeds whose runs have not ended. */
  readonly missing: readonly number[];
}

/**
 * Holds a contest. Finished runs below `folder` are not repeated. If the signal stops it while rates are being chosen,
 * there are no standings yet.
 */
export async function hold(
  contest: Contest,
  progress: (text: string) => void,
  folder: string,
  options: StudyOptions = {},
): Promise<readonly Standing[]> {
  const { entrants, tuning, equal = "processor time" } = contest;
  const stopped = (when: When): boolean => options.signal?.aborted === true && !isTimed(folder, when);
  if (stopped("before")) return [];
  const { configs: first, start, before } = costsBefore(contest, folder, progress);
  const run = (part: string, runs: readonly PlannedRun[]) =>
    runAll(join(folder, part), runs, progress, options);
  /** Iterations of entrant e in the time of one of the first, or 1. */
  const share = (milliseconds: readonly number[], e: number): number =>
    equal === "samples" ? 1 : milliseconds[0]! / milliseconds[e]!;

  const choices = contest.rates.length > 1 ? contest.rates : [];
  const tried = entrants.flatMap((entrant, e) =>
    choices.flatMap((rate) =>
      tuning.seeds.map((seed) =>
        planned(contest, entrant, {
          rate,
          seed,
          ...lengths(contest.iterations * tuning.share * share(before, e), 1),
          finalTasks: tuning.tasks,
        }),
      ),
    ),
  );
  const tries = await run("tuning", tried);
  if (tried.some(({ name }) => !tries.has(name))) return [];
  const tuned = entrants.map((entrant) =>
    choices.map((rate) => ({
      rate,
      score: mean(tuning.seeds.map((seed) => scoreOf(tries.get(nameOf(entrant, rate, seed))!))),
    })),
  );
  const rates = tuned.map(
    (scores) => scores.toSorted((a, b) => b.score - a.score)[0]?.rate ?? contest.rates[0]!,
  );

  const reached = entrants.map((entrant, e) => {
    const found = tries.get(nameOf(entrant, rates[e]!, tuning.seeds[0]!));
    return found === null || found === undefined ? start : lastTheta(found);
  });
  if (stopped("after")) return [];
  const after = keptTimes(contest, folder, "after", () => {
    progress("processor times where the tuning ended");
    return processorTimes(first, reached);
  });
  const milliseconds = before.map((time, e) => (time + after[e]!) / 2);
  const finals = entrants.map((entrant, e) =>
    contest.seeds.map((seed) =>
      planned(contest, entrant, {
        rate: rates[e]!,
        seed,
        ...lengths(contest.iterations * share(milliseconds, e), 5),
      }),
    ),
  );
  const results = await run("runs", seedBySeed(finals));
  return entrants.map(({ name }, e): Standing => {
    const runs = finals[e]!.map((each) => results.get(each.name));
    return {
      entrant: name,
      milliseconds: milliseconds[e]!,
      tuned: tuned[e]!,
      rate: rates[e]!,
      iterations: finals[e]![0]!.config.iterations,
      runs: runs.filter((found) => found !== null && found !== undefined),
      diverged: contest.seeds.filter((_, i) => runs[i] === null),
      missing: contest.seeds.filter((_, i) => runs[i] === undefined),
    };
  });
}

/** Processor time per task of each entrant at its initial θ, in milliseconds, measured once per folder; and where. */
export function costsBefore(
  contest: Contest,
  folder: string,
  progress: (text: string) => void,
): {
  readonly configs: readonly RunConfig[];
  readonly start: Float64Array;
  readonly before: readonly number[];
} {
  const { entrants, rates, tuning } = contest;
  const configs = entrants.map((entrant) =>
    configOf(contest, entrant, { rate: rates[0]!, seed: tuning.seeds[0]!, iterations: 1, every: 1 }),
  );
  const start = unitFor(configs[0]!.experiment).initialize(initializationKey(tuning.seeds[0]!));
  const before = keptTimes(contest, folder, "before", () => {
    progress("processor times");
    return processorTimes(
      configs,
      configs.map(() => start),
    );
  });
  return { configs, start, before };
}

/** When a task was timed: at the initial θ, or at the θ that tuning reached. */
type When = "before" | "after";

/**
 * Processor time per task of each entrant, measured once per folder.
 *
 * Errors  InputError if the folder has the times of other entrants
 */
export function keptTimes(
  { entrants }: Contest,
  folder: string,
  when: When,
  measure: () => readonly number[],
): readonly number[] {
  const name = timesName(when);
  const names = entrants.map((entrant) => entrant.name);
  const times = kept<Readonly<Record<string, number>>>(folder, name, () => {
    const measured = measure();
    return Object.fromEntries(names.map((entrant, e) => [entrant, measured[e]!]));
  });
  if (Object.keys(times).join() !== names.join())
    throw new InputError(
      `${join(folder, `${name}.json`)} is of ${Object.keys(times).join("; ")}, but the entrants are ${names.join("; ")}. Delete the folder ${folder}.`,
    );
  return names.map((entrant) => times[entrant]!);
}

/** Whether the times are known. */
export function isTimed(folder: string, when: When): boolean {
  return isKept(folder, timesName(when));
}

function timesName(when: When): string {
  return `milliseconds-${when}`;
}

/** Runs all runs; returns the record of each that finished, and null for one that diverged. */
async function runAll(
  root: string,
  runs: readonly PlannedRun[],
  progress: (text: string) => void,
  { signal, placed }: StudyOptions,
): Promise<ReadonlyMap<string, RecordedRun | null>> {
  const outcomes = await runSweep(
    root,
    runs.map((run) => ({ name: run.name, runs: [run] })),
    {
      ...(signal === undefined ? {} : { signal }),
      perform: async (run, _status, start) => {
        progress(`${run.name}: ${run.config.iterations} iterations`);
        return start((await placed?.(join(root, run.name))) ?? { workers: 0 });
      },
    },
  );
  return new Map(
    [...outcomes].flatMap(([name, outcome]): [string, RecordedRun | null][] => {
      if (outcome.state === "failed") throw new Error(`${name}: ${outcome.reason}`);
      if (outcome.state === "diverged") return [[name, null]];
      return outcome.state === "finished" ? [[name, readRun(join(root, name))]] : [];
    }),
  );
}

interface RunSettings {
  readonly rate: number;
  readonly seed: number;
  readonly iterations: number;
  /** Iterations between evaluations. */
  readonly every: number;
  readonly finalTasks?: number;
}

/** The number of iterations that fit into the time, and the interval that gives this many evaluations. */
function lengths(time: number, evaluations: number): Pick<RunSettings, "iterations" | "every"> {
  const iterations = Math.max(1, Math.round(time));
  return { iterations, every: Math.ceil(iterations / evaluations) };
}

function planned(contest: Contest, entrant: Entrant, settings: RunSettings): PlannedRun {
  const name = nameOf(entrant, settings.rate, settings.seed);
  return { name, config: configOf(contest, entrant, settings) };
}

function nameOf({ name }: Entrant, rate: number, seed: number): string {
  return `${name.replaceAll(/[^a-z0-9]+/g, "-")}/rate-${rate}/seed-${seed}`;
}

function configOf(
  { preset, config }: Contest,
  entrant: Entrant,
  { rate, seed, iterations, every, finalTasks }: RunSettings,
): RunConfig {
  const own = {
    seed,
    iterations,
    optimizer: { learningRate: rate },
    evaluation: { every, ...(finalTasks === undefined ? {} : { finalTasks }) },
    checkpointEvery: 10,
  };
  return parseConfig({ preset, file: overlay(overlay(config, entrant.config), own) });
}

/** Orders runs by seed, so that a contest stopped early has seeds of every entrant. */
function seedBySeed<T>(runs: readonly (readonly T[])[]): T[] {
  return runs[0]!.flatMap((_, seed) => runs.map((each) => each[seed]!));
}

/** The final return after as many steps as were trained for; −∞ for a run that diverged. */
function scoreOf(run: RecordedRun | null): number {
  return run === null ? Number.NEGATIVE_INFINITY : finalReturn(run);
}

export function finalReturn({ config, evaluations }: RecordedRun): number {
  return evaluations.at(-1)!.returns[config.experiment.inner.steps]!.mean;
}

function lastTheta({ directory, config, configSha256 }: RecordedRun): Float64Array {
  const unit = unitFor(config.experiment);
  return loadCheckpoint(runFiles(directory), unit, configSha256)!.state.theta; // a finished run has one
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
