/**
 * Results of units are checked before they are used, wherever the units ran: a faulty unit, a tampered worker or a
 * machine with wrong arithmetic must not produce a run that looks right.
 */
import { DivergenceError, RunError } from "../errors.ts";
import type { UnitResult } from "../meta-gradient/contribution.ts";
import type { Evaluation } from "../meta-gradient/evaluation.ts";
import { isPowerOfTwo } from "../tree-sum.ts";
import type { Block, Engine } from "./engine.ts";

/** The same engine, which refuses results that do not match the request. d = `parameterCount`. */
export function checkedEngine(engine: Engine, parameterCount: number): Engine {
  return {
    async contribute(theta, tasks) {
      const blocks = await engine.contribute(theta, tasks);
      checkBlocks(blocks, tasks.length, parameterCount);
      return blocks;
    },
    async evaluate(theta, tasks, steps, first = 0) {
      const evaluations = await engine.evaluate(theta, tasks, steps, first);
      if (!Array.isArray(evaluations) || evaluations.length !== tasks.length)
        wrong("held-out tasks", `expected ${tasks.length} results, got ${evaluations?.length}`);
      evaluations.forEach((evaluation, i) => {
        checkEvaluation(`held-out task ${first + i}`, evaluation, steps);
      });
      return evaluations;
    },
    close: () => engine.close(),
  };
}

/** Names that other statistics of an iteration use. */
const reserved: ReadonlySet<string> = new Set(["iteration", "gradientNorm", "scoreCoefficient", "__proto__"]);

function checkBlocks(blocks: readonly Block[], tasks: number, parameterCount: number): void {
  if (!Array.isArray(blocks) || blocks.length === 0) wrong("the tasks", "there are no results");
  let first = 0;
  let names: string | undefined;
  const size = blocks[0]!.tasks;
  for (const [b, { tasks: count, sum }] of blocks.entries()) {
    const place = count === 1 ? `task ${first}` : `tasks ${first} to ${first + count - 1}`;
    const last = b === blocks.length - 1;
    if (
      !isPowerOfTwo(size) ||
      !Number.isInteger(count) ||
      count < 1 ||
      count > size ||
      (count < size && !last)
    )
      wrong(
        place,
        `expected blocks of a power of two tasks, the last one no larger; got ${size}, then ${count}`,
      );
    checkResult(place, sum, parameterCount);
    const own = Object.keys(sum.statistics).join(", ");
    names ??= own;
    if (own !== names) wrong(place, `its statistics are ${own}; those of earlier tasks are ${names}`);
    first += count;
  }
  if (first !== tasks) wrong("the tasks", `expected results of ${tasks}, got those of ${first}`);
}

function checkResult(place: string, result: UnitResult, parameterCount: number): void {
  const { pathwise, score, meanReturn, statistics, seconds } = result;
  checkVector(place, "the pathwise term", pathwise, parameterCount);
  if (score !== null && score !== undefined) checkVector(place, "the score term", score, parameterCount);
  checkFigures(place, { meanReturn });
  const taken = Object.keys(statistics).find((name) => reserved.has(name));
  if (taken !== undefined) wrong(place, `a statistic cannot be called "${taken}"`);
  checkFigures(place, statistics);
  for (const [phase, value] of Object.entries(seconds))
    if (!(Number.isFinite(value) && value >= 0)) wrong(place, `${value} seconds of ${phase}`);
}

function checkEvaluation(place: string, { returns }: Evaluation, steps: number): void {
  if (!(returns instanceof Float64Array) || returns.length !== steps + 1)
    wrong(place, `expected the returns after 0 to ${steps} steps, got ${returns?.length} numbers`);
  returns.forEach((value, k) => {
    if (!Number.isFinite(value))
      throw new DivergenceError(`${place}: the return after ${k} steps is not finite`);
  });
}

function checkVector(place: string, what: string, vector: Float64Array, length: number): void {
  if (!(vector instanceof Float64Array)) wrong(place, `${what} is not a Float64Array`);
  if (vector.length !== length) wrong(place, `${what} has ${vector.length} elements; θ has ${length}`);
  const index = vector.findIndex((value) => !Number.isFinite(value));
  if (index !== -1)
    throw new DivergenceError(`${place}: ${what} is not finite: element ${index} is ${vector[index]}`);
}

function checkFigures(place: string, figures: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(figures)) {
    if (typeof value !== "number") wrong(place, `${name} is not a number`);
    if (!Number.isFinite(value)) throw new DivergenceError(`${place}: ${name} is not finite: ${value}`);
  }
}

function wrong(place: string, problem: string): never {
  throw new RunError(
    `${place}: ${problem}. The unit, or the worker that ran it, returned an invalid result, which was discarded.`,
  );
}
