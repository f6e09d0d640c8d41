/** Runs inside the browser's page: the policy loss on our backends and on TensorFlow.js's, timed in turns. */

import { openGpu } from "@sgmrl/autodiff/gpu";
import { createWasmBackend } from "@sgmrl/autodiff/wasm";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { contenderOn, oracle } from "../policy-loss/ours.ts";
import { type Contender, makeProblem, type Sizes, type Task } from "../policy-loss/problem.ts";
import { tfjsContender } from "../policy-loss/tfjs-contender.ts";
import { assertAgrees } from "../support/agree.ts";
import type { Timing } from "../support/measure.ts";

export interface PageResult {
  /** Our gpu.js backend first: the one whose bar this is. */
  readonly timings: readonly Timing[];
  readonly errors: Readonly<Record<string, number>>;
  /** What WebGL2 runs on. */
  readonly renderer: string;
}

export interface PageBudget {
  readonly rounds: number;
  /** Milliseconds of one contender's turn; every turn has at least one call. */
  readonly turn: number;
}

/** Relative error allowed against the float64 oracle: float32 sums of 2,000 rows. */
const tolerance = 1e-4;

async function bench(sizes: Sizes, task: Task, { rounds, turn }: PageBudget): Promise<PageResult> {
  setWasmPaths("/");
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // one thread each
  const contenders: Contender[] = [
    contenderOn("sgmrl gpu.js WebGL2", await openGpu({ mode: "webgl2" }), "float32"),
    contenderOn("sgmrl wasm", createWasmBackend(), "float32"),
    tfjsContender("webgl"),
    tfjsContender("wasm"),
  ];
  const problem = makeProblem(sizes);
  const expected = (await oracle.prepare(problem, task))();
  const errors: Record<string, number> = {};
  const runs: (() => unknown)[] = [];
  for (const contender of contenders) {
    const run = await contender.prepare(problem, task);
    errors[contender.name] = assertAgrees(`${contender.name}, ${task}`, run(), expected, tolerance);
    timeTurn(run, 10 * turn); // warms up
    runs.push(run);
  }
  const turns = contenders.map((): number[][] => []);
  for (let round = 0; round < rounds; round++) {
    runs.forEach((run, i) => {
      turns[i]!.push(timeTurn(run, turn));
    });
  }
  return {
    timings: contenders.map(({ name }, i) => summary(name, turns[i]!)),
    errors,
    renderer: rendererName(),
  };
}

/** Milliseconds of each call, by the wall clock: calls end when the results have been read back. */
function timeTurn(run: () => unknown, atLeast: number): number[] {
  const times: number[] = [];
  const start = performance.now();
  let last = start;
  do {
    run();
    const now = performance.now();
    times.push(now - last);
    last = now;
  } while (last - start < atLeast);
  return times;
}

function summary(name: string, turns: readonly (readonly number[])[]): Timing {
  const perCall = turns
    .map((times) => times.reduce((sum, x) => sum + x, 0) / times.length)
    .toSorted((a, b) => a - b);
  const at = (q: number): number => perCall[Math.min(perCall.length - 1, Math.floor(q * perCall.length))]!;
  return {
    name,
    median: at(0.5),
    low: at(0.25),
    high: at(0.75),
    fastest: Math.min(...turns.flat()),
    calls: turns.flat().length,
  };
}

function rendererName(): string {
  const gl = document.createElement("canvas").getContext("webgl2");
  const info = gl?.getExtension("WEBGL_debug_renderer_info");
  return gl && info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : "unknown";
}

// What this page uses of the browser's library.
declare const document: {
  createElement(name: "canvas"): {
    getContext(name: "webgl2"): {
      getExtension(name: string): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
      getParameter(name: number): unknown;
    } | null;
  };
};

Object.assign(globalThis, { bench });
