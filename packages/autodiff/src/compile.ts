import { type FloatDType, isFloat, type NdArray } from "./array/ndarray.ts";
import { type Argument, flatten, type Structure, unflatten } from "./array/tree.ts";
import type { AsyncBackend, Backend } from "./backends/backend.ts";
import { checkedReference, reference } from "./backends/reference/backend.ts";
import type { Graph } from "./trace/graph.ts";
import { cast, inDType, lower } from "./trace/lower.ts";
import { traceFunction } from "./trace/trace-function.ts";
import { isTracer } from "./trace/tracer.ts";

export interface CompileOptions {
  /** What runs the program (default: the reference). */
  readonly backend?: Backend;
  /** Runs in this precision, whatever the inputs: they are converted on the way in. Default: as they come. */
  readonly dtype?: FloatDType;
  /** Runs on the reference and stops at the first NaN or infinity, naming the primitive that made it. */
  readonly checkFinite?: boolean;
}

/**
 * The same function, traced once for each signature of its arguments (tree structure, shapes, element types)
 * and from then on run as a program. Arrays it closes over are constants of the program.
 *
 * Inside another traced function it is inlined, so compiled functions can be differentiated.
 */
export function compile<Args extends readonly unknown[], Y>(
  f: (...args: Args) => Y,
  { backend = reference, dtype, checkFinite = false }: CompileOptions = {},
): (...args: Argument<Args> & readonly unknown[]) => Y {
  const target = checkFinite ? checkedReference : backend;
  const prepare = programs("compile", f, dtype, (graph) => target.compile(graph));
  return (...args) => {
    const ready = prepare(args);
    // Stand-ins and numbers are arguments of f too; the compiler cannot see that through the conditional type.
    if (ready === undefined) return f(...(args as unknown as Args));
    return unflatten<Y>(ready.output, ready.run(ready.inputs));
  };
}

export interface AsyncCompileOptions {
  readonly backend: AsyncBackend;
  readonly dtype?: FloatDType;
}

/** `compile` for a backend whose results take time to arrive. */
export function compileAsync<Args extends readonly unknown[], Y>(
  f: (...args: Args) => Y,
  { backend, dtype }: AsyncCompileOptions,
): (...args: Argument<Args> & readonly unknown[]) => Promise<Y> {
  const prepare = programs("compileAsync", f, dtype, (graph) => backend.compile(graph));
  return async (...args) => {
    const ready = prepare(args);
    if (ready === undefined) return f(...(args as unknown as Args)); // see compile
    return unflatten<Y>(ready.output, await ready.run(ready.inputs));
  };
}

/** A program, and the arrays to run it on. */
export interface Ready<Run> {
  readonly run: Run;
  readonly inputs: NdArray[];
  readonly output: Structure;
}

/** One program for each signature of f's arguments; none while f is being traced, as it is then inlined. */
export function programs<Run>(
  op: string,
  f: (...args: never[]) => unknown,
  dtype: FloatDType | undefined,
  build: (graph: Graph) => Run,
): (args: readonly unknown[]) => Ready<Run> | undefined {
  const known = new Map<string, Omit<Ready<Run>, "inputs">>();
  return (args) => {
    const { structure, leaves } = flatten(args, op, "arguments");
    if (leaves.some(isTracer)) return undefined;
    const inputs = dtype === undefined ? leaves : leaves.map((leaf) => castFloat(leaf, dtype));
    const signature = JSON.stringify([structure, leaves.map((leaf) => [leaf.shape, leaf.dtype])]);
    let program = known.get(signature);
    if (program === undefined) {
      const traced = traceFunction(op, f, structure, leaves);
      // It uses values of a trace that is still going on: they change from call to call, so it is inlined.
      if (traced.captured.length > 0) return undefined;
      const graph = lower(traced.graph);
      program = { run: build(dtype === undefined ? graph : inDType(graph, dtype)), output: traced.output };
      known.set(signature, program);
    }
    return { ...program, inputs };
  };
}

function castFloat(x: NdArray, dtype: FloatDType): NdArray {
  return isFloat(x.dtype) ? cast(x, dtype) : x;
}
