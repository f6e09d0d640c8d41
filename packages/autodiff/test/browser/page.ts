/** Runs inside the browser's page: every primitive and random graphs, on WebGL2, WebGPU and wasm, against the reference. */

import fc from "fast-check";
import { openGpu } from "../../src/backends/gpu/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import {
  add,
  array,
  compile,
  compileAsync,
  exp,
  iterate,
  iterateAsync,
  log,
  logSumExp,
  matrixTranspose,
  mul,
  type NdArray,
  reference,
  sum,
  tanh,
} from "../../src/index.ts";
import { distance, eighths } from "../backends/support/distance.ts";
import { cases, sizeOf } from "../backends/support/primitive-cases.ts";
import { build, derived, matrix, recipe } from "../backends/support/random-graphs.ts";

export interface PageReport {
  readonly webgl: string;
  /** The adapter's name, or why there is none. */
  readonly webgpu: { readonly adapter: string } | { readonly missing: string };
  /** Largest distance from the reference, by backend and subject; null stands for not finite. */
  readonly distances: readonly {
    readonly backend: string;
    readonly subject: string;
    readonly distance: number | null;
  }[];
  /** Values at the places where graphics cards go wrong, as text, by backend. */
  readonly traps: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** How many of WebGL2's shaders may compute in less than float32. */
  readonly imprecise: number;
  /** A loop of 50 steps: x_50 by backend, and how many times WebGL2 read numbers back. */
  readonly loop: { readonly results: Readonly<Record<string, readonly number[]>>; readonly reads: number };
}

type Function = (...xs: NdArray[]) => NdArray[];
type Step = (x: NdArray, given: NdArray) => NdArray;

/** A backend of either kind, all of it promised. */
interface Runner {
  run(f: Function, ...xs: NdArray[]): Promise<NdArray[]>;
  loop(step: Step, x: NdArray, given: NdArray, steps: number): Promise<NdArray>;
}

const dtype = "float32";

async function openRunners(): Promise<{
  readonly runners: Record<string, Runner>;
  readonly webgpu: PageReport["webgpu"];
}> {
  const runners: Record<string, Runner> = {};
  for (const backend of [await openGpu({ mode: "webgl2" }), wasm]) {
    runners[backend.name] = {
      run: async (f, ...xs) => compile(f, { backend, dtype })(...xs),
      loop: async (step, ...rest) => iterate(step, { backend, dtype })(...rest),
    };
  }
  try {
    const backend = await openGpu({ mode: "webgpu" });
    runners[backend.name] = {
      run: (f, ...xs) => compileAsync(f, { backend, dtype })(...xs),
      loop: (step, ...rest) => iterateAsync(step, { backend, dtype })(...rest),
    };
  } catch (error) {
    return { runners, webgpu: { missing: String(error) } };
  }
  const { info } = (await navigator.gpu!.requestAdapter())!; // an adapter has answered
  return { runners, webgpu: { adapter: `${info.vendor} ${info.architecture}` } };
}

async function report(randomGraphs: number): Promise<PageReport> {
  const { runners, webgpu } = await openRunners();
  imprecise = 0; // gpu.js has tried the card with kernels of its own
  const distances: { backend: string; subject: string; distance: number }[] = [];
  const traps: Record<string, Record<string, string[]>> = {};
  const results: Record<string, number[]> = {};
  let reads = 0;
  for (const [backend, runner] of Object.entries(runners)) {
    const against = async (f: Function, ...xs: NdArray[]): Promise<number> => {
      const expected = compile(f, { backend: reference })(...xs);
      const computed = await runner.run(f, ...xs);
      return Math.max(...expected.map((y, i) => distance(computed[i]!, y)));
    };
    for (const [subject, list] of Object.entries(cases)) {
      let worst = 0;
      for (const [seed, each] of list.entries()) {
        const { f, inputs, prepare = (x: number) => x } = each;
        if (each.needsFloat64 || each.needsWords) continue;
        const xs = inputs.map((shape, k) =>
          array(new Float32Array(eighths(sizeOf(shape), 31 * seed + k).map(prepare)), shape),
        );
        worst = Math.max(worst, await against((...ys) => [f(...ys)], ...xs));
      }
      distances.push({ backend, subject, distance: worst });
    }
    for (const [subject, derive] of Object.entries(derived)) {
      let worst = 0;
      const programs = fc.sample(fc.tuple(recipe, fc.nat(1000)), { numRuns: randomGraphs, seed: 1 });
      for (const [k, [program, seed]] of programs.entries()) {
        const f = derive(build(program));
        const columns = k % 2 === 0 ? 8 : 6; // rows of whole texels, and not
        const inputs = [0, 1, 2].map((i) => matrix(seed + i, columns));
        worst = Math.max(worst, await against((a, b, v) => f(a!, b!, v!), ...inputs));
      }
      distances.push({ backend, subject: `random graphs, ${subject}`, distance: worst });
    }
    for (const shape of [
      [3000, 4],
      [3000, 3],
    ]) {
      const x = array(new Float32Array(eighths(sizeOf(shape), 1)), shape);
      const distance = await against((y) => [sum(tanh(y!), 0), tanh(matrixTranspose(y!))], x);
      distances.push({ backend, subject: `more rows than a texture has, ${shape[1]} columns`, distance });
    }
    const on = async (f: (x: NdArray) => NdArray, xs: number[]): Promise<string[]> =>
      Array.from((await runner.run((x) => [f(x!)], array(Float32Array.from(xs))))[0]!.data, String);
    traps[backend] = {
      "sum of 3,000 ones": await on((x) => sum(x), new Array<number>(3000).fill(1)),
      "log of 0, -1, 1": await on((x) => log(x), [0, -1, 1]),
      "exp of -200, 200": await on((x) => exp(x), [-200, 200]),
      "tanh of 90, -200, 1e-6": await on((x) => tanh(x), [90, -200, 1e-6]),
      "logSumExp of 1000, 1000": await on((x) => logSumExp(x), [1000, 1000]),
    };
    const before = readBacks;
    const end = await runner.loop((x, c) => add(mul(0.5, x), c), array([1, 8]), array([1, 2]), 50);
    results[backend] = [...end.data];
    reads += readBacks - before;
  }
  return { webgl: rendererName(), webgpu, distances, traps, imprecise, loop: { results, reads } };
}

let readBacks = 0;
let imprecise = 0;

/** Counts how often numbers are read back from WebGL2, and shaders of low precision. */
function watchWebGl(): void {
  const { prototype } = WebGL2RenderingContext;
  const { readPixels, shaderSource } = prototype;
  prototype.readPixels = function (...args) {
    readBacks++;
    return readPixels.apply(this, args);
  };
  prototype.shaderSource = function (shader, source) {
    if (/\b(lowp|mediump)\b/.test(source)) imprecise++;
    return shaderSource.call(this, shader, source);
  };
}

function rendererName(): string {
  const gl = document.createElement("canvas").getContext("webgl2");
  return gl === null ? "none" : String(gl.getParameter(gl.VERSION));
}

// What this page uses of the browser's library, which the package's types do not include.
declare const document: {
  createElement(name: "canvas"): {
    getContext(name: "webgl2"): { getParameter(name: number): unknown; readonly VERSION: number } | null;
  };
};
declare const navigator: {
  readonly gpu?: {
    requestAdapter(): Promise<{
      readonly info: { readonly vendor: string; readonly architecture: string };
    } | null>;
  };
};
declare const WebGL2RenderingContext: {
  readonly prototype: {
    readPixels(this: unknown, ...args: unknown[]): void;
    shaderSource(this: unknown, shader: unknown, source: string): void;
  };
};

watchWebGl();
Object.assign(globalThis, { report });
