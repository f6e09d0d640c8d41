import { Bundle } from "../array/bundle.ts";
import {
  type ArrayType,
  type DType,
  type NdArray,
  refuseToRead,
  requireElements,
  type TypedArray,
} from "../array/ndarray.ts";
import type { Shape } from "../array/shape.ts";
import type { Params, Primitive } from "../primitives/primitive.ts";
import type { Trace } from "./trace.ts";

/** Where a traced value comes from. */
export type Origin =
  | { readonly kind: "input" }
  | { readonly kind: "constant"; readonly array: NdArray }
  | {
      readonly kind: "equation";
      readonly primitive: Primitive;
      readonly inputs: readonly Tracer[];
      readonly params: Params;
    };

/** Stands in for an array while a function is traced: it has a type and an origin, but no elements. */
export class Tracer implements NdArray {
  readonly trace: Trace;
  readonly id: number;
  readonly origin: Origin;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The value of all elements, if they are known to be equal (used to simplify). */
  readonly uniform: number | undefined;

  constructor(trace: Trace, id: number, origin: Origin, type: ArrayType, uniform: number | undefined) {
    this.trace = trace;
    this.id = id;
    this.origin = origin;
    this.shape = [...type.shape]; // the list may be the caller's
    this.dtype = type.dtype;
    this.uniform = uniform;
  }

  get data(): TypedArray {
    return refuseToRead("data", this);
  }

  [Symbol.toPrimitive](): never {
    return refuseToRead("conversion to a number or a string", this);
  }

  toJSON(): never {
    return refuseToRead("JSON", this);
  }
}

/** The inputs and settings a traced value was computed from, if by the given primitive. */
export function madeBy<P extends Params>(
  { origin }: Tracer,
  primitive: Primitive<P>,
): { readonly inputs: readonly Tracer[]; readonly params: P } | undefined {
  if (origin.kind !== "equation" || (origin.primitive as unknown) !== primitive) return undefined;
  return { inputs: origin.inputs, params: origin.params as P }; // an equation has the settings of its primitive
}

/** Refuses concrete arrays whose data do not match their shape and type. */
export function requireSound(op: string, arrays: readonly NdArray[], names?: readonly string[]): void {
  arrays.forEach((x, i) => {
    if (!isTracer(x) && !(x instanceof Bundle)) requireElements(op, names?.[i] ?? `argument ${i}`, x);
  });
}

export function isTracer(value: NdArray): value is Tracer {
  return value instanceof Tracer;
}
