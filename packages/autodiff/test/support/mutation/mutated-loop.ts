import { Bundle } from "../../../src/array/bundle.ts";
import { type NdArray, showGraph } from "../../../src/index.ts";
import { scanPrimitive } from "../../../src/loops/scan-rules.ts";
import { partsOf } from "../../../src/primitives/part.ts";
import type { Derivative } from "../../../src/primitives/primitive.ts";
import { evaluateAll } from "../../../src/trace/evaluate.ts";
import { bodiesOf, type Graph, mapBodies } from "../../../src/trace/graph.ts";
import { traceFunction } from "../../../src/trace/trace-function.ts";
import { mutantsOf } from "./operators.ts";

export type LoopRule = "withTangents" | "keeping" | "vjp";
export const loopRules: readonly LoopRule[] = ["withTangents", "keeping", "vjp"];

type Lists = readonly (readonly Derivative[])[];

/**
 * A rule of `scan` whose program can be replaced by one with a mistake: in what it does with the loop it makes, or in that
 * loop's body. A rule is a function from lists of arrays to lists of arrays, null where there is none.
 */
export class MutableLoopRule {
  readonly #rule: LoopRule;
  readonly #mutants = new Map<string, ReadonlyMap<string, Graph>>();

  constructor(rule: LoopRule) {
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
    for (const body of bodies) {
      for (const [name, mutant] of mutantsOf(body))
        mutants.set(`in the loop: ${name}`, withBody(graph, body, mutant));
    }
    this.#mutants.set(text, mutants);
    return mutants;
  }

  #replaced<T>(change: (graph: Graph) => Graph, use: () => T): T {
    // The record is read-only for everyone else; here a rule is exchanged, and put back.
    const record = scanPrimitive as {
      -readonly [K in keyof typeof scanPrimitive]: (typeof scanPrimitive)[K];
    };
    const { withTangents, keeping, vjp } = record;
    const changed = (lists: Lists, rule: (lists: Lists) => Lists): Lists => applyChanged(lists, rule, change);
    if (this.#rule === "withTangents") {
      record.withTangents = (tangents, inputs, params) => {
        const [value, tangent] = changed([tangents, inputs], ([dxs, xs]) => {
          const results = withTangents!(dxs!, xs as readonly NdArray[], params);
          return results.map(partsOf);
        });
        return [new Bundle(value!), new Bundle(tangent!)];
      };
    } else if (this.#rule === "keeping") {
      record.keeping = (inputs, params) =>
        new Bundle(changed([inputs], ([xs]) => [partsOf(keeping!(xs as readonly NdArray[], params))])[0]!);
    } else {
      record.vjp = (cotangent, inputs, output, params, wanted) =>
        changed([partsOf(cotangent), inputs, partsOf(output)], ([bars, xs, kept]) => [
          vjp(new Bundle(bars!), xs as readonly NdArray[], new Bundle(kept!), params, wanted),
        ])[0]!;
    }
    try {
      return use();
    } finally {
      Object.assign(record, { withTangents, keeping, vjp });
    }
  }
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
  const flat = (...arrays: NdArray[]): NdArray[] => {
    const results = rule(refilled(lists, arrays));
    shape = results;
    return results.flat().filter((x) => x !== null);
  };
  const structure = { kind: "list", items: given.map(() => ({ kind: "leaf" }) as const) } as const;
  const { graph } = traceFunction("rule", flat, structure, given);
  const changed = change(graph);
  const values = evaluateAll(changed, given);
  return refilled(
    shape,
    changed.outputs.map((ref) => values[ref]!),
  );
}

/** Lists of the same lengths, with other arrays where they have some. */
function refilled(lists: Lists, arrays: readonly NdArray[]): Lists {
  const next = arrays.values();
  return lists.map((list) => list.map((x) => (x === null ? null : next.next().value!)));
}
