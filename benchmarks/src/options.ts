/** What `pnpm bench` is asked for. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { InputError } from "../../packages/sgmrl/src/errors.ts";
import { unknownName } from "../../packages/sgmrl/src/wording.ts";

export interface Options {
  readonly help: boolean;
  readonly quick: boolean;
  /** The suites to run. */
  readonly chosen: readonly string[];
  /** The file of a case to run in place of them. */
  readonly case: string | undefined;
  /** The browser's program for the suite "browser". */
  readonly browser: string | undefined;
  /** The folders that results and figures are written to. */
  readonly out: string;
  readonly figures: string;
}

export const usage = (suites: readonly string[]): string => `Usage: pnpm bench [options]

Times this library beside its neighbours; writes tables to the terminal, JSON and SVG to a folder.

Options:
  --quick              fewer and shorter measurements
  --only <suite,...>   only these suites: ${suites.join(", ")}
  --browser <file>     the Chrome or Chromium in which the suite "browser" runs, with its graphics card, in place of
                       one that computes on the processor
  --case <file>        a case of your own instead of the suites: see benchmarks/examples/log-sum-exp.ts
  --out <dir>          where results are written (default: benchmarks/runs, which Git ignores)
  --update             into the committed results, benchmarks/results, in place of those of the same suites, with figures
                       in docs/results; a suite that fails, or cannot be measured here, leaves its results as they are
  -h, --help           this text`;

/** Throws an `InputError` where options are unknown, do not go together or name what is not there. */
export function readOptions(args: readonly string[], suites: readonly string[]): Options {
  const { help, quick, only, browser, out, update, case: file } = parsed(args);
  if (update && (quick || out !== undefined || file !== undefined))
    throw new InputError("--update takes whole suites: not with --quick, --out or --case");
  if (file !== undefined && (only !== undefined || browser !== undefined))
    throw new InputError("--case replaces the suites: not with --only or --browser");
  const chosen = only?.split(",") ?? suites;
  const unknown = chosen.filter((name) => !suites.includes(name));
  if (unknown.length > 0)
    throw new InputError(unknown.map((name) => unknownName("--only", name, suites)).join("\n"));
  if (browser !== undefined) {
    if (!chosen.includes("browser"))
      throw new InputError("--browser is for the suite browser, which is not among those chosen");
    if (!existsSync(browser)) throw new InputError(`--browser ${browser}: there is no such file`);
  }
  const folder = out ?? join(import.meta.dirname, update ? "../results" : "../runs");
  const figures = update ? join(import.meta.dirname, "../../docs/results") : folder;
  return { help, quick, chosen, case: file, browser, out: folder, figures };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        browser: { type: "string" },
        case: { type: "string" },
        out: { type: "string" },
        update: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error));
  }
}
