import { Bundle } from "../array/bundle.ts";
import { copied, type NdArray } from "../array/ndarray.ts";
import { evaluatePrimitive } from "../backends/reference/kernels.ts";
import type { Params, Primitive } from "../primitives/primitive.ts";
import type { Trace } from "./trace.ts";
import { isTracer, requireSound, type Tracer } from "./tracer.ts";

/**
 * Applies a primitive: the single point that decides between recording it and computing it.
 *
 * If an argument is traced, the application is recorded in the innermost trace among the arguments (or in the
 * branch of a conditional that is being traced); otherwise the reference kernels compute it at once. So a
 * value that depends only on outer arguments is recorded in the outer trace and is constant (zero tangent) in
 * the inner one: no perturbation confusion.
 */
export function bind<P extends Params>(
  primitive: Primitive<P>,
  inputs: readonly NdArray[],
  params: P,
): NdArray {
  const trace = innermostTrace(inputs);
  if (trace !== undefined) return trace.record(primitive, inputs, params);
  requireSound(primitive.name, inputs);
  return evaluatePrimitive(primitive, inputs, params);
}

/**
 * Lifts all arrays into one trace if any of them is traced. Broadcasting a constant to combine it with a
 * traced value is then recorded instead of filling memory.
 */
export function liftTogether(values: readonly NdArray[]): readonly NdArray[] {
  const trace = innermostTrace(values);
  return trace === undefined ? values : values.map((value) => trace.lift(value));
}

/**
 * Copies results so that the caller owns their memory. Without this, the result of a trivial program, such as
 * x ↦ x, would be the argument, cotangent or constant itself.
 */
export function ownedBy(values: readonly NdArray[]): NdArray[] {
  return values.map((value) => (isTracer(value) ? value : copied(value)));
}

/** The trace that currently records every operation, whether or not it depends on the trace's inputs. */
let recordingAll: Trace | undefined;

/**
 * Runs f and records in `trace` all that belongs to no inner trace, so that a branch not taken is not
 * computed.
 */
export function recordAll<T>(trace: Trace, f: () => T): T {
  const around = recordingAll;
  recordingAll = trace;
  try {
    return f();
  } finally {
    recordingAll = around;
  }
}

function innermostTrace(values: readonly NdArray[]): Trace | undefined {
  if (values[0] instanceof Bundle) return undefined; // its parts exist already, traced or not
  return values
    .filter(isTracer)
    .reduce<Trace | undefined>(
      (innermost, { trace }: Tracer) =>
        innermost === undefined || trace.serial > innermost.serial ? trace : innermost,
      recordingAll,
    );
}
