import { matching } from "./arguments/differentiated.ts";
import { copied, type FloatDType, type NdArray, scalar } from "./array/ndarray.ts";
import { flatten, unflatten } from "./array/tree.ts";
import type { Backend, LoopExecutable } from "./backends/backend.ts";
import { wasm } from "./backends/wasm/index.ts";
import { type AsyncCompileOptions, programs, type Ready } from "./compile.ts";
import { DomainError } from "./errors.ts";
import { ownedBy } from "./trace/bind.ts";
import type { Graph } from "./trace/graph.ts";

/** One step: x_{t+1} from x_t, from what stays the same, and from t (int32). */
export type IterationStep<X, Given> = (x: X, given: Given, t: NdArray) => X;

/** Where and in which precision the step of an iteration runs. */
export interface IterateOptions {
  /** What runs the steps (default: `wasm`). */
  readonly backend?: Backend;
  /** See `CompileOptions`. */
  readonly dtype?: FloatDType;
}

/**
 * x_n of x_{t+1} = step(x_t, given, t), t = 0 … n − 1.
 *
 * The step is traced once and runs as one program. On a device with a memory of its own, x stays there between the
 * steps and is read after the last one.
 *
 * Errors  DomainError for a number of steps that is no whole number from 0
 */
export function iterate<X, Given>(
  step: IterationStep<X, Given>,
  { backend = wasm, dtype }: IterateOptions = {},
): (x: X, given: Given, steps: number) => X {
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
 * `iterate` for a backend whose results take time to arrive.
 *
 * Errors  as `iterate`
 */
export function iterateAsync<X, Given>(
  step: IterationStep<X, Given>,
  { backend, dtype }: AsyncCompileOptions,
): (x: X, given: Given, steps: number) => Promise<X> {
  const checked = checkedStep("iterateAsync", step);
  const prepare = loops("iterateAsync", checked, dtype, (graph) => backend.compileLoop(graph));
  return async (x, given, steps) => {
    const ready = prepare(x, given, steps);
    if (ready === undefined) return unrolled(checked, x, given, steps);
    return unflatten<X>(ready.output, await ready.run(ready.inputs, steps));
  };
}

/** Steps one call at a time, for backends that share our memory. */
function hostLoop(backend: Backend, graph: Graph): LoopExecutable {
  const run = backend.compile(graph);
  return (inputs, steps) => {
    const given = inputs.slice(graph.outputs.length);
    let carried = inputs.slice(0, graph.outputs.length).map(copied);
    for (let t = 0; t < steps; t++) carried = run([...carried, ...given, scalar(t, "int32")]);
    return carried;
  };
}

/** Inside another traced function, or where the step uses one's values. */
function unrolled<X, Given>(step: IterationStep<X, Given>, x: X, given: Given, steps: number): X {
  let at = x;
  for (let t = 0; t < steps; t++) at = step(at, given, scalar(t, "int32"));
  const { leaves, structure } = flatten(at, "iterate", "x");
  return unflatten<X>(structure, ownedBy(leaves));
}

/** A step whose result must look like its first argument. */
function checkedStep<X, Given>(op: string, step: IterationStep<X, Given>): IterationStep<X, Given> {
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
        `steps must be a whole number from 0 on; got ${steps}`,
        "Correct the number.",
      );
    }
    const ready = prepare([x, given, scalar(0, "int32")]);
    // The time is the loop's to say.
    return ready === undefined ? undefined : { ...ready, inputs: ready.inputs.slice(0, -1) };
  };
}
