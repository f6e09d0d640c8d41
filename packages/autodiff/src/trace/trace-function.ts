import { refuseTooMany } from "../arguments/refusals.ts";
import type { ArrayType, NdArray } from "../array/ndarray.ts";
import { flatten, type Structure, unflatten } from "../array/tree.ts";
import { recordAll } from "./bind.ts";
import { type Graph, withOwnConstants } from "./graph.ts";
import { Trace } from "./trace.ts";

/** A function traced for arguments of given types, as a Graph. */
export interface TracedFunction {
  readonly graph: Graph;
  /** Values of outer traces that the function uses: the graph's inputs after the function's arguments. */
  readonly captured: readonly NdArray[];
  readonly output: Structure;
}

let depth = 0;

/** Whether a function is being traced, so that values closed over may be tracers. */
export function isTracing(): boolean {
  return depth > 0;
}

/**
 * The graph to keep for later, with its constants copied in case they change. Under a trace it is used at
 * once.
 */
export function remembered(graph: Graph): Graph {
  return isTracing() ? graph : withOwnConstants(graph);
}

/**
 * Runs f on tracers for the leaves of its arguments; records the operations that involve them, or `all`
 * operations.
 */
export function traceFunction(
  op: string,
  f: (...args: never[]) => unknown,
  structure: Structure,
  leaves: readonly ArrayType[],
  { all = false }: { readonly all?: boolean } = {},
): TracedFunction {
  const trace = new Trace();
  depth++;
  try {
    const args = unflatten<never[]>(
      structure,
      leaves.map((leaf) => trace.input(leaf)),
    );
    refuseTooMany(op, args.length);
    const result = all ? recordAll(trace, () => f(...args)) : f(...args);
    const { leaves: outputs, structure: output } = flatten(result, op, "output");
    return { ...trace.finish(outputs), output };
  } finally {
    depth--;
    trace.abandon();
  }
}

/** The same for a function of one list of arrays, of any length. */
export function traceArrays(
  op: string,
  f: (inputs: readonly NdArray[]) => unknown,
  types: readonly ArrayType[],
  options?: { readonly all?: boolean },
): TracedFunction {
  const list = { kind: "list", items: types.map(() => ({ kind: "leaf" }) as const) } as const;
  return traceFunction(op, f, { kind: "list", items: [list] }, types, options);
}
