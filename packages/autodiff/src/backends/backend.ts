import type { NdArray } from "../array/ndarray.ts";
import type { Graph } from "../trace/graph.ts";

/** A graph made ready to run: arrays of its input types in, its outputs out. */
export type Executable = (inputs: readonly NdArray[]) => NdArray[];

/** A graph made ready to run again and again on its own outputs; see `Backend.compileLoop`. */
export type LoopExecutable = (inputs: readonly NdArray[], steps: number) => NdArray[];

/**
 * Runs graphs. It sees only primitives of the table (functions of the user and stopGradient are expanded), and
 * knows nothing of derivatives. A primitive it lacks is an UnsupportedError when compiling.
 */
export interface Backend {
  readonly name: string;
  compile(graph: Graph): Executable;
  /**
   * For backends with a memory of their own: the inputs are as many carried arrays as the graph has outputs, then arrays
   * that stay, then the time t. Every step's outputs are the next step's carried arrays and stay where they are; the
   * last ones are read.
   */
  compileLoop?(graph: Graph): LoopExecutable;
}

/** A backend whose results take time to arrive. */
export interface AsyncBackend {
  readonly name: string;
  compile(graph: Graph): (...args: Parameters<Executable>) => Promise<NdArray[]>;
  compileLoop(graph: Graph): (...args: Parameters<LoopExecutable>) => Promise<NdArray[]>;
}
