/** Runs inside the browser's page: the policy loss on our backends and on TensorFlow.js's, timed in turns. */

import { openGpu } from "@sgmrl/autodiff/gpu";
import { createWasmBackend } from "@sgmrl/autodiff/wasm";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import "@tensorflow/tfjs-backend-webgpu";
import { asyncContenderOn, contenderOn, oracle } from "../policy-loss/ours.ts";
import { type AsyncContender, makeProblem, type Sizes, type Task } from "../policy-loss/problem.ts";
import { tfjsContender, tfjsWebgpu } from "../policy-loss/tfjs-contender.ts";
import { assertAgrees } from "../support/agree.ts";
import type { Timed, Timing } from "../support/measure.ts";
import { measureInSlices } from "../support/slices.ts";
import { webgl2Renderer, webgpuAdapter } from "./graphics.ts";

export interface PageResult {
  /** Our gpu.js backend first: the one whose bar this is. */
  readonly timings: readonly Timing[];
  readonly errors: Readonly<Record<string, number>>;
  /** What WebGL2 runs on. */
  readonly renderer: string;
  /** What WebGPU runs on; undefined where there is none, and then nothing is timed on it. */
  readonly adapter: string | undefined;
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
  const adapter = await webgpuAdapter();
  const contenders: AsyncContender[] = [
    contenderOn("sgmrl gpu.js WebGL2", await openGpu({ mode: "webgl2" }), "float32"),
    contenderOn("sgmrl wasm", createWasmBackend(), "float32"),
    tfjsContender("webgl"),
    tfjsContender("wasm"),
    ...(adapter === undefined ? [] : [await onWebgpu(), tfjsWebgpu()]),
  ];
  const problem = makeProblem(sizes);
  const expected = (await oracle.prepare(problem, task))();
  const errors: Record<string, number> = {};
  const runs: Timed[] = [];
  for (const contender of contenders) {
    const run = await contender.prepare(problem, task);
    errors[contender.name] = assertAgrees(`${contender.name}, ${task}`, await run(), expected, tolerance);
    runs.push({ name: contender.name, run });
  }
  return {
    timings: await measureInSlices(runs, { rounds, turn, warmUp: 10 * turn }),
    errors,
    renderer: webgl2Renderer() ?? "unknown",
    adapter,
  };
}

async function onWebgpu(): Promise<AsyncContender> {
  return asyncContenderOn("sgmrl gpu.js WebGPU", await openGpu({ mode: "webgpu" }));
}

Object.assign(globalThis, { bench });
