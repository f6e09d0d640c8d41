/** `@sgmrl/autodiff/wasm`: graphs compiled to WebAssembly with 128-bit vectors. */

import type { Backend } from "../backend.ts";
import { compileGraph } from "./compile.ts";

/**
 * Runs every graph as one WebAssembly module emitted for it. Strict arithmetic: the same inputs give the same bits on
 * every machine (the payload of a NaN excepted, which WebAssembly leaves open).
 */
export const wasm: Backend = { name: "wasm", compile: compileGraph };
