/**
 * `@sgmrl/autodiff/gpu`: graphs as gpu.js kernels. gpu.js is an optional peer, loaded when a backend is opened.
 *
 * Installing gpu.js also installs an 84 MB WebGPU addon and a native OpenGL build, which nothing here uses; a
 * project can exclude them by overriding `webgpu` and `gl` in its package manager.
 */

import { oneOf, optionsOf } from "../../options.ts";
import type { AsyncBackend, Backend } from "../backend.ts";
import { Program } from "./compile.ts";
import { type GpuMode, openDevice } from "./device.ts";
import { functions } from "./functions.ts";
import { later, now } from "./resident.ts";

export type { GpuMode } from "./device.ts";

/**
 * A backend that runs on gpu.js, in float32 only. It is never chosen by default: without a real graphics card
 * it only serves as a third, independent implementation, and is slower than the wasm backend.
 *
 * WebGPU returns promises, so its backend works with `compileAsync` and `iterateAsync` only.
 */
export async function openGpu(options: { readonly mode: "webgpu" }): Promise<AsyncBackend>;
export async function openGpu(options: { readonly mode: Exclude<GpuMode, "webgpu"> }): Promise<Backend>;
export async function openGpu(options: { readonly mode: GpuMode }): Promise<Backend | AsyncBackend> {
  const modes = { ...oneOf("webgl2", "webgpu", "webasm", "cpu"), required: true };
  const { mode } = optionsOf("openGpu", options, { mode: modes });
  const device = await openDevice({ mode, functions });
  const name = `gpu (${mode})`;
  if (mode === "webgpu") {
    return {
      name,
      compile: (graph) => {
        const program = new Program(device, graph);
        return (inputs) => later(program.run(inputs));
      },
      compileLoop: (graph) => {
        const program = new Program(device, graph);
        return (inputs, steps) => later(program.loop(inputs, steps));
      },
    };
  }
  return {
    name,
    compile: (graph) => {
      const program = new Program(device, graph);
      return (inputs) => now(program.run(inputs));
    },
    compileLoop: (graph) => {
      const program = new Program(device, graph);
      return (inputs, steps) => now(program.loop(inputs, steps));
    },
  };
}
