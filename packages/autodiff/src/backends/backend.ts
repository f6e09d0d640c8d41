import type { NdArray } from "../array/ndarray.ts";
import type { Graph } from "../trace/graph.ts";

/** A graph made ready to run: arrays of its input types in, its outputs out. */
export type Executable = (inputs: readonly NdArray[]) => NdArray[];

/**
 * Runs graphs. It sees only primitives of the table (functions of the user are expanded, stopGradient is gone),
 * and knows nothing of derivatives. A primitive it lacks is an UnsupportedError when compiling.
 */
export interface Backend {
  readonly name: string;
  compile(graph: Graph): Executable;
}
