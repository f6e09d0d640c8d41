import { type ArrayType, scalar } from "../array/ndarray.ts";
import { sameShape } from "../array/shape.ts";
import { evaluatePrimitive } from "../backends/reference/kernels.ts";
import { broadcastTo } from "../primitives/broadcasting.ts";
import type { Params, Primitive } from "../primitives/primitive.ts";
import type { Trace } from "./trace.ts";
import type { Tracer } from "./tracer.ts";

/**
 * Identities applied while a graph is recorded. Each leaves every element as it was, NaN and infinities
 * included (which is why x · 0 stays), except that x + 0 and a sum over no axis return −0 for x = −0.
 *
 *   x + 0 = x    x − 0 = x    x · 1 = x    x / 1 = x    −(−x) = x
 *   broadcastTo, reshape, transpose, convert to what x already is = x
 *   slice of everything, pad by nothing, sum over no axis, concat of one array = x
 *   broadcastTo(broadcastTo(x)) = broadcastTo(x), and likewise for reshape and transpose
 *   broadcastTo, reshape, transpose of one repeated number = that number, broadcast
 *   f(c, c′, …) = the number f(c, c′, …), broadcast, for elementwise f of uniform arrays
 */
export function simplify(
  trace: Trace,
  primitive: Primitive,
  inputs: readonly Tracer[],
  params: Params,
  type: ArrayType,
): Tracer | undefined {
  const [x, y] = inputs;
  if (x === undefined) return undefined;

  if (primitive.elementwise && primitive.expand === undefined) {
    const values = inputs.map((input) => input.uniform);
    if (values.every((value) => value !== undefined)) {
      const scalars = values.map((value, i) => scalar(value, inputs[i]!.dtype));
      const folded = trace.lift(evaluatePrimitive(primitive, scalars, params));
      return trace.lift(broadcastTo(folded, type.shape));
    }
  }

  if (movesElements(primitive) && x.uniform !== undefined && x.shape.length > 0) {
    return trace.lift(broadcastTo(trace.lift(scalar(x.uniform, x.dtype)), type.shape));
  }

  switch (primitive.name) {
    case "add":
      return y?.uniform === 0 ? x : x.uniform === 0 ? y : undefined;
    case "sub":
      return y?.uniform === 0 ? x : undefined;
    case "mul":
      return y?.uniform === 1 ? x : x.uniform === 1 ? y : undefined;
    case "div":
      return y?.uniform === 1 ? x : undefined;
    case "neg":
      return inputOf(x, "neg");
    case "convert":
      return x.dtype === type.dtype ? x : undefined;
    case "broadcastTo":
    case "reshape": {
      if (sameShape(x.shape, type.shape)) return x;
      const inner = inputOf(x, primitive.name);
      return inner && trace.record(primitive, [inner], params);
    }
    case "slice":
    case "pad":
    case "sum":
      // Of the type of x they leave every element where it was.
      return sameShape(x.shape, type.shape) ? x : undefined;
    case "concat":
      return y === undefined ? x : undefined;
    case "transpose":
      return simplifyTranspose(trace, primitive, x, params.permutation as readonly number[]);
    default:
      return undefined;
  }
}

/** The number that every element of the result equals, where the inputs show it. */
export function uniformValue(primitive: Primitive, inputs: readonly Tracer[]): number | undefined {
  return movesElements(primitive) ? inputs[0]?.uniform : undefined;
}

function movesElements({ name }: Primitive): boolean {
  return name === "broadcastTo" || name === "reshape" || name === "transpose";
}

function inputOf(x: Tracer, name: string): Tracer | undefined {
  return x.origin.kind === "equation" && x.origin.primitive.name === name ? x.origin.inputs[0] : undefined;
}

function simplifyTranspose(
  trace: Trace,
  primitive: Primitive,
  x: Tracer,
  permutation: readonly number[],
): Tracer | undefined {
  if (permutation.every((axis, i) => axis === i)) return x;
  const inner = inputOf(x, "transpose");
  if (inner === undefined || x.origin.kind !== "equation") return undefined;
  const first = x.origin.params.permutation as readonly number[];
  return trace.record(primitive, [inner], { permutation: permutation.map((axis) => first[axis]!) });
}
