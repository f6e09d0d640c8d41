import type { Params } from "../../primitives/primitive.ts";
import { Body, bodiesOf, type Graph } from "../../trace/graph.ts";

/** Constants longer than this would make keys that cost more than they save. */
const maxConstantElements = 4096;

/**
 * A text that is equal for equal graphs and only for those; undefined where there is none, because a constant is too
 * large for one or a primitive is not of the table, so that its name does not say what it does.
 */
export function graphKey(graph: Graph): string | undefined {
  const parts = partsOf(graph);
  return parts && JSON.stringify(parts);
}

/**
 * The parts of the text, written once for all the programs inside: a text in a text would double its escapes at every
 * level.
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

/** Tells apart what JSON would not: -0 from 0, NaN and the infinities from null. */
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
