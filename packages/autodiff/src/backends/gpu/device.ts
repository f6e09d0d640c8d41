/**
 * The one door to gpu.js: what is used of it, with types of its own, loaded only when asked for.
 *
 * gpu.js turns the source text of a JavaScript function into a shader (WebGL2, WebGPU), into WebAssembly or into plain
 * JavaScript. Kernels are handed over as text, never as functions, so that bundlers and minifiers cannot change them.
 */

import { UnsupportedError } from "../../errors.ts";

/** `webgl2`, `webgpu`: the graphics card (or its emulation); `webasm`, `cpu`: gpu.js's own WebAssembly and JavaScript. */
export type GpuMode = "webgl2" | "webgpu" | "webasm" | "cpu";

/** What a kernel reads and writes: numbers on this side, or memory of the device. */
export type Buffer = Float32Array | DeviceMemory;

export interface DeviceMemory {
  toArray(): Float32Array | Promise<Float32Array>;
  delete(): void;
}

/** In mode webgpu, everything is promised. */
export type Promised<T> = T | Promise<T>;

/** Computes one array into memory of its own; each argument is a Buffer. */
export type DeviceKernel = (...args: readonly Buffer[]) => Promised<Buffer>;

export interface Device {
  readonly mode: GpuMode;
  /**
   * A kernel of `size` elements from the text of a function of `this.thread.x` and of arrays of the given sizes. Made
   * once for a text and its sizes: compiling is what takes a graphics card longest.
   */
  kernel(source: string, size: number, argumentSizes: readonly number[]): DeviceKernel;
  /** Brings numbers to the device. */
  upload(numbers: Float32Array): Promised<Buffer>;
}

interface GpuJsKernel {
  (...args: readonly Buffer[]): Promised<Buffer>;
  readonly kernel: { readonly fallbackReason?: string | null };
}

interface GpuJs {
  readonly mode: string;
  createKernel(source: string, settings: object): GpuJsKernel;
  addFunction(source: string, settings: object): void;
}

interface GpuJsClass {
  new (settings: object): GpuJs;
  isWebGPUAvailable(): Promise<boolean>;
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
  const kernels = new Map<string, DeviceKernel>();
  const kernel: Device["kernel"] = (source, size, argumentSizes) => {
    const key = `${size} ${argumentSizes.join()} ${source}`;
    const known = kernels.get(key);
    if (known !== undefined) return known;
    const made = createKernel(gpu, mode, source, size);
    kernels.set(key, made);
    return made;
  };
  const copy = "function (numbers) { return numbers[this.thread.x]; }";
  const isHost = mode === "cpu" || mode === "webasm";
  return {
    mode,
    kernel,
    upload: (numbers) =>
      isHost || numbers.length === 0 ? numbers : kernel(copy, numbers.length, [numbers.length])(numbers),
  };
}

function createKernel(gpu: GpuJs, mode: GpuMode, source: string, size: number): DeviceKernel {
  const kernel = gpu.createKernel(source, {
    output: [size],
    precision: "single",
    // Results stay on the device until somebody asks for the numbers, each in memory of its own.
    pipeline: true,
    immutable: true,
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
}

async function load(mode: GpuMode): Promise<GpuJs> {
  let imported: { readonly GPU?: GpuJsClass; readonly default?: unknown };
  try {
    // gpu.js declares its own types, which need the browser's library; GpuJsClass above is what is used of it.
    imported = (await import("gpu.js" as string)) as typeof imported;
  } catch {
    throw new UnsupportedError("gpu", "the package gpu.js is not installed", "Run `npm install gpu.js`.");
  }
  const exported = imported.GPU ?? (imported.default as typeof imported | undefined)?.GPU;
  if (exported === undefined)
    throw new UnsupportedError("gpu", "gpu.js exports no GPU", "Install gpu.js 2.24 or later.");
  if (mode === "webgpu" && !(await exported.isWebGPUAvailable())) {
    throw new UnsupportedError(
      "gpu",
      "mode webgpu needs a WebGPU adapter, and none answers here",
      "Use a browser with WebGPU, or mode webgl2.",
    );
  }
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
