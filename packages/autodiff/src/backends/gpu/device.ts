/**
 * The one door to gpu.js: what is used of it, with types of its own, loaded only when asked for.
 *
 * gpu.js turns the source text of a JavaScript function into a fragment shader (WebGL2), into WebAssembly or into plain
 * JavaScript. Kernels are handed over as text, never as functions, so that bundlers and minifiers cannot change them.
 */

import { UnsupportedError } from "../../errors.ts";

/** `webgl2`: the graphics card (or its emulation); `webasm`, `cpu`: gpu.js's own WebAssembly and JavaScript. */
export type GpuMode = "webgl2" | "webasm" | "cpu";

/** What a kernel reads and writes: numbers on this side, or a texture that stays on the device. */
export type Buffer = Float32Array | Texture;

export interface Texture {
  toArray(): Float32Array;
}

/** Computes one array; each argument is a Buffer. */
export type DeviceKernel = (...args: readonly Buffer[]) => Buffer;

export interface Device {
  readonly mode: GpuMode;
  /** A kernel of `size` elements from the text of a function of `this.thread.x`. */
  kernel(source: string, size: number): DeviceKernel;
}

interface GpuJsKernel {
  (...args: readonly Buffer[]): Buffer;
  readonly kernel: { readonly fallbackReason?: string | null };
}

interface GpuJs {
  readonly mode: string;
  createKernel(source: string, settings: object): GpuJsKernel;
  addFunction(source: string, settings: object): void;
}

export interface DeviceOptions {
  readonly mode: GpuMode;
  /** Source text of functions that kernels may call: name -> text. */
  readonly functions: Readonly<Record<string, string>>;
}

export async function openDevice({ mode, functions }: DeviceOptions): Promise<Device> {
  const gpu = await load(mode);
  for (const source of Object.values(functions)) {
    const count = source.slice(source.indexOf("("), source.indexOf(")")).split(",").length;
    const argumentTypes = Array.from({ length: count }, () => "Number");
    gpu.addFunction(source, { argumentTypes, returnType: "Number" });
  }
  return {
    mode,
    kernel(source, size) {
      const kernel = gpu.createKernel(source, {
        output: [size],
        precision: "single",
        // Results stay on the device until somebody asks for the numbers.
        pipeline: true,
        immutable: false,
      });
      return (...args) => {
        const result = kernel(...args);
        if (kernel.kernel.fallbackReason) {
          throw new UnsupportedError(
            "gpu",
            `gpu.js left ${mode}: ${kernel.kernel.fallbackReason}`,
            "Choose another mode.",
          );
        }
        return result;
      };
    },
  };
}

async function load(mode: GpuMode): Promise<GpuJs> {
  let imported: { readonly GPU?: new (settings: object) => GpuJs; readonly default?: unknown };
  try {
    // gpu.js declares its own types, which need the browser's library; GpuJs above is what is used of it.
    imported = (await import("gpu.js" as string)) as typeof imported;
  } catch {
    throw new UnsupportedError("gpu", "the package gpu.js is not installed", "Run `npm install gpu.js`.");
  }
  const exported = imported.GPU ?? (imported.default as typeof imported | undefined)?.GPU;
  if (exported === undefined)
    throw new UnsupportedError("gpu", "gpu.js exports no GPU", "Install gpu.js 2.24 or later.");
  try {
    return new exported({ mode });
  } catch (error) {
    throw new UnsupportedError(
      "gpu",
      `mode ${mode} is not available here (${String(error)})`,
      "Choose another mode.",
    );
  }
}

export function numbersOf(buffer: Buffer): Float32Array {
  return buffer instanceof Float32Array ? buffer : buffer.toArray();
}
