/** `@sgmrl/autodiff/wasm`: graphs compiled to WebAssembly with 128-bit vectors. */

import { UnsupportedError } from "../../errors.ts";
import { oneOf, optionsOf } from "../../options.ts";
import { Recent } from "../../recent.ts";
import type { Backend, Executable, StagedExecutable } from "../backend.ts";
import { FunctionBuilder } from "./assembler/function.ts";
import { assembleModule } from "./assembler/module.ts";
import { type Arena, compileGraph, createArena } from "./compile.ts";
import { type Arithmetic, float32Lanes, lanesWith } from "./elementary/lanes.ts";
import { graphKey } from "./graph-key.ts";
import { isSupported } from "./host.ts";
import { compileStagedGraph } from "./stages.ts";

export type { Arithmetic } from "./elementary/lanes.ts";

export interface WasmOptions {
  /** How matrix products round (default strict). */
  readonly arithmetic?: Arithmetic;
}

/**
 * Runs every graph as one WebAssembly module emitted for it. Strict arithmetic: the same inputs give the same bits on
 * every machine (the payload of a NaN excepted, which WebAssembly leaves open).
 *
 * Equal graphs compiled by one backend share a module (the last 256 are cached), so a program is emitted once
 * per thread however often its function is recompiled. All programs of a backend share one memory, and those in two
 * stages a second one. An executable runs to completion and copies its results out before it returns, so callers cannot
 * observe the sharing.
 */
export function createWasmBackend(options: WasmOptions = {}): Backend {
  const known = { arithmetic: oneOf("strict", "relaxed") };
  const { arithmetic = "strict" } = optionsOf("createWasmBackend", options, known);
  if (arithmetic === "relaxed") requireRelaxed();
  const executables = new Recent<string, Executable>(256);
  const staged = new Recent<string, StagedExecutable>(256);
  const arena = createArena();
  let staying: Arena | undefined;
  return {
    name: arithmetic === "relaxed" ? "wasm (relaxed)" : "wasm",
    compile: (graph) => once(executables, graphKey(graph), () => compileGraph(graph, arena, arithmetic)),
    compileStages: (graph, known, now) => {
      staying ??= createArena();
      const memory = staying;
      const key = graphKey(graph);
      return once(staged, key && `${known} ${now} ${key}`, () =>
        compileStagedGraph(graph, known, now, memory, arithmetic),
      );
    },
  };
}

/** What was made under this key, or else what `make` makes. */
function once<T>(known: Recent<string, T>, key: string | undefined, make: () => T): T {
  if (key === undefined) return make();
  const made = known.get(key) ?? make();
  known.set(key, made);
  return made;
}

function requireRelaxed(): void {
  const fn = new FunctionBuilder("probe", []);
  const one = float32Lanes.constant(1);
  fn.let(lanesWith("relaxed").float32.mulAdd(one, one, one));
  if (isSupported(assembleModule({ exports: [fn], memoryPages: 1 }))) return;
  throw new UnsupportedError(
    "wasm",
    "this host has no relaxed SIMD instructions",
    'Leave `arithmetic` at "strict".',
  );
}

export const wasm: Backend = createWasmBackend();
