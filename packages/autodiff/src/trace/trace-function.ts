import type { ArrayType, NdArray } from "../array/ndarray.ts";
import { flatten, type Structure, unflatten } from "../array/tree.ts";
import type { Graph } from "./graph.ts";
import { Trace } from "./trace.ts";

/** A function as the Graph of what it does to arrays of certain types. */
export interface TracedFunction {
  readonly graph: Graph;
  /** Values of outer traces that the function uses: the graph's inputs after its own. */
  readonly captured: readonly NdArray[];
  readonly output: Structure;
}

/** Runs f on stand-ins for the leaves of its arguments and records what it does. */
export function traceFunction(
  op: string,
  f: (...args: never[]) => unknown,
  structure: Structure,
  leaves: readonly ArrayType[],
): TracedFunction {
  const trace = new Trace();
  try {
    const args = unflatten<never[]>(
      structure,
      leaves.map((leaf) => trace.input(leaf)),
    );
    const { leaves: outputs, structure: output } = flatten(f(...args), `${op}: output`);
    return { ...trace.finish(outputs), output };
  } finally {
    trace.abandon();
  }
}
