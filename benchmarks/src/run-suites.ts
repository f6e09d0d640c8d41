/** Runs suites, and writes what each has measured. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Options } from "./options.ts";
import { provenance, readResults, writeResults } from "./support/report.ts";

/** Prints what it measures and returns it, or why it cannot be measured here. */
export type Suite = (options: Pick<Options, "quick" | "browser">) => Promise<Measured | Absent>;

export interface Measured {
  readonly results: unknown;
  /** SVG texts by name. */
  readonly figures?: Readonly<Record<string, string>>;
}

export interface Absent {
  readonly absent: string;
}

/**
 * Runs the chosen suites one after the other; each is written at once, so that a run that is stopped keeps what it has. One
 * that fails, say for a wrong answer, or is absent costs neither the others nor what the folder holds of it. Gives whether
 * none failed; throws an `InputError`, before the first, where the folder cannot be written to.
 */
export async function runSuites(suites: Readonly<Record<string, Suite>>, options: Options): Promise<boolean> {
  const { chosen, quick, out, figures } = options;
  readResults(out);
  let succeeded = true;
  for (const name of chosen) {
    const start = performance.now();
    try {
      const outcome = await suites[name]!(options);
      const seconds = Math.round((performance.now() - start) / 1000);
      if ("absent" in outcome) {
        console.log(`\n${name} is not measured: ${outcome.absent}; ${left(out, name)}`);
        continue;
      }
      console.log(`\n${name}: ${seconds} s`);
      writeResults(out, { [name]: outcome.results }, { [name]: { ...provenance(), seconds, quick } });
      for (const [figure, svg] of Object.entries(outcome.figures ?? {}))
        writeFileSync(join(figures, `${figure}.svg`), svg);
    } catch (error) {
      succeeded = false;
      console.error(`\n${name} failed; ${left(out, name)}:`, error);
    }
  }
  return succeeded;
}

const left = (folder: string, name: string): string =>
  Object.hasOwn(readResults(folder), name) ? `${folder} keeps its earlier results` : "nothing is written";
