/** Question: how long do the value, the gradient and the Hessian-vector product of a policy's loss take, beside others? */

import { jaxWasm } from "../policy-loss/jax.ts";
import { oracle, oursFloat32, oursFloat64 } from "../policy-loss/ours.ts";
import { type Contender, makeProblem, type Problem, type Task } from "../policy-loss/problem.ts";
import { tfjsCpu, tfjsWasm, tfjsWasmTuned } from "../policy-loss/tfjs.ts";
import { assertAgrees } from "../support/agree.ts";
import { type Budget, measure, standardBudget, type Timed } from "../support/measure.ts";
import { type Comparison, round } from "../support/report.ts";

const sizes = { rows: 2000, inputs: 2, width: 100, depth: 2, actions: 2 };

/** How many times slower than ours each neighbour has to be. */
const bars: Readonly<Record<Task, Readonly<Record<string, number>>>> = {
  forward: { [tfjsWasm.name]: 5, [jaxWasm.name]: 3 },
  gradient: { [tfjsWasm.name]: 12, [jaxWasm.name]: 2.2 },
  hvp: { [tfjsWasm.name]: 15, [jaxWasm.name]: 7 },
};

/** Relative errors allowed against the float64 oracle: float32 sums of 2,000 rows, and float64. */
const tolerances = { float32: 1e-4, float64: 1e-12 };

export async function policyGradient(quick: boolean): Promise<Comparison[]> {
  const problem = makeProblem(sizes);
  const comparisons: Comparison[] = [];
  for (const task of ["forward", "gradient", "hvp"] as const) {
    const tfjs = task === "forward" ? [tfjsWasm] : [tfjsWasmTuned, tfjsWasm]; // tuning is of derivatives
    const contenders = [oursFloat32, oursFloat64, jaxWasm, ...tfjs, ...(quick ? [] : [tfjsCpu])];
    const { timed, errors } = await prepareChecked(contenders, problem, task);
    const budget: Budget = quick ? { ...standardBudget, rounds: 12 } : standardBudget;
    // tfjs-cpu takes up to seconds per call; a few calls show that.
    const fast = measure(
      timed.filter(({ name }) => name !== tfjsCpu.name),
      budget,
    );
    const slow = measure(
      timed.filter(({ name }) => [oursFloat32.name, tfjsCpu.name].includes(name)),
      { rounds: 3, turn: 0, warmUp: 0, warmUpCalls: 0 },
    ).slice(1);
    comparisons.push({
      title: `${task}: Gaussian policy ${sizes.inputs}-${sizes.width}-${sizes.width}-${sizes.actions}, ${sizes.rows} rows`,
      timings: [...fast, ...slow],
      bars: bars[task],
      notes: Object.fromEntries(
        Object.entries(errors).map(([name, error]) => [`error of ${name}`, round(error)]),
      ),
    });
  }
  return comparisons;
}

/** Contenders ready to be timed, their answers compared with the oracle's. */
export async function prepareChecked(
  contenders: readonly Contender[],
  problem: Problem,
  task: Task,
): Promise<{ readonly timed: readonly Timed[]; readonly errors: Readonly<Record<string, number>> }> {
  const expected = (await oracle.prepare(problem, task))();
  const timed: Timed[] = [];
  const errors: Record<string, number> = {};
  for (const contender of contenders) {
    const run = await contender.prepare(problem, task);
    const tolerance = contender === oursFloat64 ? tolerances.float64 : tolerances.float32;
    errors[contender.name] = assertAgrees(`${contender.name}, ${task}`, run(), expected, tolerance);
    timed.push({ name: contender.name, run });
  }
  return { timed, errors };
}
