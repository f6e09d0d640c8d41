import { Bundle } from "../../../src/array/bundle.ts";
import { type NdArray, showGraph } from "../../../src/index.ts";
import { partsOf } from "../../../src/primitives/part.ts";
import type { Derivative, Params, Primitive } from "../../../src/primitives/primitive.ts";
import { evaluate } from "../../../src/trace/evaluate.ts";
import { bodiesOf, type Graph, mapBodies } from "../../../src/trace/graph.ts";
import { traceArrays } from "../../../src/trace/trace-function.ts";
import { mutantsOf } from "./operators.ts";

/** What a loop or a conditional says of itself: forward mode, what reverse mode keeps, reverse mode, many at once. */
export type LoopRule = "withTangents" | "keeping" | "vjp" | "batching";

type Lists = readonly (readonly Derivative[])[];
type Rules = Pick<Primitive, LoopRule>;

/**
 * A rule of a loop whose program can be replaced by one with a mistake: in what it does with the loop it makes, or in that
 * loop's body. A rule is a function from lists of arrays to lists of arrays, null where there is none.
 */
export class MutableLoopRule {
  readonly #primitive: Primitive;
  readonly #rule: LoopRule;
  readonly #mutants = new Map<string, ReadonlyMap<string, Graph>>();

  constructor(primitive: Primitive, rule: LoopRule) {
    this.#primitive = primitive;
    this.#rule = rule;
  }

  /** The mistakes that can be made where `use` applies the rule; only there are they made later. */
  mistakes(use: () => void): string[] {
    const found = new Set<string>();
    this.#replaced((graph) => {
      for (const name of this.#mutantsOf(graph).keys()) found.add(name);
      return graph;
    }, use);
    return [...found];
  }

  withMistake<T>(mistake: string, use: () => T): T {
    return this.#replaced((graph) => this.#mutants.get(showGraph(graph))?.get(mistake) ?? graph, use);
  }

  #mutantsOf(graph: Graph): ReadonlyMap<string, Graph> {
    const text = showGraph(graph);
    const known = this.#mutants.get(text);
    if (known !== undefined) return known;
    const mutants = new Map(
      [...mutantsOf(graph)].map(([name, mutant]) => [`around the loop: ${name}`, mutant]),
    );
    const bodies = graph.equations.flatMap(({ params }) => bodiesOf(params));
    bodies.forEach((body, i) => {
      const place = bodies.length > 1 ? `in body ${i}` : "in the loop";
      for (const [name, mutant] of mutantsOf(body))
        mutants.set(`${place}: ${name}`, withBody(graph, body, mutant));
    });
    this.#mutants.set(text, mutants);
    return mutants;
  }

  #replaced<T>(change: (graph: Graph) => Graph, use: () => T): T {
    // The record is read-only for everyone else; here a rule is exchanged, and put back.
    const record = this.#primitive as { -readonly [K in keyof Primitive]: Primitive[K] };
    const { [this.#rule]: own } = record;
    Object.assign(
      record,
      changedRule(this.#rule, record, (lists, rule) => applyChanged(lists, rule, change)),
    );
    try {
      return use();
    } finally {
      Object.assign(record, { [this.#rule]: own });
    }
  }
}

type Change = (lists: Lists, rule: (lists: Lists) => Lists) => Lists;

/** The rule of a record with its program changed. */
function changedRule(
  rule: LoopRule,
  { withTangents, keeping, vjp, batching }: Rules,
  changed: Change,
): Partial<Rules> {
  switch (rule) {
    case "withTangents":
      return {
        withTangents: (tangents, inputs, params) => {
          const [value, tangent] = changed([tangents, inputs], ([dxs, xs]) =>
            withTangents!(dxs!, arrays(xs!), params).map(partsOf),
          );
          return [new Bundle(value!), new Bundle(tangent!)];
        },
      };
    case "keeping":
      return {
        keeping: (inputs, params) =>
          new Bundle(changed([inputs], ([xs]) => [partsOf(keeping!(arrays(xs!), params))])[0]!),
      };
    case "vjp":
      return {
        vjp: (cotangent, inputs, output, params, wanted) => {
          // Only a rule that has something kept reads the output.
          const kept = keeping ? partsOf(output) : [];
          const given = [partsOf(cotangent), inputs, kept];
          return changed(given, ([bars, xs, all]) => [
            vjp(new Bundle(bars!), arrays(xs!), keeping ? new Bundle(all!) : output, params, wanted),
          ])[0]!;
        },
      };
    case "batching":
      return {
        batching: {
          apply: (inputs, mapped, params: Params, size) => {
            if (!("apply" in batching)) throw new Error("a loop has a rule for many");
            return new Bundle(
              changed([inputs], ([xs]) => [partsOf(batching.apply(arrays(xs!), mapped, params, size))])[0]!,
            );
          },
        },
      };
  }
}

/** Inputs, all of which there are. */
function arrays(list: readonly Derivative[]): readonly NdArray[] {
  return list as readonly NdArray[];
}

function withBody(graph: Graph, body: Graph, mutant: Graph): Graph {
  const equations = graph.equations.map((equation) => ({
    ...equation,
    params: mapBodies(equation.params, (own) => (own === body ? mutant : own)),
  }));
  return { ...graph, equations };
}

function applyChanged(lists: Lists, rule: (lists: Lists) => Lists, change: (graph: Graph) => Graph): Lists {
  const given = lists.flat().filter((x) => x !== null);
  let shape: Lists = [];
  const flat = (inputs: readonly NdArray[]): NdArray[] => {
    shape = rule(refilled(lists, inputs));
    return shape.flat().filter((x) => x !== null);
  };
  const { graph } = traceArrays("rule", flat, given);
  return refilled(shape, evaluate(change(graph), given));
}

/** Lists of the same lengths, with other arrays where they have some. */
function refilled(lists: Lists, all: readonly NdArray[]): Lists {
  const next = all.values();
  return lists.map((list) => list.map((x) => (x === null ? null : next.next().value!)));
}
