/**
 * `@sgmrl/autodiff/gpu`: graphs as gpu.js kernels. gpu.js is an optional peer, loaded when a backend is opened.
 *
 * Installing gpu.js also brings an 84 MB WebGPU addon and a native OpenGL build, which nothing here uses; a project can
 * leave them out with its package manager's overrides of `webgpu` and `gl`.
 */

import type { Backend } from "../backend.ts";
import { compileGraph } from "./compile.ts";
import { type GpuMode, openDevice } from "./device.ts";
import { functions } from "./functions.ts";

export type { GpuMode } from "./device.ts";

/**
 * A backend on a device of gpu.js. Float32 only. Never chosen silently: without a real graphics card it is a third,
 * independent executor of the same graphs, and slower than the wasm backend.
 */
export async function openGpu({ mode }: { readonly mode: GpuMode }): Promise<Backend> {
  const device = await openDevice({ mode, functions });
  return { name: `gpu (${mode})`, compile: (graph) => compileGraph(device, graph) };
}
