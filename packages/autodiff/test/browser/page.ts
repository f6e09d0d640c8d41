/** Runs inside the browser's page: every primitive and random graphs, on WebGL2 and on wasm, against the reference. */

import fc from "fast-check";
import { openGpu } from "../../src/backends/gpu/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import {
  array,
  type Backend,
  compile,
  exp,
  log,
  logSumExp,
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
  readonly backends: readonly string[];
  /** Largest distance from the reference, by backend and subject; null stands for not finite. */
  readonly distances: readonly {
    readonly backend: string;
    readonly subject: string;
    readonly distance: number | null;
  }[];
  /** Values on WebGL2 at the places where graphics cards go wrong, as text. */
  readonly traps: Readonly<Record<string, readonly string[]>>;
  readonly failure?: string;
}

async function report(randomGraphs: number): Promise<PageReport> {
  const gpu = await openGpu({ mode: "webgl2" });
  const backends: Readonly<Record<string, Backend>> = { webgl2: gpu, wasm };
  const distances: { backend: string; subject: string; distance: number }[] = [];
  for (const [name, backend] of Object.entries(backends)) {
    for (const [subject, list] of Object.entries(cases)) {
      let worst = 0;
      list.forEach(({ f, inputs, prepare = (x: number) => x, needsFloat64 = false }, seed) => {
        if (needsFloat64) return;
        const xs = inputs.map((shape, k) =>
          array(new Float32Array(eighths(sizeOf(shape), 31 * seed + k).map(prepare)), shape),
        );
        worst = Math.max(worst, distance(compile(f, { backend })(...xs), compile(f)(...xs)));
      });
      distances.push({ backend: name, subject, distance: worst });
    }
    for (const [subject, derive] of Object.entries(derived)) {
      let worst = 0;
      for (const [program, seed] of fc.sample(fc.tuple(recipe, fc.nat(1000)), {
        numRuns: randomGraphs,
        seed: 1,
      })) {
        const f = derive(build(program));
        const args = [matrix(seed), matrix(seed + 1), matrix(seed + 2)] as const;
        const expected = compile(f, { backend: reference })(...args);
        const computed = compile(f, { backend, dtype: "float32" })(...args);
        expected.forEach((y, i) => {
          worst = Math.max(worst, distance(computed[i]!, y));
        });
      }
      distances.push({ backend: name, subject: `random graphs, ${subject}`, distance: worst });
    }
  }
  const on = (f: (x: NdArray) => NdArray, xs: number[]): string[] =>
    Array.from(compile(f, { backend: gpu })(array(Float32Array.from(xs))).data, String);
  return {
    webgl: rendererName(),
    backends: Object.values(backends).map(({ name }) => name),
    distances,
    traps: {
      "sum of 3,000 ones": on((x) => sum(x), new Array<number>(3000).fill(1)),
      "log of 0, -1, 1": on((x) => log(x), [0, -1, 1]),
      "exp of -200, 200": on((x) => exp(x), [-200, 200]),
      "tanh of 90, -200, 1e-6": on((x) => tanh(x), [90, -200, 1e-6]),
      "logSumExp of 1000, 1000": on((x) => logSumExp(x), [1000, 1000]),
    },
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

Object.assign(globalThis, { report });
