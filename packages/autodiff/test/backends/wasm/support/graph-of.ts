import type { Backend } from "../../../../src/backends/backend.ts";
import { compile, type NdArray } from "../../../../src/index.ts";
import type { Graph } from "../../../../src/trace/graph.ts";

/** The graph a backend is handed for f at arguments of these types. */
export function graphOf(f: (...xs: NdArray[]) => NdArray, ...args: NdArray[]): Graph {
  let seen: Graph | undefined;
  const spy: Backend = {
    name: "spy",
    compile: (graph) => {
      seen = graph;
      return (inputs) => graph.outputs.map(() => inputs[0]!);
    },
  };
  compile(f, { backend: spy })(...args);
  return seen!;
}
