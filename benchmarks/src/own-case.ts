/** A case from a file of the user's: its contenders are checked against each other and timed in turns. */

import { pathToFileURL } from "node:url";
import { describe } from "../../packages/autodiff/src/errors.ts";
import { InputError } from "../../packages/sgmrl/src/errors.ts";
import { assertAgrees, type Results, whyNoNumbers } from "./support/agree.ts";
import { type Budget, measure, standardBudget, type Timed } from "./support/measure.ts";
import { type Comparison, round } from "./support/report.ts";

/** What the file exports as its default. */
export interface OwnCase {
  readonly title: string;
  /** The first is the one that the others' times are divided by. Names are distinct. */
  readonly contenders: readonly {
    readonly name: string;
    /** Makes ready what is not timed, and gives the function that is: it returns its results as numbers, at once. */
    prepare(): (() => Results) | Promise<() => Results>;
  }[];
  /** The right results (default: those of the first contender). */
  readonly expected?: Results;
  /** Largest error allowed, relative to the largest number of its array. */
  readonly tolerance: number;
}

/** Throws an `InputError`, which names the file and the contender at fault. */
export async function timeOwnCase(file: string, budget: Budget = standardBudget): Promise<Comparison> {
  const { title, contenders, expected, tolerance } = await readOwnCase(file);
  const timed: Prepared[] = [];
  for (const contender of contenders) timed.push(await prepared(file, contender));
  const answers = timed.map(({ name, run }) => {
    const results = run();
    if (results instanceof Promise) throw new InputError(`${file}: ${name} is asynchronous; ${atOnce}`);
    return results;
  });
  const errors = timed.map(({ name }, i): [string, number] => {
    try {
      return [`error of ${name}`, round(assertAgrees(name, answers[i]!, expected ?? answers[0]!, tolerance))];
    } catch (error) {
      throw new InputError(`${file}: ${messageOf(error)}`);
    }
  });
  return { title, timings: measure(timed, budget), notes: Object.fromEntries(errors) };
}

interface Prepared extends Timed {
  readonly run: () => Results;
}

async function prepared(file: string, contender: OwnCase["contenders"][number]): Promise<Prepared> {
  const { name } = contender;
  const failed = (what: string, error: unknown): InputError =>
    new InputError(`${file}: ${what} failed: ${messageOf(error)}`, { cause: error });
  let compute: () => Results;
  try {
    compute = await contender.prepare();
  } catch (error) {
    throw failed(`prepare of ${name}`, error);
  }
  if (typeof compute !== "function")
    throw new InputError(
      `${file}: prepare of ${name} gave ${describe(compute)}, not the function to be timed`,
    );
  const run = (): Results => {
    try {
      return compute();
    } catch (error) {
      throw failed(name, error);
    }
  };
  return { name, run };
}

const shouldBe =
  "expected a default export { title, tolerance, contenders: [{ name, prepare }, …] }; see benchmarks/examples/log-sum-exp.ts";
const atOnce = "a call has to return numbers, since its clock is the processor time of this thread";

async function readOwnCase(file: string): Promise<OwnCase> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new InputError(`${file}: could not be loaded: ${messageOf(error)}`, { cause: error });
  }
  const found = (loaded.default ?? {}) as Partial<OwnCase>;
  const fault = whyNoCase(found);
  if (fault !== undefined) throw new InputError(`${file}: ${fault}; ${shouldBe}`);
  return found as OwnCase;
}

function whyNoCase({ title, tolerance, contenders, expected }: Partial<OwnCase>): string | undefined {
  if (typeof title !== "string") return "there is no title";
  if (!(Number.isFinite(tolerance) && tolerance! >= 0))
    return `tolerance is ${String(tolerance)}, not a finite number of at least 0`;
  if (!Array.isArray(contenders) || contenders.length === 0) return "there are no contenders";
  for (const [i, one] of contenders.entries())
    if (typeof one?.name !== "string" || typeof one.prepare !== "function")
      return `contender ${i} lacks a name or a function prepare`;
  const names = contenders.map(({ name }) => name);
  const twin = names.find((name, i) => names.indexOf(name) !== i);
  if (twin !== undefined) return `two contenders are called ${JSON.stringify(twin)}`;
  return expected === undefined ? undefined : whyNoNumbers("the expected results", expected);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
