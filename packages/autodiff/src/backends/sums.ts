import { isFloat } from "../array/ndarray.ts";
import { type Equation, type Graph, type Ref, refOfEquation } from "../trace/graph.ts";

/** The body of a loop, and which of its carried values are sums. */
export interface Sums {
  /** The same program, which returns the addends δ_t in place of the sums. */
  readonly graph: Graph;
  readonly isSum: readonly boolean[];
}

const known = new WeakMap<Graph, Sums>();

/**
 * Finds the carried values that a step only adds to, c_{t+1} = c_t + δ_t: those that nothing else reads, neither
 * before nor after the addition. The cotangents of values fixed in a loop are such sums, [eq:scan-vjp]. Backends
 * accumulate them like other sums, in float64.
 */
export function sumsOf(graph: Graph, carries: number): Sums {
  const before = known.get(graph);
  if (before !== undefined) return before;
  const first = refOfEquation(graph, 0);
  const uses = new Map<Ref, number>();
  for (const ref of [...graph.outputs, ...graph.equations.flatMap(({ inputs }) => inputs)])
    uses.set(ref, (uses.get(ref) ?? 0) + 1);
  const addends = graph.outputs.slice(0, carries).map((output, carry) => {
    const equation = graph.equations[output - first];
    if (equation === undefined || !addsFloats(equation)) return undefined;
    if (uses.get(output) !== 1 || uses.get(carry) !== 1) return undefined;
    const [x, y] = equation.inputs;
    if (x === carry) return y;
    return y === carry ? x : undefined;
  });
  const sums: Sums = {
    graph: { ...graph, outputs: graph.outputs.map((output, i) => addends[i] ?? output) },
    isSum: graph.outputs.map((_, i) => addends[i] !== undefined),
  };
  known.set(graph, sums);
  return sums;
}

function addsFloats({ primitive, type }: Equation): boolean {
  return primitive.name === "add" && primitive.expand === undefined && isFloat(type.dtype);
}
