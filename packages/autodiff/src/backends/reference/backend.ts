import { Bundle } from "../../array/bundle.ts";
import { copied, type NdArray } from "../../array/ndarray.ts";
import { NonFiniteError } from "../../errors.ts";
import type { Equation } from "../../trace/graph.ts";
import type { Backend } from "../backend.ts";
import { runGraph } from "./kernels.ts";

/** Plain loops over typed arrays: the definition that other backends are tested against. */
export const reference: Backend = {
  name: "reference",
  compile: (graph) => (inputs) => owned(runGraph(graph, inputs), [...inputs, ...graph.constants]),
};

/** The reference, stopping at the first primitive whose result holds a NaN or an infinity. */
export const checkedReference: Backend = {
  name: "checked reference",
  compile: (graph) => (inputs) =>
    owned(runGraph(graph, inputs, requireFinite), [...inputs, ...graph.constants]),
};

/** Copies results that share memory with an argument, a constant or another result. */
function owned(results: readonly NdArray[], others: readonly NdArray[]): NdArray[] {
  const taken = new Set(others.map(({ data }) => data.buffer));
  return results.map((result) => {
    if (taken.has(result.data.buffer)) return copied(result);
    taken.add(result.data.buffer);
    return result;
  });
}

function requireFinite(
  output: NdArray,
  inputs: readonly NdArray[],
  { primitive }: Equation,
  index: number,
): void {
  if (output instanceof Bundle) return; // its parts are checked when they are taken out
  const at = output.data.findIndex((value) => !Number.isFinite(value));
  if (at === -1) return;
  const shapes = inputs.map((x) => `[${x.shape.join(", ")}]`).join(", ");
  throw new NonFiniteError(
    primitive.name,
    `every result must be finite; equation ${index} gave ${output.data[at]} at element ${at}, from inputs ${shapes}`,
    "Look at the equation with show, and at its inputs.",
  );
}
