import { type ArrayType, copied, type NdArray } from "../array/ndarray.ts";
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

/** A traced function: a flat list of primitive applications in topological order. */
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

/** The types of the graph's results. */
export function outputTypes(graph: Graph): ArrayType[] {
  return graph.outputs.map((ref) => typeOf(graph, ref));
}

/** The number of the value that equation `index` computes. */
export function refOfEquation(graph: Graph, index: number): Ref {
  return graph.inputs.length + graph.constants.length + index;
}

/**
 * A program among a primitive's settings, such as the body of a loop. Equal only to itself, which keeps keys
 * short.
 */
export class Body {
  static #count = 0;
  readonly #serial: number = Body.#count++;
  readonly graph: Graph;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  toJSON(): string {
    return `body ${this.#serial}`;
  }
}

/** The programs among the settings of a primitive. */
export function bodiesOf(params: Params): Graph[] {
  return Object.values(params).flatMap((value) => (value instanceof Body ? [value.graph] : []));
}

/** Copies the graph's constants, including those of nested programs, so that nobody else can change them. */
export function withOwnConstants(graph: Graph): Graph {
  const equations = graph.equations.map((equation) => ({
    ...equation,
    params: mapBodies(equation.params, withOwnConstants),
  }));
  return { ...graph, constants: graph.constants.map(copied), equations };
}

/** The settings, with f applied to the programs among them. */
export function mapBodies(params: Params, f: (graph: Graph) => Graph): Params {
  if (bodiesOf(params).length === 0) return params;
  const rewritten = (value: unknown): unknown => (value instanceof Body ? new Body(f(value.graph)) : value);
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [key, rewritten(value)]));
}
