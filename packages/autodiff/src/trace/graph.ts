import type { ArrayType, NdArray } from "../array/ndarray.ts";
import type { Params, Primitive } from "../primitives/primitive.ts";

/** A value of a Graph by number: first the inputs, then the constants, then one per equation. */
export type Ref = number;

/** One primitive applied to earlier values; its result is the next value. */
export interface Equation {
  readonly primitive: Primitive;
  readonly inputs: readonly Ref[];
  readonly params: Params;
  readonly type: ArrayType;
}

/** A traced function: a flat list of primitive applications, in an order that can be run from the top. */
export interface Graph {
  readonly inputs: readonly ArrayType[];
  readonly constants: readonly NdArray[];
  readonly equations: readonly Equation[];
  readonly outputs: readonly Ref[];
}

/** The shape and element type of any value of the graph. */
export function typeOf(graph: Graph, ref: Ref): ArrayType {
  const constant = ref - graph.inputs.length;
  const equation = constant - graph.constants.length;
  return (graph.inputs[ref] ?? graph.constants[constant] ?? graph.equations[equation]?.type)!;
}

/** The number of the value that equation `index` computes. */
export function refOfEquation(graph: Graph, index: number): Ref {
  return graph.inputs.length + graph.constants.length + index;
}
