import type { Params } from "../../primitives/primitive.ts";
import { Body, bodiesOf, type Graph } from "../../trace/graph.ts";

/** With constants longer than this, building the key would cost more than it saves. */
const maxConstantElements = 4096;

/**
 * A string that is equal for two graphs if and only if the graphs are equal; undefined if a constant is too
 * large, or a primitive is not in the table and so not identified by its name.
 */
export function graphKey(graph: Graph): string | undefined {
  const parts = partsOf(graph);
  return parts && JSON.stringify(parts);
}

/**
 * The parts of the key, serialised once together with all nested programs: a JSON string inside a string
 * would double its escapes at every level.
 */
function partsOf(graph: Graph): readonly unknown[] | undefined {
  const { inputs, constants, equations, outputs } = graph;
  if (constants.some(({ data }) => data.length > maxConstantElements)) return undefined;
  const bodies = equations.flatMap(({ params }) => bodiesOf(params)).map(partsOf);
  if (bodies.includes(undefined)) return undefined;
  if (equations.some(({ primitive }) => primitive.expand)) return undefined;
  return [
    inputs.map(({ shape, dtype }) => [shape, dtype]),
    constants.map(({ shape, dtype, data }) => [shape, dtype, Array.from(data, textOf)]),
    equations.map(({ primitive, inputs: refs, params }) => [primitive.name, refs, withoutBodies(params)]),
    bodies,
    outputs,
  ];
}

/** Distinguishes numbers that JSON would not: -0 from 0, and NaN and the infinities from null. */
function textOf(value: number): number | string {
  return Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : Object.is(value, -0)
      ? "-0"
      : String(value);
}

function withoutBodies(params: Params): unknown {
  return Object.entries(params).filter(([, value]) => !(value instanceof Body));
}
