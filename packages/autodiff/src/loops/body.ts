/** Programs inside programs, such as loop bodies: the roles of their inputs, tracing, and which values are active. */

import { type ArrayType, isFloat, type NdArray } from "../array/ndarray.ts";
import { internal } from "../errors.ts";
import type { ParamsOf } from "../primitives/table.ts";
import { dependsOn } from "../trace/evaluate.ts";
import { Body, type Graph, typeOf } from "../trace/graph.ts";
import { traceArrays } from "../trace/trace-function.ts";

/** The roles of the inputs of a scan: x_t is row t of `rows`; `fixed` values are the same in every step. */
export interface Roles<T> {
  readonly carry: readonly T[];
  readonly rows: readonly T[];
  readonly fixed: readonly T[];
}

export type Counts = Pick<ParamsOf<"scan">, "carries" | "rows">;

/** A list with one entry per input of a scan, by role. */
export function byRole<T>(all: readonly T[], { carries, rows }: Counts): Roles<T> {
  return {
    carry: all.slice(0, carries),
    rows: all.slice(carries, carries + rows),
    fixed: all.slice(carries + rows),
  };
}

/** The order of the inputs of a scan and of its body. */
export function inOrder<T>({ carry, rows, fixed }: Roles<T>): T[] {
  return [...carry, ...rows, ...fixed];
}

/** What a step sees of a scan's inputs. */
export function stepTypes({ carry, rows, fixed }: Roles<ArrayType>): Roles<ArrayType> {
  return { carry, rows: rows.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype })), fixed };
}

/** The chosen entries, in order. */
export function chosen<T>(all: readonly T[], choice: readonly boolean[]): T[] {
  return all.filter((_, i) => choice[i]);
}

/** Puts the next of `values` at every chosen place, null at the others: undoes `chosen`. */
export function placed<T>(values: Iterable<T>, choice: readonly boolean[]): (T | null)[] {
  const next = values[Symbol.iterator]();
  return choice.map((is) => (is ? (next.next().value as T) : null)); // as many as were chosen
}

/**
 * Traces a function of a list of arrays into a program; it must not use values of other traces. Values that
 * depend on no input are computed now, unless `all` operations are recorded.
 */
export function programOf(
  op: string,
  types: readonly ArrayType[],
  f: (inputs: readonly NdArray[]) => readonly NdArray[],
  options: { readonly all?: boolean } = {},
): Body {
  const { graph, captured } = traceArrays(op, f, types, options);
  return captured.length === 0 ? new Body(graph) : internal(`a program of ${op} uses a value from outside`);
}

/** The body of a loop, likewise. */
export function bodyOf(types: Roles<ArrayType>, f: (inputs: Roles<NdArray>) => readonly NdArray[]): Body {
  const counts = { carries: types.carry.length, rows: types.rows.length };
  return programOf("scan", inOrder(types), (inputs) => f(byRole(inputs, counts)));
}

/**
 * Which inputs of a body are `active` in some step, given which are in the first: a carry is once it depends on
 * something that is, unless values of its type never are. The least fixed point.
 */
export function activeInputs(
  graph: Graph,
  active: readonly boolean[],
  carries: number,
  can: (type: ArrayType) => boolean = () => true,
): readonly boolean[] {
  const depends = dependsOn(graph, active);
  const next = active.map(
    (is, i) => can(graph.inputs[i]!) && (is || (i < carries && depends[graph.outputs[i]!]!)),
  );
  return next.some((is, i) => is !== active[i]) ? activeInputs(graph, next, carries, can) : active;
}

/** The same for derivatives, which integers do not have. */
export function movingInputs(graph: Graph, moving: readonly boolean[], carries: number): readonly boolean[] {
  return activeInputs(graph, moving, carries, ({ dtype }) => isFloat(dtype));
}

/** The types of the arrays in a scan's result: what is carried out of it, then the outputs of the steps, stacked. */
export function resultTypes({ body: { graph }, carries, length }: ParamsOf<"scan">): ArrayType[] {
  return graph.outputs.map((ref, i) => {
    const { shape, dtype } = typeOf(graph, ref);
    return i < carries ? { shape, dtype } : { shape: [length, ...shape], dtype };
  });
}
