import { Bundle } from "../../array/bundle.ts";
import { type ArrayType, copied, type NdArray } from "../../array/ndarray.ts";
import { UnsupportedError } from "../../errors.ts";
import type { Params, Primitive } from "../../primitives/primitive.ts";
import type { ParamsOf, PrimitiveName } from "../../primitives/table.ts";
import { type Equation, type Graph, refOfEquation } from "../../trace/graph.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { linearAlgebraKernels } from "./linear-algebra.ts";
import { loopKernels } from "./loops.ts";
import { movementKernels } from "./movement.ts";
import { reductionKernels } from "./reduction.ts";

/**
 * Computes one primitive from its inputs and settings; the output's type is already known. Loops use `run`
 * to evaluate their bodies.
 */
export type Kernel<P extends Params = Params> = (
  inputs: readonly NdArray[],
  params: P,
  type: ArrayType,
  run: RunGraph,
) => NdArray;

/** Evaluates a graph on its inputs. */
export type RunGraph = (graph: Graph, inputs: readonly NdArray[]) => NdArray[];

export type KernelTable<Name extends PrimitiveName = PrimitiveName> = {
  readonly [N in Name]: Kernel<ParamsOf<N>>;
};

/**
 * The reference: plain loops, the definition of what every primitive computes. Arithmetic is float64 throughout;
 * float32 results are rounded once, when stored, and int32 wraps at every operation.
 */
export const referenceKernels: KernelTable = {
  ...elementwiseKernels,
  ...reductionKernels,
  ...movementKernels,
  ...linearAlgebraKernels,
  ...loopKernels,
};

/** Applies a primitive to concrete arrays. */
export function evaluatePrimitive<P extends Params>(
  primitive: Primitive<P>,
  inputs: readonly NdArray[],
  params: P,
  run: RunGraph = runGraph,
): NdArray {
  const type = primitive.outputType(inputs, params);
  if (primitive.expand !== undefined) {
    const y = primitive.expand(inputs, params);
    return y instanceof Bundle ? y : copied(y); // it may be an input, or an array the user holds
  }
  // A primitive without expansion is a row of the table, and its kernel takes the params of that row.
  const kernel = referenceKernels[primitive.name as PrimitiveName] as Kernel<P> | undefined;
  if (kernel === undefined) {
    throw new UnsupportedError(
      primitive.name,
      "the reference backend has no kernel for it",
      "Give it an expand function.",
    );
  }
  return kernel(inputs, params, type, run);
}

/** The result of an equation, from the values before it. */
export function applied(
  { primitive, inputs, params }: Equation,
  values: readonly (NdArray | undefined)[],
): NdArray {
  return evaluatePrimitive(
    primitive,
    inputs.map((ref) => values[ref]!),
    params,
  );
}

/** Evaluates the equations in order. */
export function runGraph(graph: Graph, inputs: readonly NdArray[]): NdArray[] {
  const values: (NdArray | undefined)[] = [...inputs, ...graph.constants];
  const released = releases(graph);
  graph.equations.forEach((equation, i) => {
    values.push(applied(equation, values));
    for (const ref of released[i]!) values[ref] = undefined;
  });
  return graph.outputs.map((ref) => values[ref]!);
}

const known = new WeakMap<Graph, number[][]>();

/** For every equation, the values last used by it, whose memory can then be freed. */
function releases(graph: Graph): number[][] {
  const before = known.get(graph);
  if (before !== undefined) return before;
  const last = new Map<number, number>();
  graph.equations.forEach(({ inputs }, i) => {
    for (const ref of inputs) last.set(ref, i);
  });
  const released: number[][] = graph.equations.map(() => []);
  const first = refOfEquation(graph, 0);
  const outputs = new Set(graph.outputs);
  for (const [ref, i] of last) if (ref >= first && !outputs.has(ref)) released[i]!.push(ref);
  known.set(graph, released);
  return released;
}
