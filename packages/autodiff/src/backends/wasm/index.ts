/** `@sgmrl/autodiff/wasm`: graphs compiled to WebAssembly with 128-bit vectors. */

import type { Backend, Executable } from "../backend.ts";
import { compileGraph, createArena } from "./compile.ts";
import { graphKey } from "./graph-key.ts";

/**
 * Runs every graph as one WebAssembly module emitted for it. Strict arithmetic: the same inputs give the same bits on
 * every machine (the payload of a NaN excepted, which WebAssembly leaves open).
 *
 * Equal graphs compiled by one backend share their module, so a program is emitted once per thread however often its
 * function is compiled anew; and all of a backend's programs share one memory. An executable runs to its end before it
 * returns and copies its results out, so sharing cannot be seen.
 */
export function createWasmBackend(): Backend {
  const executables = new Map<string, Executable>();
  const arena = createArena();
  return {
    name: "wasm",
    compile: (graph) => {
      const key = graphKey(graph);
      if (key === undefined) return compileGraph(graph, arena);
      const executable = executables.get(key) ?? compileGraph(graph, arena);
      executables.set(key, executable);
      return executable;
    },
  };
}

export const wasm: Backend = createWasmBackend();
