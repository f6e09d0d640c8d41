import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { describe } from "../../../packages/autodiff/src/errors.ts";
import { table } from "../../../packages/sgmrl/src/cli/terminal.ts";
import { fileProblem, InputError } from "../../../packages/sgmrl/src/errors.ts";
import { limits, parseJson, readText } from "../../../packages/sgmrl/src/files/read-file.ts";
import { describeMachine, type Machine } from "./machine.ts";
import type { Timing } from "./measure.ts";

/** One comparison: who took how long, with ours first. */
export interface Comparison {
  readonly title: string;
  readonly timings: readonly Timing[];
  /** What the medians are of (default: processor time of the calling thread). */
  readonly clock?: "cpu" | "wall";
  /** Ratios the case has to reach: a neighbour's name and how many times slower than ours it must be. */
  readonly bars?: Readonly<Record<string, number>>;
  /** Further facts: errors, rates, shares of the peak. */
  readonly notes?: Readonly<Record<string, number | string>>;
}

/** A comparison as the terminal shows it. */
export function comparisonText({ title, timings, clock = "cpu", bars = {}, notes = {} }: Comparison): string {
  const what = clock === "cpu" ? "processor time" : "wall clock";
  const rows = timings.map(({ name, median, low, high, fastest, calls, ratio }) => [
    name,
    `${round(median)}`,
    `${round(low)} to ${round(high)}`,
    `${round(fastest)}`,
    `${calls}`,
    `${round(ratio.median)}`,
    `${round(ratio.low)} to ${round(ratio.high)}`,
    bars[name] === undefined ? "" : `${bars[name]} ${ratio.median >= bars[name] ? "reached" : "MISSED"}`,
  ]);
  const head = ["", "median", "quartiles", "fastest", "calls", "ratio", "quartiles", "bar"];
  return [
    `${title} (ms of ${what}; fastest by the wall clock)`,
    table([head, ...rows]),
    ...Object.entries(notes).map(([key, value]) => `  ${key}: ${value}`),
  ].join("\n");
}

export function round(x: number): number {
  return Number(x.toPrecision(3));
}

/** How a suite's results came about. */
export interface Run {
  /** Of the sources; null outside a repository, or where it is not known any more. */
  readonly commit: string | null;
  /** Whether sources differed from that commit. */
  readonly changed: boolean;
  readonly seconds: number;
  readonly quick: boolean;
  readonly machine: Machine;
  /** Mean number of processes that computed or wished to, over the minute before the end. */
  readonly load: number;
}

export function provenance(): Pick<Run, "commit" | "changed" | "machine" | "load"> {
  const git = (...args: string[]): string | null => {
    const { status, stdout } = spawnSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" });
    return status === 0 ? stdout.trim() : null;
  };
  const sources = ["status", "--porcelain", "--", "../../src", "../../../packages"];
  return {
    commit: git("rev-parse", "--short", "HEAD"),
    changed: git(...sources) !== "",
    machine: describeMachine(),
    load: round(loadavg()[0]!),
  };
}

/**
 * What a folder's results.json holds, by suite; nothing where there is no such file. The folder is made where it is missing.
 * Throws an `InputError`, which names the file, where results could not be read or written later.
 */
export function readResults(folder: string): Readonly<Record<string, unknown>> {
  const file = join(folder, "results.json");
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    if (!existsSync(file)) return {};
    accessSync(file, constants.W_OK);
  } catch (error) {
    throw new InputError(`results cannot be written to ${folder}: ${fileProblem(error)}`);
  }
  const found = parseJson(readText(file, limits.problem), file);
  for (const part of [found, (found as { readonly runs?: unknown } | null)?.runs ?? {}])
    if (typeof part !== "object" || part === null || Array.isArray(part))
      throw new InputError(`${file}: expected results by suite, as objects; got ${describe(part)}`);
  return found as Readonly<Record<string, unknown>>;
}

/** Writes suites' results into a folder's results.json, in place of earlier ones of these suites. */
export function writeResults(
  folder: string,
  suites: Readonly<Record<string, unknown>>,
  runs: Readonly<Record<string, Run>>,
): void {
  const earlier = readResults(folder);
  const results = { ...earlier, ...suites, runs: { ...(earlier.runs as object | undefined), ...runs } };
  writeFileSync(join(folder, "results.json"), `${JSON.stringify(results, undefined, 2)}\n`);
}
