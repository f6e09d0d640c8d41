import { DTypeError, describe, ShapeError, TracedValueError } from "../errors.ts";
import { type Shape, sizeOf } from "./shape.ts";

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
 * The number in a one-element array.
 *
 * Errors  DTypeError for anything but an array; ShapeError unless it has exactly one element
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

/**
 * The elements as nested plain lists, for printing and comparing.
 *
 * Errors  DTypeError for anything but an array
 */
export function toNested(x: NdArray): NestedNumbers {
  requireArray("toNested", "x", x);
  const build = (axis: number, offset: number): NestedNumbers => {
    if (axis === x.shape.length) return x.data[offset]!;
    const stride = sizeOf(x.shape.slice(axis + 1));
    return Array.from({ length: x.shape[axis]! }, (_, i) => build(axis + 1, offset + i * stride));
  };
  return build(0, 0);
}

/** Throws the error that every attempt to read a traced value gives. */
export function refuseToRead(op: string, type: ArrayType): never {
  throw new TracedValueError(
    op,
    `a traced value has a shape and a type but no elements yet; got ${type.dtype}[${type.shape.join(", ")}]`,
    "Compare with less, equal, … and choose with select instead of branching; print it outside the traced function.",
  );
}
