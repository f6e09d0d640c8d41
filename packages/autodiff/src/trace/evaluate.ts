import type { NdArray } from "../array/ndarray.ts";
import type { Params, Primitive } from "../primitives/primitive.ts";
import { bind, liftTogether } from "./bind.ts";
import { type Equation, type Graph, type Ref, refOfEquation } from "./graph.ts";

/**
 * All values of a graph for the given inputs, applying its primitives in order: computed at once if the
 * inputs are concrete, recorded in the surrounding trace if they are traced (inlining).
 */
export function evaluateAll(
  graph: Graph,
  inputs: readonly NdArray[],
  apply: (primitive: Primitive, inputs: readonly NdArray[], params: Params, ref: Ref) => NdArray = bind,
): NdArray[] {
  const values = startingValues(graph, inputs);
  for (const { primitive, inputs: refs, params } of graph.equations) {
    const xs = refs.map((ref) => values[ref]!);
    values.push(apply(primitive, xs, params, values.length));
  }
  return values;
}

/** The outputs of a graph for the given inputs. */
export function evaluate(graph: Graph, inputs: readonly NdArray[]): NdArray[] {
  const values = evaluateAll(graph, inputs);
  return graph.outputs.map((ref) => values[ref]!);
}

/** The first values of a graph: its inputs and constants, the constants traced if any input is. */
export function startingValues(graph: Graph, inputs: readonly NdArray[]): NdArray[] {
  return [...liftTogether([...inputs, ...graph.constants])];
}

/** For every value, whether it depends on an `active` input: only those have derivatives. */
export function dependsOn(graph: Graph, active: readonly boolean[]): boolean[] {
  const depends = [...active, ...graph.constants.map(() => false)];
  for (const { inputs } of graph.equations) depends.push(inputs.some((ref) => depends[ref]));
  return depends;
}

/** The equations from the last to the first, each with the number of its value. */
export function* backwards(graph: Graph): Generator<readonly [Ref, Equation]> {
  for (let i = graph.equations.length - 1; i >= 0; i--) yield [refOfEquation(graph, i), graph.equations[i]!];
}
