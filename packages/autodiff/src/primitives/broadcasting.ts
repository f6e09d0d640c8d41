import { scalarFor } from "../array/creation.ts";
import { type ArrayLike, type ArrayType, type NdArray, requireArray } from "../array/ndarray.ts";
import {
  broadcastShapes,
  canBroadcast,
  checkShape,
  checkShapeIsList,
  keepingAxes,
  normalizeAxes,
  type Shape,
  sameShape,
  sizeOf,
  withoutAxes,
} from "../array/shape.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { type Expected, flag, optionsOf } from "../options.ts";
import { bind, liftTogether } from "../trace/bind.ts";
import { madeBy } from "../trace/tracer.ts";
import { linear, nextAxis, type Primitive } from "./primitive.ts";

// Broadcasting and summing are transposes of each other; both are linear. [eq:broadcast] [eq:sum]

/** y = x repeated along new or stretched axes.  xBar = Σ yBar over those axes. */
export const broadcastToPrimitive: Primitive<{ readonly shape: Shape }> = linear({
  name: "broadcastTo",
  rearranges: true,
  // Axes of extent 1 are inserted between the new axis and the others.
  batching: {
    apply: ([x], _mapped, { shape }, size) => {
      const own = x!.shape.slice(1);
      const ones = shape.slice(own.length).map(() => 1);
      return broadcastTo(reshape(x!, [size, ...ones, ...own]), [size, ...shape]);
    },
  },
  outputType: (x, { shape }) => {
    checkShape("broadcastTo", shape);
    if (!canBroadcast(x.shape, shape)) {
      throw new ShapeError(
        "broadcastTo",
        "extents must agree from the last axis, or be 1 in x",
        { x: x.shape, target: shape },
        "Reshape x first.",
      );
    }
    return { shape, dtype: x.dtype };
  },
  apply: (x, { shape }) => broadcastTo(x, shape),
  transpose: (yBar, x) => sumTo(yBar, x.shape),
  simplify: (x, { shape }) => {
    if (sameShape(x.shape, shape)) return x;
    const inner = madeBy(x, broadcastToPrimitive)?.inputs[0];
    return inner && broadcastTo(inner, shape);
  },
});

/**
 * x repeated along new or stretched axes to the given shape.
 *
 * Errors  ShapeError if the shape of x does not broadcast to it
 */
export function broadcastTo(x: ArrayLike, shape: Shape): NdArray {
  checkShapeIsList("broadcastTo", shape);
  return bind(broadcastToPrimitive, [asArray(x, "broadcastTo")], { shape: [...shape] });
}

/** y = Σ x over the given axes, which are removed.  xBar = yBar repeated along them. */
export const sumPrimitive: Primitive<{ readonly axes: readonly number[] }> = linear({
  name: "sum",
  batching: { settings: ({ axes }) => ({ axes: axes.map(nextAxis) }) },
  outputType: (x, { axes }) => ({ shape: withoutAxes(x.shape, axes), dtype: x.dtype }),
  apply: (x, { axes }) => bind(sumPrimitive, [x], { axes }),
  transpose: (yBar, x, { axes }) => expandBack(yBar, x, axes),
  simplify: (x, { axes }) => (axes.length === 0 ? x : undefined),
});

/**
 * Sum over axes (all by default).
 *
 * Shapes  x: [...s] → s without the axes, or with extent 1 there if `keepDims`
 * Errors  AxisError for an axis that x does not have
 */
export function sum(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return reduceWith(sumPrimitive, x, axes, options);
}

/** Whether a reduction keeps the axes it reduces. */
export interface KeepDims {
  /** Keep reduced axes with extent 1 (default false). */
  readonly keepDims?: boolean;
}

export const keepDimsOptions: Readonly<Record<"keepDims", Expected>> = { keepDims: flag };

/**
 * Applies a reduction over axes: normalises them, and restores them with extent 1 if `keepDims`. Errors name `op`, the
 * function that was called.
 */
export function reduceWith(
  primitive: Primitive<{ readonly axes: readonly number[] }>,
  x: ArrayLike,
  axes: number | readonly number[] | undefined,
  options: KeepDims,
  op: string = primitive.name,
): NdArray {
  const { keepDims = false } = optionsOf(op, options, keepDimsOptions);
  const input = asArray(x, op);
  const over = normalizeAxes(op, axes, input.shape.length);
  const reduced = bind(primitive, [input], { axes: over });
  return keepDims ? reshape(reduced, keepingAxes(input.shape, over)) : reduced;
}

/** Broadcasts a reduced array back to the shape it was reduced from. */
export function expandBack(y: NdArray, x: ArrayType, axes: readonly number[]): NdArray {
  return broadcastTo(reshape(y, keepingAxes(x.shape, axes)), x.shape);
}

/** The same elements in row-major order under another shape; its own transpose. [eq:reshape] */
export const reshapePrimitive: Primitive<{ readonly shape: Shape }> = linear({
  name: "reshape",
  rearranges: true,
  batching: { settings: ({ shape }, size) => ({ shape: [size, ...shape] }) },
  outputType: (x, { shape }) => {
    checkShape("reshape", shape);
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new ShapeError(
        "reshape",
        `the new shape must hold ${sizeOf(x.shape)} elements; it holds ${sizeOf(shape)}`,
        { x: x.shape, target: shape },
        "One extent may be -1, to be worked out.",
      );
    }
    return { shape, dtype: x.dtype };
  },
  apply: (x, { shape }) => reshape(x, shape),
  transpose: (yBar, x) => reshape(yBar, x.shape),
  simplify: (x, { shape }) => {
    if (sameShape(x.shape, shape)) return x;
    const inner = madeBy(x, reshapePrimitive)?.inputs[0];
    return inner && reshape(inner, shape);
  },
});

/**
 * Gives x another shape of the same size; one extent may be -1.
 *
 * Errors  ShapeError for a shape of another size
 */
export function reshape(x: ArrayLike, shape: Shape): NdArray {
  const input = asArray(x, "reshape");
  checkShapeIsList("reshape", shape);
  const open = shape.indexOf(-1);
  if (open === -1) return bind(reshapePrimitive, [input], { shape: [...shape] });
  const others = shape.toSpliced(open, 1);
  checkShape("reshape", others);
  const rest = sizeOf(others);
  const extent = rest === 0 ? 0 : sizeOf(input.shape) / rest;
  if (!Number.isInteger(extent)) {
    throw new ShapeError(
      "reshape",
      `${sizeOf(input.shape)} elements do not divide into rows of ${rest}`,
      { x: input.shape, target: shape },
      "Correct the other extents.",
    );
  }
  return bind(reshapePrimitive, [input], { shape: shape.with(open, extent) });
}

/** Sums an array down to a shape that broadcasts to its own shape: the transpose of broadcastTo. */
function sumTo(x: NdArray, shape: Shape): NdArray {
  const missing = x.shape.length - shape.length;
  const axes = x.shape.flatMap((extent, axis) =>
    axis < missing || (shape[axis - missing] === 1 && extent !== 1) ? [axis] : [],
  );
  return reshape(axes.length === 0 ? x : sum(x, axes), shape);
}

/**
 * Converts the argument to an array; refuses anything but arrays and numbers, which untyped callers may pass.
 */
export function asArray(x: ArrayLike, op: string, name = "x"): NdArray {
  return typeof x === "number" ? scalarFor(op, x) : requireArray(op, name, x, "an array or a number");
}

/**
 * Prepares the arguments of an elementwise function: numbers take the element type of the arrays among them,
 * and all are broadcast to one shape.
 */
export function broadcastTogether(op: string, args: Readonly<Record<string, ArrayLike>>): readonly NdArray[] {
  const values = Object.values(args);
  const dtype = commonDType(op, args);
  const arrays = values.map((value) => (typeof value === "number" ? scalarFor(op, value, dtype) : value));
  const names = Object.keys(args);
  const shape = broadcastShapes(op, Object.fromEntries(arrays.map((x, i) => [names[i]!, x.shape])));
  if (arrays.every((x) => x.shape.length === shape.length && x.shape.every((n, i) => n === shape[i])))
    return arrays;
  return liftTogether(arrays).map((x) => broadcastTo(x, shape));
}

/** The same for two arguments. */
export function broadcastPair(op: string, args: Readonly<Record<string, ArrayLike>>): [NdArray, NdArray] {
  return broadcastTogether(op, args) as [NdArray, NdArray]; // as many as were given
}

/** The element type of the arrays among the arguments, which must agree; float64 for numbers alone. */
export function commonDType(op: string, args: Readonly<Record<string, ArrayLike>>): NdArray["dtype"] {
  const typed = Object.entries(args).flatMap(([name, x]) =>
    typeof x === "number" ? [] : [[name, asArray(x, op, name).dtype] as const],
  );
  const dtype = typed[0]?.[1] ?? "float64";
  if (typed.some(([, other]) => other !== dtype)) {
    throw new DTypeError(
      op,
      `element types must agree; got ${typed.map(([name, type]) => `${name} ${type}`).join(", ")}`,
      "Change one with convert(x, dtype).",
    );
  }
  return dtype;
}
