import { matching } from "./arguments/differentiated.ts";
import { scalar } from "./array/creation.ts";
import { copied, type FloatDType, type NdArray } from "./array/ndarray.ts";
import { flatten, unflatten } from "./array/tree.ts";
import type { Backend, LoopExecutable } from "./backends/backend.ts";
import { wasm } from "./backends/wasm/index.ts";
import {
  type AsyncCompileOptions,
  asyncProgramOptions,
  programOptions,
  programs,
  type Ready,
} from "./compile.ts";
import { DomainError, describe, requireFunction } from "./errors.ts";
import { optionsOf } from "./options.ts";
import { ownedBy } from "./trace/bind.ts";
import type { Graph } from "./trace/graph.ts";

/** One step: x_{t+1} from x_t, the constant arguments, and t (int32). */
export type IterationStep<X, Given> = (x: X, given: Given, t: NdArray) => X;

/** The backend and precision of an iteration's steps. */
export interface IterateOptions {
  /** The backend that runs the steps (default: `wasm`). */
  readonly backend?: Backend;
  /** See `CompileOptions`. */
  readonly dtype?: FloatDType;
}

/**
 * x_n of x_{t+1} = step(x_t, given, t), t = 0 … n − 1.
 *
 * The step is traced once and runs as one program. On a device with its own memory, x stays there between
 * steps and is read back after the last one.
 *
 * Errors  DomainError unless the step is a function and the number of steps a non-negative integer, and for options as
 *         `compile`
 */
export function iterate<X, Given>(
  step: IterationStep<X, Given>,
  options: IterateOptions = {},
): (x: X, given: Given, steps: number) => X {
  const { backend = wasm, dtype } = optionsOf("iterate", options, programOptions);
  const checked = checkedStep("iterate", step);
  const prepare = loops(
    "iterate",
    checked,
    dtype,
    (graph) => backend.compileLoop?.(graph) ?? hostLoop(backend, graph),
  );
  return (x, given, steps) => {
    const ready = prepare(x, given, steps);
    if (ready === undefined) return unrolled(checked, x, given, steps);
    return unflatten<X>(ready.output, ready.run(ready.inputs, steps));
  };
}

/**
 * `iterate` for a backend whose results arrive asynchronously.
 *
 * Errors  as `iterate`
 */
export function iterateAsync<X, Given>(
  step: IterationStep<X, Given>,
  options: AsyncCompileOptions,
): (x: X, given: Given, steps: number) => Promise<X> {
  const { backend, dtype } = optionsOf("iterateAsync", options, asyncProgramOptions);
  const checked = checkedStep("iterateAsync", step);
  const prepare = loops("iterateAsync", checked, dtype, (graph) => backend.compileLoop(graph));
  return async (x, given, steps) => {
    const ready = prepare(x, given, steps);
    if (ready === undefined) return unrolled(checked, x, given, steps);
    return unflatten<X>(ready.output, await ready.run(ready.inputs, steps));
  };
}

/** Runs one step per call, for backends that use host memory. */
function hostLoop(backend: Backend, graph: Graph): LoopExecutable {
  const run = backend.compile(graph);
  return (inputs, steps) => {
    const given = inputs.slice(graph.outputs.length);
    let carried = inputs.slice(0, graph.outputs.length).map(copied);
    for (let t = 0; t < steps; t++) carried = run([...carried, ...given, scalar(t, "int32")]);
    return carried;
  };
}

/** Unrolls the loop: inside another traced function, or if the step uses values of one. */
function unrolled<X, Given>(step: IterationStep<X, Given>, x: X, given: Given, steps: number): X {
  let at = x;
  for (let t = 0; t < steps; t++) at = step(at, given, scalar(t, "int32"));
  const { leaves, structure } = flatten(at, "iterate", "x");
  return unflatten<X>(structure, ownedBy(leaves));
}

/** A step whose result is checked to have the structure and types of its first argument. */
function checkedStep<X, Given>(op: string, step: IterationStep<X, Given>): IterationStep<X, Given> {
  requireFunction(op, step, "the step");
  return (x, given, t) => {
    const next = step(x, given, t);
    matching(op, flatten(x, op, "x"), next, "the step's result");
    return next;
  };
}

/** `programs` for a step. */
function loops<X, Given, Run>(
  op: string,
  step: IterationStep<X, Given>,
  dtype: FloatDType | undefined,
  build: (graph: Graph) => Run,
): (x: X, given: Given, steps: number) => Ready<Run> | undefined {
  const prepare = programs(op, step, dtype, build);
  return (x, given, steps) => {
    if (!Number.isInteger(steps) || steps < 0) {
      throw new DomainError(
        op,
        `steps must be a whole number of at least 0; got ${describe(steps)}`,
        "Pass the number of steps.",
      );
    }
    const ready = prepare([x, given, scalar(0, "int32")]);
    // The loop supplies the time.
    return ready === undefined ? undefined : { ...ready, inputs: ready.inputs.slice(0, -1) };
  };
}
