/** A case from a file of the user's: its contenders are checked against each other and timed in turns. */

import { pathToFileURL } from "node:url";
import { assertAgrees } from "./support/agree.ts";
import { type Budget, measure, standardBudget } from "./support/measure.ts";
import { type Comparison, round } from "./support/report.ts";

/** What the file exports as its default. */
export interface OwnCase {
  readonly title: string;
  /** The first is the one that the others' times are divided by. */
  readonly contenders: readonly {
    readonly name: string;
    /** Makes ready what is not timed, and gives the function that is: it returns its results as numbers. */
    prepare(): (() => Results) | Promise<() => Results>;
  }[];
  /** The right results (default: those of the first contender). */
  readonly expected?: Results;
  /** Largest error allowed, relative to the largest number of its array. */
  readonly tolerance: number;
}

type Results = readonly ArrayLike<number>[];

/** A file that holds no case: what was found, and what a case is. */
export class OwnCaseError extends Error {
  override readonly name = "OwnCaseError";
}

export async function readOwnCase(file: string): Promise<OwnCase> {
  const shouldBe =
    "expected a default export { title, tolerance, contenders: [{ name, prepare }, …] }; see benchmarks/examples/log-sum-exp.ts";
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new OwnCaseError(`${file} could not be loaded: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  const found = (loaded.default ?? {}) as Partial<OwnCase>;
  const wrong = (what: string): OwnCaseError => new OwnCaseError(`${file}: ${what}; ${shouldBe}`);
  if (typeof found.title !== "string") throw wrong("there is no title");
  if (!(typeof found.tolerance === "number" && found.tolerance >= 0))
    throw wrong(`tolerance is ${String(found.tolerance)}, not a number of at least 0`);
  if (!Array.isArray(found.contenders) || found.contenders.length === 0)
    throw wrong("there are no contenders");
  for (const [i, one] of found.contenders.entries())
    if (typeof one?.name !== "string" || typeof one.prepare !== "function")
      throw wrong(`contender ${i} lacks a name or a function prepare`);
  return found as OwnCase;
}

export async function runOwnCase(
  { title, contenders, expected, tolerance }: OwnCase,
  budget: Budget = standardBudget,
): Promise<Comparison> {
  const timed: { readonly name: string; readonly run: () => Results }[] = [];
  for (const { name, prepare } of contenders) timed.push({ name, run: await prepare() });
  const right = expected ?? timed[0]!.run();
  const errors = timed.map(({ name, run }): [string, number] => [
    `error of ${name}`,
    round(assertAgrees(`${name}, ${title}`, run(), right, tolerance)),
  ]);
  return { title, timings: measure(timed, budget), notes: Object.fromEntries(errors) };
}
