import { refuseTooMany } from "../arguments/refusals.ts";
import type { ArrayType, NdArray } from "../array/ndarray.ts";
import { flatten, type Structure, unflatten } from "../array/tree.ts";
import { recordAll } from "./bind.ts";
import { type Graph, withOwnConstants } from "./graph.ts";
import { Trace } from "./trace.ts";

/** A function as the Graph of what it does to arrays of certain types. */
export interface TracedFunction {
  readonly graph: Graph;
  /** Values of outer traces that the function uses: the graph's inputs after its own. */
  readonly captured: readonly NdArray[];
  readonly output: Structure;
}

let depth = 0;

/** Whether a function is being traced now, so that what is closed over may be a stand-in of it. */
export function isTracing(): boolean {
  return depth > 0;
}

/** The graph for later use, when what it closes over may have changed. Under a trace it is used up at once. */
export function remembered(graph: Graph): Graph {
  return isTracing() ? graph : withOwnConstants(graph);
}

/** Runs f on stand-ins for the leaves of its arguments and records what it does: with them, or `all` of it. */
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
    const { leaves: outputs, structure: output } = flatten(result, `${op}: output`);
    return { ...trace.finish(outputs), output };
  } finally {
    depth--;
    trace.abandon();
  }
}

/** The same for a function of one list of arrays, however many there are. */
export function traceArrays(
  op: string,
  f: (inputs: readonly NdArray[]) => unknown,
  types: readonly ArrayType[],
  options?: { readonly all?: boolean },
): TracedFunction {
  const list = { kind: "list", items: types.map(() => ({ kind: "leaf" }) as const) } as const;
  return traceFunction(op, f, { kind: "list", items: [list] }, types, options);
}
