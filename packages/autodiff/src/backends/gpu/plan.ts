/** Decides which values of a graph are stored, and how each is computed. */

import { UnsupportedError } from "../../errors.ts";
import type { PrimitiveName } from "../../primitives/table.ts";
import { type Graph, type Ref, refOfEquation } from "../../trace/graph.ts";
import { loopPrinters } from "./kernels.ts";
import { printers } from "./printer.ts";

/**
 * inline     inlined into the kernels that read it
 * movement   inlined likewise, at no cost however often it is read, since it only moves elements
 * loop       a kernel of its own
 * none       refused: 32-bit words do not fit into float32, which holds all values on the device
 * host       computed on the host by the reference kernels: inherently sequential, and small
 *
 * Typed by the primitives' names: a missing row is a compile error.
 */
export const placements: {
  readonly [Name in PrimitiveName]: "inline" | "movement" | "loop" | "host" | "none";
} = {
  add: "inline",
  sub: "inline",
  mul: "inline",
  div: "inline",
  neg: "inline",
  abs: "inline",
  sign: "inline",
  sqrt: "inline",
  exp: "inline",
  expm1: "inline",
  log: "inline",
  log1p: "inline",
  tanh: "inline",
  sechSquared: "inline",
  sigmoid: "inline",
  softplus: "inline",
  sin: "inline",
  cos: "inline",
  atan2: "inline",
  pow: "inline",
  maximum: "inline",
  minimum: "inline",
  less: "inline",
  lessEqual: "inline",
  equal: "inline",
  bitXor: "none",
  multiplyHigh: "none",
  select: "inline",
  convert: "inline",
  broadcastTo: "movement",
  reshape: "movement",
  transpose: "movement",
  slice: "movement",
  pad: "inline",
  concat: "inline",
  gather: "inline",
  sum: "loop",
  max: "loop",
  logSumExp: "loop",
  matmul: "loop",
  cumsum: "loop",
  scatterAdd: "loop",
  cholesky: "host",
  triangularSolve: "host",
  scan: "host",
  whileLoop: "host",
  cond: "host",
  part: "host",
};

/** Operations per kernel before a value is stored to split it; shader compilers fail on longer kernels. */
const maxOperations = 60;

/** Arrays that one kernel may read: WebGPU guarantees a shader 8 buffers, one of which is the result. */
const maxSources = 7;

export function storedValues(graph: Graph, { packs }: { readonly packs: boolean }): Set<Ref> {
  const stored = new Set<Ref>(graph.outputs);
  const first = refOfEquation(graph, 0);
  for (let ref = 0; ref < first; ref++) stored.add(ref);
  const readers = countReaders(graph);
  const operations = new Map<Ref, number>();
  const sources = new Map<Ref, ReadonlySet<Ref>>();
  const sourcesOf = (refs: readonly Ref[]): Set<Ref> =>
    new Set(refs.flatMap((ref) => (stored.has(ref) ? [ref] : [...sources.get(ref)!])));

  graph.equations.forEach((equation, i) => {
    const ref = refOfEquation(graph, i);
    if (equation.primitive.expand !== undefined) throw unknown(equation.primitive.name);
    const name = equation.primitive.name as PrimitiveName; // not expanded, so a row of the table
    const placement = placements[name];
    if (placement === "none") {
      throw new UnsupportedError(
        name,
        "numbers on graphics cards are float32, which cannot hold words of 32 bits",
        "Draw random numbers outside the program, and pass them to it.",
      );
    }
    const isMovement = placement === "movement";
    const isWritten = placement === "inline" || isMovement;
    if (placement === undefined || isWritten !== name in printers) throw unknown(name);
    if (placement === "loop" && !(name in loopPrinters)) throw unknown(name);
    if (!isWritten) {
      stored.add(ref);
      // A loop reads its arguments repeatedly, so they are computed once and stored.
      for (const input of equation.inputs) {
        if (placement === "host" || !isMoved(graph, input)) stored.add(input);
        // When packed, transpose once: reading down a column would use only one element of each texel.
        if (packs && name === "matmul" && producer(graph, input) === "transpose") stored.add(input);
      }
    }
    if (name === "gather" || name === "scatterAdd") stored.add(equation.inputs[1]!);
    for (let read = sourcesOf(equation.inputs); ; read = sourcesOf(equation.inputs)) {
      sources.set(ref, read);
      const count = (input: Ref): number => (stored.has(input) ? 0 : sources.get(input)!.size);
      const widest = equation.inputs.reduce((a, b) => (count(b) > count(a) ? b : a));
      if (read.size <= maxSources || count(widest) <= 1) break;
      stored.add(widest);
    }
    const cost = isMovement ? 0 : 1;
    const total = equation.inputs.reduce(
      (sum, input) => sum + (stored.has(input) ? 0 : (operations.get(input) ?? 0)),
      cost,
    );
    operations.set(ref, total);
    if (!isMovement && ((readers.get(ref) ?? 0) > 1 || total > maxOperations)) stored.add(ref);
  });
  return stored;
}

function isMoved(graph: Graph, ref: Ref): boolean {
  const name = producer(graph, ref);
  return name !== undefined && placements[name] === "movement";
}

function producer(graph: Graph, ref: Ref): PrimitiveName | undefined {
  return graph.equations[ref - refOfEquation(graph, 0)]?.primitive.name as PrimitiveName | undefined;
}

function countReaders(graph: Graph): Map<Ref, number> {
  const readers = new Map<Ref, number>();
  for (const { inputs } of graph.equations)
    for (const ref of inputs) readers.set(ref, (readers.get(ref) ?? 0) + 1);
  return readers;
}

function unknown(name: string): UnsupportedError {
  return new UnsupportedError(
    name,
    "the gpu backend has no kernel for it",
    "Use the wasm or the reference backend.",
  );
}
