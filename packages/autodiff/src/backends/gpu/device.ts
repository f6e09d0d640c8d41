/**
 * The only module that touches gpu.js: declares the parts we use and loads the library on demand.
 *
 * gpu.js turns the source text of a JavaScript function into a shader (WebGL2, WebGPU), into WebAssembly or into plain
 * JavaScript. Kernels are passed as text, never as functions, so that bundlers and minifiers cannot change
 * them.
 */

import { UnsupportedError } from "../../errors.ts";
import { Recent } from "../../recent.ts";
import type { Layout } from "./layout.ts";

/** `webgl2`, `webgpu`: the graphics card (or its emulation); `webasm`, `cpu`: gpu.js's own WebAssembly and JavaScript. */
export type GpuMode = "webgl2" | "webgpu" | "webasm" | "cpu";

/** What a kernel reads and writes: numbers in host memory, or device memory. */
export type Buffer = Float32Array | DeviceMemory;

export interface DeviceMemory {
  toArray(): Promised<Numbers>;
  delete(): void;
}

/** gpu.js returns rows and texels as nested arrays. */
type Numbers = Float32Array | readonly Numbers[];

/** In mode webgpu every result is a promise. */
export type Promised<T> = T | Promise<T>;

/** Computes one array into newly allocated memory; each argument is a Buffer. */
export type DeviceKernel = (...args: readonly Buffer[]) => Promised<Buffer>;

export interface Device {
  readonly mode: GpuMode;
  /** Whether a texel holds four neighbouring elements; see layout.ts. */
  readonly packs: boolean;
  /**
   * A kernel that computes one array from others. `source` is the text of a function of `this.thread.x`, the
   * texel's column, and `this.thread.y`, its row. Kernels are cached by text and layouts, because compiling
   * is the slowest operation on a graphics card.
   */
  kernel(source: string, output: Layout, inputs: readonly Layout[]): DeviceKernel;
  /** Copies numbers to the device. */
  upload(numbers: Float32Array, layout: Layout): Promised<Buffer>;
  /** Copies numbers back from the device. */
  read(memory: DeviceMemory, size: number): Promised<Float32Array>;
}

interface GpuJsKernel {
  (...args: readonly Buffer[]): Promised<Buffer>;
  readonly kernel: { readonly fallbackReason?: string | null };
}

interface GpuJs {
  readonly mode: string;
  createKernel(source: string, settings: object): GpuJsKernel;
  addFunction(source: string, settings: object): void;
  addNativeFunction(name: string, source: string, settings: object): void;
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
  const packs = mode === "webgl2";
  if (packs) addFetches(gpu);
  const kernels = new Recent<string, DeviceKernel>(1024);
  const kernel: Device["kernel"] = (source, output, inputs) => {
    const key = JSON.stringify([source, output, inputs]);
    const known = kernels.get(key);
    if (known !== undefined) return known;
    const made = createKernel(gpu, mode, source, output);
    kernels.set(key, made);
    return made;
  };
  const isHost = mode === "cpu" || mode === "webasm";
  return {
    mode,
    packs,
    kernel,
    upload: (numbers, layout) =>
      isHost || numbers.length === 0 ? numbers : kernel(copy(layout), layout, [])(numbers),
    read: (memory, size) => {
      const numbers = memory.toArray();
      return numbers instanceof Promise ? numbers.then((x) => flat(x, size)) : flat(numbers, size);
    },
  };
}

/**
 * gpu.js locates texel i of a texture by an integer division of i by the texture's width, which takes as long
 * as the fetch itself. These functions take the texel's two coordinates instead.
 */
function addFetches(gpu: GpuJs): void {
  const args = "sampler2D t, ivec2 size, ivec3 extents, float x, float y"; // gpu.js passes a texture as the first three
  gpu.addNativeFunction("texel", `vec4 texel(${args}) { return texture(t, vec2(x, y)); }`, {
    argumentTypes: ["ArrayTexture(4)", "Number", "Number"],
    returnType: "Array(4)",
  });
  gpu.addNativeFunction("element", `float element(${args}) { return texture(t, vec2(x, y)).r; }`, {
    argumentTypes: ["ArrayTexture(1)", "Number", "Number"],
    returnType: "Number",
  });
}

function copy({ lanes, columns, rows }: Layout): string {
  const texel = rows === 1 ? "this.thread.x" : `this.thread.y * ${columns} + this.thread.x`;
  const element = (lane: number): string => (lanes === 1 ? "numbers[i]" : `numbers[4 * i + ${lane}]`);
  const result = lanes === 1 ? element(0) : `[${[0, 1, 2, 3].map(element).join(", ")}]`;
  return `function (numbers) { const i = ${texel}; return ${result}; }`;
}

function flat(numbers: Numbers, size: number): Float32Array {
  if (numbers instanceof Float32Array) return numbers;
  const all = new Float32Array(size);
  let end = 0;
  const append = (part: Numbers): void => {
    if (part instanceof Float32Array) {
      all.set(part, end);
      end += part.length;
    } else {
      part.forEach(append);
    }
  };
  append(numbers);
  return all;
}

function createKernel(gpu: GpuJs, mode: GpuMode, source: string, { columns, rows }: Layout): DeviceKernel {
  const kernel = gpu.createKernel(source, {
    output: rows === 1 ? [columns] : [columns, rows],
    precision: "single",
    // Otherwise gpu.js chooses 16-bit precision wherever it suffices to count the texels.
    tactic: "precision",
    // Results stay on the device until they are read, each in its own memory.
    pipeline: true,
    immutable: true,
    // Our kernels round quotients themselves; gpu.js's check of every division costs more than the division.
    fixIntegerDivisionAccuracy: false,
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
    // gpu.js's own types need the browser's library, so GpuJsClass above declares the part we use.
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
