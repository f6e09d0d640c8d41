import { type FloatDType, isFloat, type NdArray } from "./array/ndarray.ts";
import { type Argument, flatten, type Structure, unflatten } from "./array/tree.ts";
import type { Backend, Executable } from "./backends/backend.ts";
import { checkedReference, reference } from "./backends/reference/backend.ts";
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

interface Program {
  readonly run: Executable;
  readonly output: Structure;
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
  const programs = new Map<string, Program>();
  const target = checkFinite ? checkedReference : backend;

  return (...args) => {
    const { structure, leaves } = flatten(args, "compile", "arguments");
    // Stand-ins and numbers are arguments of f too; the compiler cannot see that through the conditional type.
    if (leaves.some(isTracer)) return f(...(args as unknown as Args));
    const inputs = dtype === undefined ? leaves : leaves.map((leaf) => castFloat(leaf, dtype));

    const signature = JSON.stringify([structure, leaves.map((leaf) => [leaf.shape, leaf.dtype])]);
    let program = programs.get(signature);
    if (program === undefined) {
      const traced = traceFunction("compile", f as (...args: never[]) => unknown, structure, leaves);
      // It uses values of a trace that is still going on: they change from call to call, so it is inlined.
      if (traced.captured.length > 0) return f(...(args as unknown as Args));
      const graph = lower(traced.graph);
      program = {
        run: target.compile(dtype === undefined ? graph : inDType(graph, dtype)),
        output: traced.output,
      };
      programs.set(signature, program);
    }
    return unflatten<Y>(program.output, program.run(inputs));
  };
}

function castFloat(x: NdArray, dtype: FloatDType): NdArray {
  return isFloat(x.dtype) ? cast(x, dtype) : x;
}
