import type { ArrayType, NdArray } from "../array/ndarray.ts";
import { flatten, type Structure, unflatten } from "../array/tree.ts";
import { TreeError } from "../errors.ts";
import type { Graph } from "./graph.ts";
import { Trace } from "./trace.ts";

/** A function as the Graph of what it does to arrays of certain types. */
export interface TracedFunction {
  readonly graph: Graph;
  /** Values of outer traces that the function uses: the graph's inputs after its own. */
  readonly captured: readonly NdArray[];
  readonly output: Structure;
}

/** Arguments of one call; hosts allow little more. */
const mostArguments = 10_000;

let depth = 0;

/** Whether a function is being traced now, so that what is closed over may be a stand-in of it. */
export function isTracing(): boolean {
  return depth > 0;
}

/** Runs f on stand-ins for the leaves of its arguments and records what it does. */
export function traceFunction(
  op: string,
  f: (...args: never[]) => unknown,
  structure: Structure,
  leaves: readonly ArrayType[],
): TracedFunction {
  const trace = new Trace();
  depth++;
  try {
    const args = unflatten<never[]>(
      structure,
      leaves.map((leaf) => trace.input(leaf)),
    );
    if (args.length > mostArguments) {
      throw new TreeError(
        op,
        `a function may take ${mostArguments} arguments; got ${args.length}`,
        "Pass one list of them.",
      );
    }
    const { leaves: outputs, structure: output } = flatten(f(...args), `${op}: output`);
    return { ...trace.finish(outputs), output };
  } finally {
    depth--;
    trace.abandon();
  }
}
