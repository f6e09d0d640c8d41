import type { NdArray } from "../../array/ndarray.ts";
import { NonFiniteError } from "../../errors.ts";
import { type Equation, type Graph, refOfEquation } from "../../trace/graph.ts";
import type { Backend } from "../backend.ts";
import { evaluatePrimitive } from "./kernels.ts";

/** Plain loops over typed arrays: the definition that other backends are tested against. */
export const reference: Backend = {
  name: "reference",
  compile: (graph) => (inputs) => run(graph, inputs, () => {}),
};

/** The reference, stopping at the first primitive whose result holds a NaN or an infinity. */
export const checkedReference: Backend = {
  name: "checked reference",
  compile: (graph) => (inputs) => run(graph, inputs, requireFinite),
};

type Check = (output: NdArray, inputs: readonly NdArray[], equation: Equation, index: number) => void;

function run(graph: Graph, inputs: readonly NdArray[], check: Check): NdArray[] {
  const values: (NdArray | undefined)[] = [...inputs, ...graph.constants];
  const released = releases(graph);
  graph.equations.forEach((equation, i) => {
    const xs = equation.inputs.map((ref) => values[ref]!);
    const y = evaluatePrimitive(equation.primitive, xs, equation.params);
    check(y, xs, equation, i);
    values.push(y);
    for (const ref of released[i]!) values[ref] = undefined;
  });
  return graph.outputs.map((ref) => values[ref]!);
}

/** For every equation, the values that are not needed after it, so that their memory can go. */
function releases(graph: Graph): number[][] {
  const last = new Map<number, number>();
  graph.equations.forEach(({ inputs }, i) => {
    for (const ref of inputs) last.set(ref, i);
  });
  const released: number[][] = graph.equations.map(() => []);
  const first = refOfEquation(graph, 0);
  for (const [ref, i] of last) if (ref >= first && !graph.outputs.includes(ref)) released[i]!.push(ref);
  return released;
}

function requireFinite(
  output: NdArray,
  inputs: readonly NdArray[],
  { primitive }: Equation,
  index: number,
): void {
  const at = output.data.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  const shapes = inputs.map((x) => `[${x.shape.join(", ")}]`).join(", ");
  throw new NonFiniteError(
    primitive.name,
    `every result must be finite; equation ${index} gave ${output.data[at]} at element ${at}, from inputs ${shapes}`,
    "Look at the equation with show, and at its inputs.",
  );
}
