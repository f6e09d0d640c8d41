/**
 * Question: how far is this engine from PyTorch's library of native kernels on the same processor, one thread each?
 *
 * At width 100, of which the engine is built, and at 512, where a product is all that counts. PyTorch's turns are in a
 * process of its own; ours and its alternate.
 */

import { array, compile, matmul } from "@sgmrl/autodiff";
import { createWasmBackend } from "@sgmrl/autodiff/wasm";
import { type Allocator, openPyTorch, whyNoPyTorch } from "../native/pytorch.ts";
import { oracle, oursFloat32 } from "../policy-loss/ours.ts";
import { makeProblem, spreadNumbers, type Tensor } from "../policy-loss/problem.ts";
import type { Absent } from "../run-suites.ts";
import { assertAgrees } from "../support/agree.ts";
import { type Elsewhere, measureBeside, standardBudget } from "../support/measure.ts";
import { type Comparison, round } from "../support/report.ts";

/** Of float32, against the float64 oracle: sums of 2,000 rows. */
const tolerance = 1e-4;

interface Case {
  readonly title: string;
  readonly task: string;
  readonly tensors: readonly Tensor[];
  readonly run: () => readonly ArrayLike<number>[];
  readonly expected: readonly ArrayLike<number>[];
}

export async function pytorch(quick: boolean): Promise<Comparison[] | Absent> {
  const absent = whyNoPyTorch();
  if (absent !== undefined) return { absent };
  const comparisons: Comparison[] = [];
  const allocators: readonly Allocator[] = ["as it comes", "kept"];
  const opened = await Promise.all(
    allocators.map(async (allocator) => ({ allocator, torch: await openPyTorch(allocator) })),
  );
  for (const { title, task, tensors, run, expected } of await cases(quick)) {
    const errors: Record<string, number> = {};
    const elsewhere: Elsewhere[] = [];
    for (const { allocator, torch } of opened) {
      const name = `PyTorch ${torch.version}${allocator === "kept" ? ", memory kept" : ""}`;
      errors[name] = assertAgrees(
        `${name}, ${title}`,
        await torch.prepare(task, tensors),
        expected,
        tolerance,
      );
      elsewhere.push({ name, turn: torch.turn });
    }
    errors[oursFloat32.name] = assertAgrees(`${oursFloat32.name}, ${title}`, run(), expected, tolerance);
    comparisons.push({
      title: `beside PyTorch: ${title}`,
      timings: await measureBeside([{ name: oursFloat32.name, run }], elsewhere, {
        ...standardBudget,
        rounds: quick ? 4 : 15,
      }),
      notes: Object.fromEntries(Object.entries(errors).map(([name, x]) => [`error of ${name}`, round(x)])),
    });
  }
  for (const { torch } of opened) torch.close();
  return comparisons;
}

async function cases(quick: boolean): Promise<Case[]> {
  const found: Case[] = [];
  for (const width of quick ? [100] : [100, 512]) {
    const problem = makeProblem({ rows: 2000, inputs: 2, width, depth: 2, actions: 2 });
    const { parameters, direction, observations, actions, advantages } = problem;
    for (const task of ["forward", "gradient", "hvp"] as const)
      found.push({
        title: `${task}, 2-${width}-${width}-2, 2000 rows`,
        task,
        tensors: [...parameters, ...direction, observations, actions, advantages],
        run: await oursFloat32.prepare(problem, task),
        expected: (await oracle.prepare(problem, task))(),
      });
  }
  return [...found, product(512)];
}

function product(n: number): Case {
  const tensors = [1, 2].map(
    (stream): Tensor => ({ shape: [n, n], values: spreadNumbers(n * n, stream).map(Math.fround) }),
  );
  const inBoth = (FloatArray: Float32ArrayConstructor | Float64ArrayConstructor) => {
    const [x, y] = tensors.map(({ shape, values }) => array(new FloatArray(values), shape)) as [never, never];
    return () => [compiled(x, y).data];
  };
  const compiled = compile(matmul, { backend: createWasmBackend() });
  return {
    title: `A B, ${n} x ${n} x ${n}`,
    task: "matmul",
    tensors,
    run: inBoth(Float32Array),
    expected: inBoth(Float64Array)(),
  };
}
