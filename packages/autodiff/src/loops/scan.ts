import { matching } from "../arguments/differentiated.ts";
import type { NdArray } from "../array/ndarray.ts";
import { type Argument, type Flattened, flatten, unflatten } from "../array/tree.ts";
import { AxisError, DomainError, describe, requireFunction, ShapeError, TreeError } from "../errors.ts";
import { flag, optionsOf, unchecked } from "../options.ts";
import { reshape } from "../primitives/broadcasting.ts";
import { concat } from "../primitives/joining.ts";
import { slice } from "../primitives/movement.ts";
import { Body } from "../trace/graph.ts";
import { traceFunction } from "../trace/trace-function.ts";
import { bodyOf, inOrder, type Roles, stepTypes } from "./body.ts";
import { runScan } from "./scan-rules.ts";

/** The direction of a loop, and what reverse mode stores. */
export interface ScanOptions {
  /** Runs from the last row of xs to the first; row t of ys still belongs to row t of xs (default false). */
  readonly reverse?: boolean;
  /**
   * The carries that reverse mode stores: by default all. Given a number k, every k-th: those in between are
   * recomputed, which reduces memory from T carries to T/k + k for one more forward run. "sqrt" is k = √T,
   * the minimum.
   */
  readonly checkpoint?: number | "sqrt";
}

/**
 * A loop as one step of a program: c_{t+1}, y_t = step(c_t, x_t) for t = 0 … T − 1.               [eq:scan]
 *
 * Returns [c_T, ys], ys the y_t stacked along a new first axis. The step is traced once, however many steps there are;
 * it may close over anything, traced values included. Works under every transform and on every backend. Uncompiled, it
 * traces the step again at each call, since the values that it closes over may have changed: about 50 µs for ten
 * operations, as long as about ten steps of two operations take.
 *
 * Shapes  init, carries: trees [...c], all of one structure and type;  xs: [T, ...x];  ys: [T, ...y]
 *         with a number for xs, that many steps without an x;  y may be undefined, and so is ys
 * Errors  TreeError where the step does not return [carry, y]; ShapeError where xs differ in their first axis; AxisError where
 *         they hold no array, or a scalar; DomainError for a length or a checkpoint that is not an integer
 */
export function scan<C, X, Y>(
  step: (carry: C, x: X) => readonly [carry: C, y: Y],
  init: Argument<C>,
  xs: X | number,
  options: ScanOptions = {},
): [carry: C, ys: Y] {
  requireFunction("scan", step, "the step");
  const { reverse = false, checkpoint } = optionsOf("scan", options, {
    reverse: flag,
    checkpoint: unchecked,
  });
  const start = flatten(init, "scan", "init");
  const given = flatten(typeof xs === "number" ? [] : xs, "scan", "xs");
  const length = lengthOf(xs, given);
  let hasOutput = true;
  const checked = (carry: C, x: X): unknown => {
    const result = step(carry, typeof xs === "number" ? (undefined as X) : x); // a step without x ignores it
    const [next, y] = pairOf(result);
    hasOutput = y !== undefined;
    matching("scan", start, next, "the next carry");
    return [next, hasOutput ? y : []];
  };
  const { graph, captured, output } = traceFunction(
    "scan",
    checked,
    { kind: "list", items: [start.structure, given.structure] },
    inOrder(stepTypes({ carry: start.leaves, rows: given.leaves, fixed: [] })),
  );
  const inputs: Roles<NdArray> = { carry: start.leaves, rows: given.leaves, fixed: captured };
  const loop: Loop = { body: new Body(graph), length, reverse };
  const every = checkpoint === "sqrt" ? Math.max(1, Math.round(Math.sqrt(length))) : checkpoint;
  const results =
    every === undefined ? runScan(inputs, loop) : checkpointed(inputs, loop, checkedCount(every));
  const [carry, ys] = unflatten<[C, Y]>(output, results);
  return [carry, hasOutput ? ys : (undefined as Y)];
}

type Loop = Parameters<typeof runScan>[1];

/**
 * T steps as a loop over segments, each a loop of k steps, and a loop over the remaining steps. Reverse mode stores the
 * carries of the outer loop, and those of one segment at a time while it recomputes that segment.        [eq:checkpoints]
 */
function checkpointed(inputs: Roles<NdArray>, loop: Loop, k: number): NdArray[] {
  const { length, reverse } = loop;
  const segments = Math.floor(length / k);
  const whole = segments * k;
  const carries = inputs.carry.length;

  const runSegments = (carry: readonly NdArray[]): NdArray[] => {
    const rows = inputs.rows.map((x) => reshape(slice(x, [0, whole]), [segments, k, ...x.shape.slice(1)]));
    const start = { carry, rows, fixed: inputs.fixed };
    const body = bodyOf(stepTypes(start), (given) => runScan(given, { ...loop, length: k }));
    const results = runScan(start, { body, length: segments, reverse });
    const stacked = results.slice(carries).map((y) => reshape(y, [whole, ...y.shape.slice(2)]));
    return [...results.slice(0, carries), ...stacked];
  };
  const runRest = (carry: readonly NdArray[]): NdArray[] => {
    const rows = inputs.rows.map((x) => slice(x, [whole]));
    return runScan({ carry, rows, fixed: inputs.fixed }, { ...loop, length: length - whole });
  };

  if (whole === length) return runSegments(inputs.carry);
  const order = reverse ? [runRest, runSegments] : [runSegments, runRest];
  const first = order[0]!(inputs.carry);
  const second = order[1]!(first.slice(0, carries));
  const [low, high] = reverse ? [second, first] : [first, second];
  return [...second.slice(0, carries), ...low.slice(carries).map((y, i) => concat([y, high[carries + i]!]))];
}

function pairOf(result: unknown): readonly [carry: unknown, y: unknown] {
  if (Array.isArray(result) && (result.length === 1 || result.length === 2)) return [result[0], result[1]];
  throw new TreeError(
    "scan",
    "the step must return [carry, y]",
    "Return [carry] if nothing is to be collected.",
  );
}

function lengthOf(xs: unknown, { leaves, paths }: Flattened): number {
  if (typeof xs === "number") {
    if (Number.isInteger(xs) && xs >= 0) return xs;
    throw new DomainError(
      "scan",
      `the length must be a whole number of at least 0; got ${xs}`,
      "Pass the number of steps, or arrays to go through row by row.",
    );
  }
  const scalarAt = leaves.findIndex(({ shape }) => shape.length === 0);
  if (leaves.length === 0 || scalarAt !== -1) {
    throw new AxisError(
      "scan",
      leaves.length === 0
        ? "xs holds no array, so the number of steps is unknown"
        : `xs are read row by row; ${paths[scalarAt]} is a scalar`,
      "Give the number of steps instead of xs, and close over what is the same for all.",
    );
  }
  const length = leaves[0]!.shape[0]!;
  if (leaves.every(({ shape }) => shape[0] === length)) return length;
  throw new ShapeError(
    "scan",
    "the first axes of xs must have the same extent, the number of steps",
    Object.fromEntries(leaves.map(({ shape }, i) => [paths[i]!, shape])),
    "Close over what is the same for all.",
  );
}

function checkedCount(every: number): number {
  if (Number.isInteger(every) && every >= 1) return every;
  throw new DomainError(
    "scan",
    `checkpoint must be a whole number of at least 1, or "sqrt"; got ${describe(every)}`,
    "Leave it out to store every carry.",
  );
}
