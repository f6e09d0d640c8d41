/** Arrays from numbers. */

import { DTypeError, describe, ShapeError } from "../errors.ts";
import {
  ConcreteArray,
  checkDType,
  type DType,
  emptyLike,
  type NdArray,
  type NestedNumbers,
  type TypedArray,
  typedArray,
} from "./ndarray.ts";
import { checkCount, checkShape, type Shape, sizeOf } from "./shape.ts";

/**
 * An array from a number, nested lists of numbers, or a typed array (copied) with its shape.
 *
 *   array(2)  array([[1, 2], [3, 4]])  array(new Float32Array(6), [2, 3])  array([0, 2], [2], "int32")
 *
 * Errors  ShapeError for ragged lists, or data that do not fill the shape; DTypeError for values that are not
 *         numbers of the element type
 */
export function array(values: NestedNumbers | TypedArray, shape?: Shape, dtype?: DType): NdArray {
  if (isTypedArray(values)) {
    return fromFlat("array", values, shape ?? [values.length], dtype ?? dtypeOf(values));
  }
  const nestedShape = shapeOfNested(values);
  const flat: number[] = [];
  flattenInto(flat, values, nestedShape, 0);
  return fromFlat("array", flat, shape ?? nestedShape, dtype ?? "float64");
}

function fromFlat(op: string, values: ArrayLike64, shape: Shape, dtype: DType): NdArray {
  checkShape(op, shape);
  checkDType(op, dtype);
  if (values.length !== sizeOf(shape)) {
    throw new ShapeError(
      op,
      `a shape must hold as many elements as are given; got ${values.length} elements`,
      { shape },
      `That shape holds ${sizeOf(shape)}.`,
    );
  }
  const data = typedArray(dtype, values.length);
  if (dtype === "int32") requireInt32(op, values);
  data.set(values);
  return new ConcreteArray(data, shape, dtype);
}

function requireInt32(op: string, values: ArrayLike64): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value === (value | 0)) continue;
    throw new DTypeError(
      op,
      `int32 holds whole numbers from −2^31 to 2^31 − 1; got ${value}`,
      'Use "float64".',
    );
  }
}

type ArrayLike64 = { readonly length: number; readonly [index: number]: number };

/** Far more axes than arrays have; deeper lists would exhaust the stack. */
const deepestList = 1000;

function shapeOfNested(values: NestedNumbers): number[] {
  const shape: number[] = [];
  for (let level: NestedNumbers | undefined = values; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (shape.length > deepestList) {
      throw new ShapeError(
        "array",
        `lists may be nested at most ${deepestList} deep`,
        {},
        "Check for a list that contains itself.",
      );
    }
  }
  return shape;
}

function flattenInto(flat: number[], values: NestedNumbers, shape: Shape, depth: number): void {
  if (typeof values !== "number" && !Array.isArray(values)) {
    throw new DTypeError("array", `elements must be numbers; got ${describe(values)}`, "Convert it first.");
  }
  if (typeof values === "number" ? depth !== shape.length : values.length !== shape[depth]) {
    throw new ShapeError(
      "array",
      `nested lists must be rectangular; a list at depth ${depth} differs from the first one`,
      { first: shape },
      "Pad the shorter rows.",
    );
  }
  if (typeof values === "number") flat.push(values);
  else for (const value of values) flattenInto(flat, value, shape, depth + 1);
}

/**
 * A scalar of the given element type.
 *
 * Errors  DTypeError for anything but a number of the element type
 */
export function scalar(value: number, dtype: DType = "float64"): NdArray {
  return scalarFor("scalar", value, dtype);
}

/** `scalar` on behalf of `op`, which errors name. */
export function scalarFor(op: string, value: number, dtype: DType = "float64"): NdArray {
  checkNumber(op, value);
  return fromFlat(op, [value], [], dtype);
}

function checkNumber(op: string, value: number): void {
  if (typeof value === "number") return;
  throw new DTypeError(op, `the value must be a number; got ${describe(value)}`, "Convert it first.");
}

/**
 * An array whose elements all equal `value`.
 *
 * Errors  ShapeError for extents that are not non-negative integers; DTypeError for anything but a number of the
 *         element type
 */
export function full(shape: Shape, value: number, dtype: DType = "float64"): NdArray {
  return filledWith("full", shape, value, dtype);
}

function filledWith(op: string, shape: Shape, value: number, dtype: DType): NdArray {
  checkShape(op, shape);
  checkDType(op, dtype);
  checkNumber(op, value);
  if (dtype === "int32") requireInt32(op, [value]);
  const filled = emptyLike({ shape, dtype });
  filled.data.fill(value);
  return filled;
}

/**
 * An array of zeros.
 *
 * Errors  ShapeError for extents that are not non-negative integers
 */
export function zeros(shape: Shape, dtype: DType = "float64"): NdArray {
  return filledWith("zeros", shape, 0, dtype);
}

/**
 * An array of ones.
 *
 * Errors  ShapeError for extents that are not non-negative integers
 */
export function ones(shape: Shape, dtype: DType = "float64"): NdArray {
  return filledWith("ones", shape, 1, dtype);
}

/**
 * The n × n identity matrix.
 *
 * Shapes  → [n, n]
 * Errors  ShapeError unless n is a non-negative integer
 */
export function eye(n: number, dtype: DType = "float64"): NdArray {
  checkCount("eye", "n", n);
  const identity = filledWith("eye", [n, n], 0, dtype);
  for (let i = 0; i < n; i++) identity.data[i * n + i] = 1;
  return identity;
}

/**
 * 0, 1, …, n − 1.
 *
 * Shapes  → [n]
 * Errors  ShapeError unless n is a non-negative integer
 */
export function arange(n: number, dtype: DType = "float64"): NdArray {
  checkCount("arange", "n", n);
  return fromFlat(
    "arange",
    Array.from({ length: n }, (_, i) => i),
    [n],
    dtype,
  );
}

function isTypedArray(values: unknown): values is TypedArray {
  return values instanceof Float64Array || values instanceof Float32Array || values instanceof Int32Array;
}

function dtypeOf(values: TypedArray): DType {
  if (values instanceof Float64Array) return "float64";
  return values instanceof Float32Array ? "float32" : "int32";
}
