import { scalar } from "../array/creation.ts";
import type { ArrayType, NdArray } from "../array/ndarray.ts";
import { evaluatePrimitive } from "../backends/reference/kernels.ts";
import { broadcastTo } from "../primitives/broadcasting.ts";
import type { Params, Primitive } from "../primitives/primitive.ts";
import type { Trace } from "./trace.ts";
import type { Tracer } from "./tracer.ts";

/**
 * Identities applied while a graph is recorded: those that a primitive declares (`simplify`), and two that
 * follow from its properties. Each preserves every element, including NaN and infinities (which is why x · 0
 * is not simplified), except that x + 0 and a sum over no axis return −0 for x = −0.
 *
 *   x + 0 = x    x − 0 = x    x · 1 = x    x / 1 = x    −(−x) = x                                    (records)
 *   broadcastTo, reshape, transpose, convert to what x already is = x                                (records)
 *   slice of everything, pad by nothing, sum over no axis, concat of one array = x                   (records)
 *   broadcastTo(broadcastTo(x)) = broadcastTo(x), and likewise for reshape and transpose             (records)
 *   a rearrangement of one repeated number = that number, broadcast                                  (`rearranges`)
 *   f(c, c′, …) = the number f(c, c′, …), broadcast, for f of uniform arrays                         (`elementwise`)
 */
export function simplify(
  trace: Trace,
  primitive: Primitive,
  inputs: readonly Tracer[],
  params: Params,
  type: ArrayType,
): Tracer | undefined {
  if (inputs.length === 0) return undefined;
  const simpler =
    uniformResult(trace, primitive, inputs, params, type) ?? primitive.simplify?.(inputs, params, type);
  return simpler && trace.lift(simpler);
}

/** The result as one broadcast number, if the inputs determine it. */
function uniformResult(
  trace: Trace,
  primitive: Primitive,
  inputs: readonly Tracer[],
  params: Params,
  type: ArrayType,
): NdArray | undefined {
  const values = inputs.map((input) => input.uniform);
  if (!values.every((value) => value !== undefined)) return undefined;
  const scalars = values.map((value, i) => scalar(value, inputs[i]!.dtype));
  if (primitive.elementwise) {
    return broadcastTo(trace.lift(evaluatePrimitive(primitive, scalars, params)), type.shape);
  }
  const isSpread = primitive.rearranges && inputs[0]!.shape.length > 0;
  return isSpread ? broadcastTo(trace.lift(scalars[0]!), type.shape) : undefined;
}

/** The number that every element of the result equals, if the inputs determine it. */
export function uniformValue(primitive: Primitive, inputs: readonly Tracer[]): number | undefined {
  return primitive.rearranges ? inputs[0]?.uniform : undefined;
}
