/** Question: what does the first call cost: tracing, transforming, planning, emitting, instantiating? */

import type { Backend } from "@sgmrl/autodiff";
import { createWasmBackend } from "@sgmrl/autodiff/wasm";
import { contenderOn } from "../policy-loss/ours.ts";
import { makeProblem, type Task } from "../policy-loss/problem.ts";

export interface ColdStart {
  readonly task: Task;
  /** Milliseconds from a function to a graph; from a graph to an executable; of the first and a later run. */
  readonly trace: number;
  readonly compile: number;
  readonly firstRun: number;
  readonly laterRun: number;
}

const repetitions = 7;

export async function coldStart(): Promise<ColdStart[]> {
  const problem = makeProblem({ rows: 2000, inputs: 2, width: 100, depth: 2, actions: 2 });
  const results: ColdStart[] = [];
  for (const task of ["forward", "gradient", "hvp"] as const) {
    const runs: Omit<ColdStart, "task">[] = [];
    for (let i = 0; i < repetitions; i++) {
      const fresh = createWasmBackend();
      let [compiledAt, compile, firstRun] = [0, 0, 0];
      const watched: Backend = {
        name: "wasm, watched",
        compile: (graph) => {
          compiledAt = performance.now();
          const executable = fresh.compile(graph);
          compile = performance.now() - compiledAt;
          return (inputs) => {
            const from = performance.now();
            const outputs = executable(inputs);
            firstRun ||= performance.now() - from;
            return outputs;
          };
        },
      };
      const run = await contenderOn("", watched, "float32").prepare(problem, task);
      const from = performance.now();
      run();
      const trace = compiledAt - from;
      for (let warm = 0; warm < 20; warm++) run();
      const later = performance.now();
      run();
      runs.push({ trace, compile, firstRun, laterRun: performance.now() - later });
    }
    const median = (key: keyof Omit<ColdStart, "task">): number =>
      runs.map((run) => run[key]).toSorted((a, b) => a - b)[Math.floor(repetitions / 2)]!;
    results.push({
      task,
      trace: median("trace"),
      compile: median("compile"),
      firstRun: median("firstRun"),
      laterRun: median("laterRun"),
    });
  }
  return results;
}
