import { Bundle } from "../array/bundle.ts";
import { copied, type NdArray } from "../array/ndarray.ts";
import { evaluatePrimitive } from "../backends/reference/kernels.ts";
import type { Params, Primitive } from "../primitives/primitive.ts";
import type { Trace } from "./trace.ts";
import { isTracer, requireSound, type Tracer } from "./tracer.ts";

/**
 * Applies a primitive: THE place where it is decided what that means.
 *
 * If an argument is traced, the application is recorded in the innermost trace among the arguments (or in the branch of a
 * conditional that is being traced); otherwise it is computed now, by the reference kernels. A value that depends only on outer arguments is
 * thus recorded outside, and is a constant (zero tangent) inside: no perturbation confusion.
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
 * The arrays, all in one trace if any of them is traced. Shaping a constant that is about to meet a traced
 * value is then recorded (one number, broadcast) instead of filling memory.
 */
export function liftTogether(values: readonly NdArray[]): readonly NdArray[] {
  const trace = innermostTrace(values);
  return trace === undefined ? values : values.map((value) => trace.lift(value));
}

/**
 * Results as a caller may have them: in memory of their own, whatever they were computed from. Where a program does
 * nothing, as that of x ↦ x, its result is an argument, a cotangent or a constant itself.
 */
export function ownedBy(values: readonly NdArray[]): NdArray[] {
  return values.map((value) => (isTracer(value) ? value : copied(value)));
}

/** The trace that records whatever happens now, whether or not it depends on the trace's inputs. */
let recordingAll: Trace | undefined;

/** Runs f, and records in the trace all that is not for one inside it: a branch that is not taken is not to be computed. */
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
  if (values[0] instanceof Bundle) return undefined; // its arrays are there, whatever they are
  return values
    .filter(isTracer)
    .reduce<Trace | undefined>(
      (innermost, { trace }: Tracer) =>
        innermost === undefined || trace.serial > innermost.serial ? trace : innermost,
      recordingAll,
    );
}
