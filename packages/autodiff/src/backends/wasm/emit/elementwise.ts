/**
 * Elementwise primitives, one vector at a time.
 *
 * Lanes   A loop that contains any float64 value processes two elements at a time, otherwise four. With two
 *         elements, float32 and int32 values occupy the low half of the vector. Unused lanes are undefined.
 * Masks   Comparisons give int32 0 and 1. Inside a loop the all-ones mask they come from is kept as well, so
 *         that a select or a conversion that follows uses it directly.
 */

import type { DType } from "../../../array/ndarray.ts";
import { internal } from "../../../errors.ts";
import type { ElementwiseName } from "../../../primitives/table.ts";
import { shuffle, type V, vector1, vector2, vectorConstant } from "../assembler/expression.ts";
import { FunctionBuilder } from "../assembler/function.ts";
import { elementary, elementaryBinary } from "../elementary/elementary.ts";
import { and, float32Lanes, float64Lanes, type Lanes, or, select, signOf, xor } from "../elementary/lanes.ts";
import type { Addresses, ElementwiseNode, ReduceNode } from "../plan/nodes.ts";

/** The operations of a loop on each element: elementwise primitives, and two internal ones. */
export type ElementwiseOp = ElementwiseName | "copy" | "logOfSumWithMaximum";

/**
 * A value in a loop: its lanes, and for a comparison also the mask, as wide as the comparison's arguments.
 */
export interface LaneValue {
  readonly value: V;
  readonly dtype: DType;
  readonly mask?: { readonly lanes: V; readonly bits: 32 | 64 };
}

type EmitOp = (fn: FunctionBuilder, args: readonly LaneValue[], dtype: DType) => LaneValue;

/** The arithmetic that all three element types share. */
export interface LaneArithmetic {
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  min(a: V, b: V): V;
  max(a: V, b: V): V;
  neg(a: V): V;
  abs(a: V): V;
  eq(a: V, b: V): V;
  lt(a: V, b: V): V;
  le(a: V, b: V): V;
  constant(value: number): V;
}

const int32: LaneArithmetic = {
  add: (a: V, b: V) => vector2("i32x4.add", a, b),
  sub: (a: V, b: V) => vector2("i32x4.sub", a, b),
  mul: (a: V, b: V) => vector2("i32x4.mul", a, b),
  min: (a: V, b: V) => vector2("i32x4.min_s", a, b),
  max: (a: V, b: V) => vector2("i32x4.max_s", a, b),
  neg: (a: V) => vector1("i32x4.neg", a),
  abs: (a: V) => vector1("i32x4.abs", a),
  eq: (a: V, b: V) => vector2("i32x4.eq", a, b),
  lt: (a: V, b: V) => vector2("i32x4.lt_s", a, b),
  le: (a: V, b: V) => vector2("i32x4.le_s", a, b),
  constant: (value: number) => vectorConstant(new Int32Array(4).fill(value)),
};

function floats(dtype: DType): Lanes {
  if (dtype === "int32") return internal("a floating-point operation on int32");
  return dtype === "float64" ? float64Lanes : float32Lanes;
}

export function arithmetic(dtype: DType): LaneArithmetic {
  return dtype === "int32" ? int32 : floats(dtype);
}

/** One number in every lane. */
export function constantLanes(dtype: DType, value: number): V {
  return dtype === "int32" ? arithmetic("int32").constant(value) : floats(dtype).constant(value);
}

function binary(name: "add" | "sub" | "mul" | "min" | "max"): EmitOp {
  return (_fn, [a, b], dtype) => ({ value: arithmetic(dtype)[name](a!.value, b!.value), dtype });
}

function unary(name: "neg" | "abs"): EmitOp {
  return (_fn, [a], dtype) => ({ value: arithmetic(dtype)[name](a!.value), dtype });
}

function transcendental(name: keyof typeof elementary): EmitOp {
  return (fn, [a], dtype) => ({ value: elementary[name](fn, floats(dtype), a!.value), dtype });
}

function comparison(name: "lt" | "le" | "eq"): EmitOp {
  return (fn, [a, b]) => {
    const bits = a!.dtype === "float64" ? 64 : 32;
    const lanes = fn.let(arithmetic(a!.dtype)[name](a!.value, b!.value));
    const narrow = bits === 64 ? resizeMask(lanes, 64, 32) : lanes;
    return { value: and(narrow, int32.constant(1)), dtype: "int32", mask: { lanes, bits } };
  };
}

const lanesOf4 = (choice: readonly number[]): number[] =>
  choice.flatMap((lane) => [0, 1, 2, 3].map((b) => 4 * lane + b));
const widen = lanesOf4([0, 0, 1, 1]);
const narrowed = lanesOf4([0, 2, 0, 2]);

function resizeMask(mask: V, from: 32 | 64, to: 32 | 64): V {
  if (from === to) return mask;
  return shuffle(to === 64 ? widen : narrowed, mask, mask);
}

/** All ones where an int32 value is not 0, as wide as lanes of `dtype`. */
function maskOf({ value, mask }: LaneValue, dtype: DType): V {
  const bits = dtype === "float64" ? 64 : 32;
  if (mask !== undefined) return resizeMask(mask.lanes, mask.bits, bits);
  return resizeMask(vector2("i32x4.ne", value, int32.constant(0)), 32, bits);
}

/** Conversion of floats to int32 truncates, saturates out of range, and maps NaN to -2^31. */
function convert(fn: FunctionBuilder, x: LaneValue, to: DType): V {
  const { value, dtype: from } = x;
  if (from === to) return value;
  if (from === "int32") {
    if (x.mask !== undefined) return and(maskOf(x, to), floats(to).constant(1));
    return vector1(to === "float64" ? "f64x2.convert_low_i32x4_s" : "f32x4.convert_i32x4_s", value);
  }
  if (to === "int32") {
    const isNumber = fn.let(floats(from).eq(value, value));
    const name = from === "float64" ? "i32x4.trunc_sat_f64x2_s_zero" : "i32x4.trunc_sat_f32x4_s";
    return select(
      resizeMask(isNumber, from === "float64" ? 64 : 32, 32),
      vector1(name, value),
      int32.constant(-(2 ** 31)),
    );
  }
  return vector1(to === "float64" ? "f64x2.promote_low_f32x4" : "f32x4.demote_f64x2_zero", value);
}

/** -1, 0 or 1 with the sign of x; ±0 and NaN are returned unchanged. */
function sign({ value: x, dtype }: LaneValue): V {
  if (dtype === "int32") {
    const zero = int32.constant(0);
    return int32.sub(int32.lt(x, zero), int32.lt(zero, x)); // masks are -1
  }
  const L = floats(dtype);
  const isNonzero = L.gt(L.abs(x), L.constant(0));
  return select(isNonzero, or(L.constant(1), signOf(L, x)), x);
}

const highWords = lanesOf4([1, 3, 5, 7]);

export const elementwiseOps: Readonly<Record<ElementwiseOp, EmitOp>> = {
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: (_fn, [a, b], dtype) => ({ value: floats(dtype).div(a!.value, b!.value), dtype }),
  neg: unary("neg"),
  abs: unary("abs"),
  sqrt: (_fn, [a], dtype) => ({ value: floats(dtype).sqrt(a!.value), dtype }),
  exp: transcendental("exp"),
  expm1: transcendental("expm1"),
  log: transcendental("log"),
  log1p: transcendental("log1p"),
  tanh: transcendental("tanh"),
  sechSquared: transcendental("sechSquared"),
  sigmoid: transcendental("sigmoid"),
  softplus: transcendental("softplus"),
  sin: transcendental("sin"),
  cos: transcendental("cos"),
  pow: (fn, [a, b], dtype) => ({ value: elementaryBinary.pow(fn, floats(dtype), a!.value, b!.value), dtype }),
  atan2: (fn, [a, b], dtype) => ({
    value: elementaryBinary.atan2(fn, floats(dtype), a!.value, b!.value),
    dtype,
  }),
  sign: (_fn, [a], dtype) => ({ value: sign(a!), dtype }),
  maximum: binary("max"),
  minimum: binary("min"),
  less: comparison("lt"),
  lessEqual: comparison("le"),
  equal: comparison("eq"),
  bitXor: (_fn, [a, b]) => ({ value: xor(a!.value, b!.value), dtype: "int32" }),
  multiplyHigh: (fn, [a, b]) => {
    const low = fn.let(vector2("i64x2.extmul_low_i32x4_u", a!.value, b!.value));
    const high = fn.let(vector2("i64x2.extmul_high_i32x4_u", a!.value, b!.value));
    return { value: shuffle(highWords, low, high), dtype: "int32" };
  },
  select: (_fn, [mask, a, b], dtype) => ({ value: select(maskOf(mask!, dtype), a!.value, b!.value), dtype }),
  convert: (fn, [a], dtype) => ({ value: convert(fn, a!, dtype), dtype }),
  copy: (_fn, [a]) => a!,
  // m + log(total) for a finite maximum m; an infinite or NaN m is the answer itself.
  logOfSumWithMaximum: (fn, [m, total], dtype) => {
    const L = floats(dtype);
    const hasMaximum = L.lt(L.abs(m!.value), L.constant(Number.POSITIVE_INFINITY));
    const sum = L.add(m!.value, elementary.log(fn, L, total!.value));
    return { value: select(hasMaximum, sum, m!.value), dtype };
  },
};

const elementaryOps: ReadonlySet<string> = new Set([
  ...Object.keys(elementary),
  ...Object.keys(elementaryBinary),
  "logOfSumWithMaximum",
]);

/** Whether a node applies an elementary function (an exponential, a sine, …), whose code is long. */
export function isElementary(node: ElementwiseNode | ReduceNode): boolean {
  return node.kind === "elementwise" && elementaryOps.has(node.op);
}

/** Calls the shared function of an operation instead of inlining it. */
export function callOp(
  fn: FunctionBuilder,
  shared: Addresses["shared"],
  op: ElementwiseOp,
  args: readonly LaneValue[],
  dtype: DType,
): LaneValue {
  const callee = shared(`${op} ${dtype}`, () => {
    const own = new FunctionBuilder(
      op,
      args.map(() => "v128"),
      "v128",
    );
    const given = args.map((arg, i): LaneValue => ({ value: own.parameter(i, "v128"), dtype: arg.dtype }));
    own.return(elementwiseOps[op](own, given, dtype).value);
    return own;
  });
  return { value: fn.let(fn.callValue(callee, "v128", ...args.map(({ value }) => value))), dtype };
}
