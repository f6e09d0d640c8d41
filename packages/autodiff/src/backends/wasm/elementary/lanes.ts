/**
 * Vector arithmetic on one element type: the vocabulary in which the elementary functions are written.
 * Four float32 lanes or two float64 lanes; every operation rounds once, to nearest (strict arithmetic, no fused
 * multiply-add), so a formula gives the same bits on every machine.
 *
 * Numerics  pmin(a, b) = b < a ? b : a and pmax(a, b) = a < b ? b : a. With x first, a NaN in x passes through. They are
 *           one machine instruction, where min and max are several.
 */

import { shift, type V, vector1, vector2, vector3, vectorConstant } from "../assembler/expression.ts";
import type { vectorBinary } from "../assembler/instructions.ts";

export type FloatType = "float32" | "float64";

/**
 * strict    every operation rounds: the same bits everywhere
 * relaxed   matrix products may use fused multiply-add where the processor has it: faster, but the last bits
 *           depend on the machine
 */
export type Arithmetic = "strict" | "relaxed";

export interface Lanes {
  readonly dtype: FloatType;
  /** Lanes per vector. */
  readonly count: 2 | 4;
  /** Bytes per lane. */
  readonly bytes: 4 | 8;
  /** Bits of the stored fraction: 23 or 52. */
  readonly fractionBits: number;
  readonly exponentBias: number;
  constant(value: number): V;
  constantBits(value: bigint): V;
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  div(a: V, b: V): V;
  /** a b + c. Strict: the product is rounded, then the sum. Relaxed: the host decides. */
  mulAdd(a: V, b: V, c: V): V;
  sqrt(a: V): V;
  abs(a: V): V;
  neg(a: V): V;
  nearest(a: V): V;
  floor(a: V): V;
  /** NaN if either is NaN; -0 is less than 0. */
  min(a: V, b: V): V;
  max(a: V, b: V): V;
  pmin(a: V, b: V): V;
  pmax(a: V, b: V): V;
  eq(a: V, b: V): V;
  ne(a: V, b: V): V;
  lt(a: V, b: V): V;
  le(a: V, b: V): V;
  gt(a: V, b: V): V;
  ge(a: V, b: V): V;
  /** Integer arithmetic on the lanes' bits. */
  addBits(a: V, b: V): V;
  subBits(a: V, b: V): V;
  shiftLeft(a: V, count: number): V;
  shiftRight(a: V, count: number): V;
}

function lanesOf(
  prefix: "f32x4" | "f64x2",
): Pick<
  Lanes,
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "sqrt"
  | "abs"
  | "neg"
  | "nearest"
  | "floor"
  | "min"
  | "max"
  | "pmin"
  | "pmax"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge"
> {
  type Suffix<K> = K extends `f32x4.${infer S}` ? S : never;
  const binary =
    (name: Suffix<keyof typeof vectorBinary>) =>
    (a: V, b: V): V =>
      vector2(`${prefix}.${name}`, a, b);
  return {
    add: binary("add"),
    sub: binary("sub"),
    mul: binary("mul"),
    div: binary("div"),
    sqrt: (a) => vector1(`${prefix}.sqrt`, a),
    abs: (a) => vector1(`${prefix}.abs`, a),
    neg: (a) => vector1(`${prefix}.neg`, a),
    nearest: (a) => vector1(`${prefix}.nearest`, a),
    floor: (a) => vector1(`${prefix}.floor`, a),
    min: binary("min"),
    max: binary("max"),
    pmin: binary("pmin"),
    pmax: binary("pmax"),
    eq: binary("eq"),
    ne: binary("ne"),
    lt: binary("lt"),
    le: binary("le"),
    gt: binary("gt"),
    ge: binary("ge"),
  };
}

export const float32Lanes: Lanes = {
  ...lanesOf("f32x4"),
  mulAdd: (a, b, c) => vector2("f32x4.add", vector2("f32x4.mul", a, b), c),
  dtype: "float32",
  count: 4,
  bytes: 4,
  fractionBits: 23,
  exponentBias: 127,
  constant: (value) => vectorConstant(new Float32Array(4).fill(value)),
  constantBits: (value) => vectorConstant(new Int32Array(4).fill(Number(BigInt.asIntN(32, value)))),
  addBits: (a, b) => vector2("i32x4.add", a, b),
  subBits: (a, b) => vector2("i32x4.sub", a, b),
  shiftLeft: (a, count) => shift("i32x4.shl", a, count),
  shiftRight: (a, count) => shift("i32x4.shr_u", a, count),
};

export const float64Lanes: Lanes = {
  ...lanesOf("f64x2"),
  mulAdd: (a, b, c) => vector2("f64x2.add", vector2("f64x2.mul", a, b), c),
  dtype: "float64",
  count: 2,
  bytes: 8,
  fractionBits: 52,
  exponentBias: 1023,
  constant: (value) => vectorConstant(new Float64Array(2).fill(value)),
  constantBits: (value) => vectorConstant(new BigUint64Array(2).fill(BigInt.asUintN(64, value))),
  addBits: (a, b) => vector2("i64x2.add", a, b),
  subBits: (a, b) => vector2("i64x2.sub", a, b),
  shiftLeft: (a, count) => shift("i64x2.shl", a, count),
  shiftRight: (a, count) => shift("i64x2.shr_u", a, count),
};

export const lanes: Readonly<Record<FloatType, Lanes>> = { float32: float32Lanes, float64: float64Lanes };

const relaxedLanes: Readonly<Record<FloatType, Lanes>> = {
  float32: {
    ...float32Lanes,
    mulAdd: (a, b, c) => vector3("f32x4.relaxed_madd", a, b, c),
  },
  float64: {
    ...float64Lanes,
    mulAdd: (a, b, c) => vector3("f64x2.relaxed_madd", a, b, c),
  },
};

/** The lanes that matrix products use. Elementary functions are always strict, so their error bounds hold. */
export function lanesWith(arithmetic: Arithmetic): Readonly<Record<FloatType, Lanes>> {
  return arithmetic === "relaxed" ? relaxedLanes : lanes;
}

/** mask ? a : b, lane by lane; the mask's lanes are all ones or all zeros. */
export function select(mask: V, a: V, b: V): V {
  return vector3("v128.bitselect", a, b, mask);
}

export function and(a: V, b: V): V {
  return vector2("v128.and", a, b);
}

export function or(a: V, b: V): V {
  return vector2("v128.or", a, b);
}

export function xor(a: V, b: V): V {
  return vector2("v128.xor", a, b);
}

export function not(a: V): V {
  return vector1("v128.not", a);
}

/** c_0 + c_1 z + c_2 z^2 + ... by Horner's rule. */
export function polynomial(L: Lanes, z: V, coefficients: readonly number[]): V {
  const [highest, ...lower] = coefficients.toReversed();
  return lower.reduce((sum, c) => L.add(L.mul(sum, z), L.constant(c)), L.constant(highest!));
}

/** The same polynomial by Estrin's scheme: shorter chains of dependent operations. */
export function polynomialByPairs(L: Lanes, z: V, coefficients: readonly number[]): V {
  const combine = (terms: readonly V[], power: V): V => {
    if (terms.length === 1) return terms[0]!;
    const pairs = terms.flatMap((term, i) => {
      if (i % 2 === 1) return [];
      const next = terms[i + 1];
      return [next === undefined ? term : L.add(term, L.mul(power, next))];
    });
    return combine(pairs, L.mul(power, power));
  };
  return combine(
    coefficients.map((c) => L.constant(c)),
    z,
  );
}

/** The sign bit of x, with all other bits zero. */
export function signOf(L: Lanes, x: V): V {
  return and(x, L.constant(-0));
}

/**
 * x rounded to an integer n, and n 2^f in the lanes' bits (f the fraction's width), for |x| < 2^(f-2).
 *
 *   y = x + 1.5 * 2^f        its last bit has weight 1, so the addition itself rounds to an integer
 *   n = y - 1.5 * 2^f        exact
 *   bits(y) << f             the low bits of y hold n in two's complement: this is n 2^f, modulo the word
 */
export function roundToInteger(L: Lanes, x: V): { readonly n: V; readonly exponent: V; readonly shifted: V } {
  const magic = L.constant(1.5 * 2 ** L.fractionBits);
  const shifted = L.add(x, magic);
  return { n: L.sub(shifted, magic), exponent: L.shiftLeft(shifted, L.fractionBits), shifted };
}
