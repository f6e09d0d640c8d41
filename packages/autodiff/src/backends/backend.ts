import type { NdArray } from "../array/ndarray.ts";
import type { Graph } from "../trace/graph.ts";

/** A compiled graph: takes arrays of the graph's input types and returns its outputs. */
export type Executable = (inputs: readonly NdArray[]) => NdArray[];

/** A compiled graph that is run repeatedly on its own outputs; see `Backend.compileLoop`. */
export type LoopExecutable = (inputs: readonly NdArray[], steps: number) => NdArray[];

/**
 * A graph compiled in two stages, run on the inputs that are known first.
 *
 *   now     those outputs that depend on them alone
 *   later   other outputs, by number, from the inputs that come later; what `now` has computed is not computed again
 */
export type StagedExecutable = (known: readonly NdArray[]) => {
  readonly now: NdArray[];
  readonly later: (outputs: readonly number[], inputs: readonly NdArray[]) => NdArray[];
};

/**
 * Runs graphs. A backend sees only the primitives of the table (custom functions and stopGradient are already
 * expanded) and knows nothing about derivatives. Compiling a primitive that it lacks throws UnsupportedError.
 */
export interface Backend {
  readonly name: string;
  compile(graph: Graph): Executable;
  /**
   * For backends with device memory. The inputs are as many carried arrays as the graph has outputs, then
   * constant arrays, then the time t. Each step's outputs become the next step's carried arrays without
   * leaving the device; only those of the last step are read back.
   */
  compileLoop?(graph: Graph): LoopExecutable;
  /**
   * For backends with memory of their own, where intermediate results can stay. The first `known` inputs are known
   * first; the first `now` outputs depend on them alone.
   */
  compileStages?(graph: Graph, known: number, now: number): StagedExecutable;
}

/** A backend whose results arrive asynchronously. */
export interface AsyncBackend {
  readonly name: string;
  compile(graph: Graph): (...args: Parameters<Executable>) => Promise<NdArray[]>;
  compileLoop(graph: Graph): (...args: Parameters<LoopExecutable>) => Promise<NdArray[]>;
}
