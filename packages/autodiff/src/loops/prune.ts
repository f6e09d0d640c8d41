import type { NdArray } from "../array/ndarray.ts";
import { partPrimitive } from "../primitives/part.ts";
import type { Params, Primitive } from "../primitives/primitive.ts";
import type { ParamsOf } from "../primitives/table.ts";
import { bind } from "../trace/bind.ts";
import { Body, type Equation, type Graph, type Ref, refOfEquation } from "../trace/graph.ts";
import { Trace } from "../trace/trace.ts";
import { condPrimitive } from "./cond-rules.ts";
import { scanPrimitive } from "./scan-rules.ts";
import { whilePrimitive } from "./while-rules.ts";

/**
 * The graph with loops and conditionals that carry, read and return only what is needed of them: transforms request
 * more than is used in the end, such as the carries that reverse mode keeps, or the value that comes with a gradient.
 */
export function pruneLoops(graph: Graph, outputs: readonly Ref[] = graph.outputs): Graph {
  const equations = neededEquations(graph, outputs);
  const wanted = new Map<Ref, Set<number>>();
  for (const { primitive, inputs, params } of equations.values()) {
    if (!is(primitive, partPrimitive)) continue;
    const { index } = params as ParamsOf<"part">; // see above
    wanted.set(inputs[0]!, (wanted.get(inputs[0]!) ?? new Set()).add(index));
  }
  const trace = new Trace();
  const values = new Map<Ref, NdArray>();
  for (const type of graph.inputs) values.set(values.size, trace.input(type));
  for (const constant of graph.constants) values.set(values.size, trace.lift(constant));
  const places = new Map<Ref, readonly number[]>();
  for (const [ref, equation] of equations) {
    const { primitive, inputs, params } = equation;
    const xs = inputs.map((input) => values.get(input)!);
    const pruned = prune(equation, wanted.get(ref) ?? new Set());
    if (pruned !== undefined) {
      places.set(ref, pruned.places);
      const read = xs.filter((_, i) => pruned.reads[i]);
      values.set(ref, bind(primitive, read, pruned.params));
    } else if (is(primitive, partPrimitive)) {
      const own = params as ParamsOf<"part">; // the settings of a part
      values.set(ref, bind(partPrimitive, xs, { ...own, index: places.get(inputs[0]!)!.indexOf(own.index) }));
    } else values.set(ref, bind(primitive, xs, params));
  }
  return trace.finish(outputs.map((ref) => values.get(ref)!)).graph;
}

interface Pruned {
  readonly params: Params;
  /** Which inputs remain. */
  readonly reads: readonly boolean[];
  /** The original indices of the remaining results. */
  readonly places: readonly number[];
}

/** A loop or conditional, reduced to the wanted results; undefined for other primitives. */
function prune({ primitive, params }: Equation, results: ReadonlySet<number>): Pruned | undefined {
  if (is(primitive, scanPrimitive)) return pruneScan(params as ParamsOf<"scan">, results); // its settings
  if (is(primitive, whilePrimitive)) {
    const { body, carries } = params as ParamsOf<"whileLoop">; // its settings
    const asked = new Set([0, ...results]); // whether there is a next step
    const pruned = pruneScan({ body, carries, rows: 0, length: 0, reverse: false }, asked);
    return { ...pruned, params: { body: pruned.params.body, carries: pruned.params.carries } };
  }
  return is(primitive, condPrimitive) ? pruneCond(params as ParamsOf<"cond">, results) : undefined; // its settings
}

function pruneCond({ onTrue, onFalse }: ParamsOf<"cond">, results: ReadonlySet<number>): Pruned {
  const branches = [onTrue, onFalse].map(({ graph }) =>
    pruneLoops(
      graph,
      graph.outputs.filter((_, i) => results.has(i)),
    ),
  );
  const read = new Set(branches.flatMap((branch) => [...readBy(branch)]));
  const reads = onTrue.graph.inputs.map((_, i) => read.has(i));
  const [first, second] = branches.map((branch) => new Body(withoutInputs(branch, reads)));
  const places = onTrue.graph.outputs.flatMap((_, i) => (results.has(i) ? [i] : []));
  return { params: { onTrue: first!, onFalse: second! }, reads: [true, ...reads], places };
}

/** The values of a graph that something reads. */
function readBy({ outputs, equations }: Graph): Set<Ref> {
  return new Set([...outputs, ...equations.flatMap(({ inputs }) => inputs)]);
}

function is<P extends Params>(primitive: Primitive, known: Primitive<P>): boolean {
  return primitive === (known as unknown as Primitive); // whatever its settings
}

/** The equations on which the outputs depend, by the numbers of their values, in order. */
function neededEquations(graph: Graph, outputs: readonly Ref[]): Map<Ref, Equation> {
  const first = refOfEquation(graph, 0);
  const needed = new Set(outputs);
  for (let i = graph.equations.length - 1; i >= 0; i--) {
    if (needed.has(first + i)) for (const input of graph.equations[i]!.inputs) needed.add(input);
  }
  return new Map(
    graph.equations.flatMap((equation, i) => (needed.has(first + i) ? [[first + i, equation] as const] : [])),
  );
}

function pruneScan(
  params: ParamsOf<"scan">,
  results: ReadonlySet<number>,
): Pruned & { readonly params: ParamsOf<"scan"> } {
  const { graph } = params.body;
  const { carries } = params;
  let wanted = graph.outputs.map((_, i) => results.has(i));
  for (;;) {
    const body = pruneLoops(
      graph,
      graph.outputs.filter((_, i) => wanted[i]),
    );
    const read = readBy(body);
    const next = wanted.map((is, i) => is || (i < carries && read.has(i)));
    if (next.every((is, i) => is === wanted[i])) {
      const reads = graph.inputs.map((_, i) => (i < carries ? wanted[i]! : read.has(i)));
      const count = (from: number, to?: number): number => reads.slice(from, to).filter(Boolean).length;
      return {
        params: {
          ...params,
          body: new Body(withoutInputs(body, reads)),
          carries: count(0, carries),
          rows: count(carries, carries + params.rows),
        },
        reads,
        places: graph.outputs.flatMap((_, i) => (wanted[i] ? [i] : [])),
      };
    }
    wanted = next;
  }
}

/** The graph without inputs that nothing reads. */
function withoutInputs(graph: Graph, kept: readonly boolean[]): Graph {
  let count = 0;
  const numbers = graph.inputs.map((_, i) => (kept[i] ? count++ : -1));
  const dropped = graph.inputs.length - count;
  const renumbered = (ref: Ref): Ref => numbers[ref] ?? ref - dropped;
  return {
    inputs: graph.inputs.filter((_, i) => kept[i]),
    constants: graph.constants,
    equations: graph.equations.map((equation) => ({ ...equation, inputs: equation.inputs.map(renumbered) })),
    outputs: graph.outputs.map(renumbered),
  };
}
