import { scalarFor } from "../array/creation.ts";
import { type ArrayLike, type ArrayType, isArray, type NdArray } from "../array/ndarray.ts";
import { normalizeAxis, type Shape, sameShape } from "../array/shape.ts";
import { DTypeError, requireList, ShapeError } from "../errors.ts";
import { bind, liftTogether } from "../trace/bind.ts";
import { asArray } from "./broadcasting.ts";
import { zerosLike } from "./comparison.ts";
import { expandDims, newAxis, type Range, slice } from "./movement.ts";
import { nextAxis, type Primitive } from "./primitive.ts";

/**
 * y = x_0, x_1, … one after the other along an axis.                              [eq:concat]
 *   dy = concat(dx_0, dx_1, …)      xBar_i = the part of yBar where x_i went
 */
export const concatPrimitive: Primitive<{ readonly axis: number }> = {
  name: "concat",
  elementwise: false,
  batching: { settings: ({ axis }) => ({ axis: nextAxis(axis) }) },
  outputType: (inputs, { axis }) => concatType(inputs, axis),
  jvp: (tangents, inputs, _y, params) =>
    tangents.every((dx) => dx === null)
      ? null
      : bind(concatPrimitive, liftTogether(tangents.map((dx, i) => dx ?? zerosLike(inputs[i]!))), params),
  vjp: (yBar, inputs, _y, { axis }) => {
    let offset = 0;
    return inputs.map((x) => {
      const start = offset;
      offset += x.shape[axis]!;
      return slice(
        yBar,
        ...yBar.shape.map((_, a): Range => (a === axis ? [start, start + x.shape[axis]!] : [])),
      );
    });
  },
  simplify: (inputs) => (inputs.length === 1 ? inputs[0] : undefined),
};

function concatType(inputs: readonly ArrayType[], axis: number): ArrayType {
  const first = inputs[0]!;
  const elsewhere = (shape: Shape): string => shape.with(axis, 0).join(",");
  if (
    inputs.some((x) => x.shape.length !== first.shape.length || elsewhere(x.shape) !== elsewhere(first.shape))
  ) {
    throw new ShapeError(
      "concat",
      `shapes must agree in every axis but ${axis}`,
      Object.fromEntries(inputs.map((x, i) => [`x${i}`, x.shape])),
      "Reshape or broadcast the odd one.",
    );
  }
  requireOneType("concat", inputs);
  const extent = inputs.reduce((total, x) => total + x.shape[axis]!, 0);
  return { shape: first.shape.with(axis, extent), dtype: first.dtype };
}

function requireOneType(op: string, inputs: readonly ArrayType[]): void {
  if (inputs.every((x) => x.dtype === inputs[0]!.dtype)) return;
  throw new DTypeError(
    op,
    `element types must agree; got ${inputs.map((x) => x.dtype).join(", ")}`,
    "Change one with convert(x, dtype).",
  );
}

/** Converts a list to arrays, at least one; numbers take the element type of the arrays among them. */
function arraysTogether(op: string, xs: readonly ArrayLike[]): readonly [NdArray, ...NdArray[]] {
  requireList(op, xs, "the arrays", "Write [a, b].");
  const dtype = xs.find(isArray)?.dtype;
  const [first, ...others] = xs.map((x, i) =>
    typeof x === "number" ? scalarFor(op, x, dtype) : asArray(x, op, `array ${i}`),
  );
  if (first === undefined) throw new ShapeError(op, "at least one array is needed", {}, "Check the list.");
  return [first, ...others];
}

/**
 * Joins arrays along an existing axis.
 *
 * Errors  TreeError unless xs is a list; ShapeError for none, or arrays that differ in another axis; DTypeError for
 *         arrays of different types; AxisError for an axis out of range
 */
export function concat(xs: readonly ArrayLike[], axis = 0): NdArray {
  const inputs = arraysTogether("concat", xs);
  return bind(concatPrimitive, inputs, { axis: normalizeAxis("concat", axis, inputs[0].shape.length) });
}

/**
 * Joins arrays of one shape along a new axis.
 *
 * Errors  TreeError unless xs is a list; ShapeError for none, or different shapes; DTypeError for arrays of different
 *         types; AxisError for an axis out of range
 */
export function stack(xs: readonly ArrayLike[], axis = 0): NdArray {
  const inputs = arraysTogether("stack", xs);
  const at = newAxis("stack", axis, inputs[0].shape.length);
  if (inputs.some((x) => !sameShape(x.shape, inputs[0].shape))) {
    throw new ShapeError(
      "stack",
      "all shapes must agree",
      Object.fromEntries(inputs.map((x, i) => [`x${i}`, x.shape])),
      "Reshape or broadcast the odd one.",
    );
  }
  requireOneType("stack", inputs);
  return concat(
    inputs.map((x) => expandDims(x, at)),
    at,
  );
}
