import { expect, it } from "vitest";
import { oracle, oursFloat32 } from "../src/policy-loss/ours.ts";
import { makeProblem } from "../src/policy-loss/problem.ts";
import { tfjsWasm, tfjsWasmTuned } from "../src/policy-loss/tfjs.ts";
import { assertAgrees } from "../src/support/agree.ts";

// The derivatives of the tuned contender are its own: transposed products, tanh and the slope of tanh.
it.each(["gradient", "hvp"] as const)(
  "%s: TensorFlow.js, tuned or not, agrees with float64",
  async (task) => {
    const problem = makeProblem({ rows: 50, inputs: 3, width: 12, depth: 2, actions: 2 });
    const expected = (await oracle.prepare(problem, task))();
    for (const contender of [oursFloat32, tfjsWasmTuned, tfjsWasm]) {
      const run = await contender.prepare(problem, task);
      expect(() => assertAgrees(contender.name, run(), expected, 1e-5)).not.toThrow();
    }
  },
);
