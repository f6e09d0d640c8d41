import { copied, type NdArray } from "../../array/ndarray.ts";
import type { Backend } from "../backend.ts";
import { runChecked } from "./check-finite.ts";
import { runGraph } from "./kernels.ts";

/** Plain loops over typed arrays: the definition that other backends are tested against. */
export const reference: Backend = {
  name: "reference",
  compile: (graph) => (inputs) => owned(runGraph(graph, inputs), [...inputs, ...graph.constants]),
};

/** The reference, refusing results that hold a NaN or an infinity. */
export const checkedReference: Backend = {
  name: "checked reference",
  compile: (graph) => (inputs) => owned(runChecked(graph, inputs), [...inputs, ...graph.constants]),
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
