import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

export function printComparison({ title, timings, clock = "cpu", bars = {}, notes = {} }: Comparison): void {
  const ours = timings[0]!.median;
  console.log(`\n${title}`);
  console.table(
    Object.fromEntries(
      timings.map(({ name, median, low, high, fastest, calls }) => [
        name,
        {
          [`median (${clock}) ms`]: round(median),
          "quartiles ms": `${round(low)} - ${round(high)}`,
          "fastest (wall) ms": round(fastest),
          calls,
          ratio: round(median / ours),
          ...(bars[name] !== undefined && {
            bar: bars[name],
            reached: median / ours >= bars[name] ? "yes" : "NO",
          }),
        },
      ]),
    ),
  );
  for (const [key, value] of Object.entries(notes)) console.log(`  ${key}: ${value}`);
}

export function round(x: number): number {
  return Number(x.toPrecision(3));
}

/** Writes one run's results: a JSON file and the figures beside it. */
export function writeResults(
  folder: string,
  name: string,
  results: object,
  figures: Readonly<Record<string, string>>,
): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(results, undefined, 2)}\n`);
  for (const [figure, svg] of Object.entries(figures)) writeFileSync(join(folder, `${figure}.svg`), svg);
}
