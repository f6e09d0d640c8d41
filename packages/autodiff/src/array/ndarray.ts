import { DTypeError, describe, ShapeError, TracedValueError } from "../errors.ts";
import { checkCount, checkShape, type Shape, sizeOf } from "./shape.ts";

/** float64 is the reference; float32 an optimisation measured against it; int32 holds indices and masks. */
export type DType = "float64" | "float32" | "int32";
/** The element types that are differentiated. */
export type FloatDType = "float64" | "float32";
/** The typed array that holds the elements, by element type. */
export type TypedArray = Float64Array | Float32Array | Int32Array;

/** The properties of an array that are known before it is computed. */
export interface ArrayType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * An n-dimensional array: a shape over a flat, row-major typed array. Treat it as immutable.
 *
 * Inside a traced function the arguments are tracers with the same interface, whose `data` cannot be read.
 */
export interface NdArray extends ArrayType {
  readonly data: TypedArray;
}

/** What array functions accept: an array, or a number that adopts the element type of its partners. */
export type ArrayLike = NdArray | number;

const constructors = { float64: Float64Array, float32: Float32Array, int32: Int32Array } as const;

/** An array whose elements are known (as opposed to a traced one). */
export class ConcreteArray implements NdArray {
  readonly data: TypedArray;
  readonly shape: Shape;
  readonly dtype: DType;

  constructor(data: TypedArray, shape: Shape, dtype: DType) {
    this.data = data;
    this.shape = [...shape]; // the list may be the caller's
    this.dtype = dtype;
  }

  /** A scalar array converts to its number; anything larger refuses. */
  [Symbol.toPrimitive](hint: string): number | string {
    if (hint !== "number" && this.shape.length > 0) return `${this.dtype}[${this.shape.join(", ")}]`;
    return item(this);
  }
}

export function typedArray(dtype: DType, size: number): TypedArray {
  return new constructors[dtype](size);
}

export function emptyLike(type: ArrayType): ConcreteArray {
  return new ConcreteArray(typedArray(type.dtype, sizeOf(type.shape)), type.shape, type.dtype);
}

/**
 * Refuses an inconsistent array: data of the wrong element type, or of a length that does not match the
 * shape. Such arrays come from callers who build or change them by hand.
 */
export function requireElements(op: string, name: string, { data, shape, dtype }: NdArray): void {
  const expected = constructors[dtype]?.name;
  const got: unknown = (data as Partial<TypedArray> | undefined)?.[Symbol.toStringTag];
  if (expected === undefined || got !== expected || !Array.isArray(shape)) {
    throw new DTypeError(
      op,
      Array.isArray(shape)
        ? `${name} says that it is ${dtype}; its data are ${got ?? typeof data}`
        : `${name} must have a list of extents for its shape; got ${typeof shape}`,
      "Make arrays with array(values, shape, dtype).",
    );
  }
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) {
    throw new ShapeError(
      op,
      `${name} must have whole numbers of at least 0 for extents`,
      { shape },
      "Make arrays with array(values, shape).",
    );
  }
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(
      op,
      `${name} must hold as many elements as its shape says; its data hold ${data.length}`,
      { shape },
      "Make arrays with array(values, shape), and do not change their shape or data.",
    );
  }
}

/** Whether a value is an array, concrete or traced. */
export function isArray(node: unknown): node is NdArray {
  // `data` is not touched: on a traced value reading it is an error.
  const isObject = typeof node === "object" && node !== null;
  return isObject && "shape" in node && Array.isArray(node.shape) && "dtype" in node && "data" in node;
}

/** Refuses anything but an array, which untyped callers may pass. */
export function requireArray(op: string, name: string, x: unknown, expected = "an array"): NdArray {
  if (isArray(x)) return x;
  throw new DTypeError(
    op,
    `${name} must be ${expected}; got ${describe(x)}`,
    Array.isArray(x) ? "Make it one with array(…)." : "Check the argument, or the field it came from.",
  );
}

/** Refuses anything but the name of an element type. */
export function checkDType(op: string, dtype: DType): void {
  if (typeof dtype === "string" && Object.hasOwn(constructors, dtype)) return;
  throw new DTypeError(
    op,
    `the element type must be "float64", "float32" or "int32"; got ${describe(dtype)}`,
    "Correct it.",
  );
}

/** A copy of the array in new memory. */
export function copied({ data, shape, dtype }: NdArray): NdArray {
  return new ConcreteArray(data.slice(), shape, dtype);
}

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype !== "int32";
}

/** Nested plain numbers, as deep as the array's rank. */
export type NestedNumbers = number | readonly NestedNumbers[];

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

/**
 * The number in a one-element array.
 *
 * Errors  ShapeError unless the array has exactly one element
 */
export function item(x: NdArray): number {
  requireArray("item", "x", x);
  if (sizeOf(x.shape) !== 1) {
    throw new ShapeError(
      "item",
      "the array must hold exactly one element",
      { x: x.shape },
      "Reduce or slice it first.",
    );
  }
  requireElements("item", "x", x);
  return x.data[0]!;
}

/** The elements as nested plain lists, for printing and comparing. */
export function toNested(x: NdArray): NestedNumbers {
  requireArray("toNested", "x", x);
  const build = (axis: number, offset: number): NestedNumbers => {
    if (axis === x.shape.length) return x.data[offset]!;
    const stride = sizeOf(x.shape.slice(axis + 1));
    return Array.from({ length: x.shape[axis]! }, (_, i) => build(axis + 1, offset + i * stride));
  };
  return build(0, 0);
}

function isTypedArray(values: unknown): values is TypedArray {
  return values instanceof Float64Array || values instanceof Float32Array || values instanceof Int32Array;
}

function dtypeOf(values: TypedArray): DType {
  if (values instanceof Float64Array) return "float64";
  return values instanceof Float32Array ? "float32" : "int32";
}

/** Throws the error that every attempt to read a traced value gives. */
export function refuseToRead(op: string, type: ArrayType): never {
  throw new TracedValueError(
    op,
    `a traced value has a shape and a type but no elements yet; got ${type.dtype}[${type.shape.join(", ")}]`,
    "Compare with less, equal, … and choose with select instead of branching; print it outside the traced function.",
  );
}
