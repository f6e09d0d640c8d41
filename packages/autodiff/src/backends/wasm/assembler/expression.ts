/**
 * Expressions: pure trees (or DAGs) of typed instructions. The encoder computes a node that one statement
 * uses twice only once and keeps it in a local, so code can follow the formula. Across statements use
 * `FunctionBuilder.let`, because a node used in two statements is computed in both.
 */

import {
  conversions,
  extracts,
  i32Binary,
  i64Binary,
  i64Compare,
  loads,
  simdPrefix,
  splats,
  type ValueType,
  vectorBinary,
  vectorShift,
  vectorTernary,
  vectorUnary,
} from "./instructions.ts";
import { signed, unsigned } from "./leb128.ts";

export interface Expr<T extends ValueType = ValueType> {
  readonly type: T;
  readonly node: Node;
}

/** A 128-bit vector: four float32 lanes or two float64 lanes. */
export type V = Expr<"v128">;

export type Node =
  | { readonly kind: "local"; readonly index: number }
  /** `lanes`: of a vector, its bytes as a string. */
  | { readonly kind: "constant"; readonly bytes: readonly number[]; readonly lanes?: string }
  | { readonly kind: "op"; readonly bytes: readonly number[]; readonly args: readonly Expr[] }
  | { readonly kind: "call"; readonly callee: object; readonly args: readonly Expr[] };

function op<T extends ValueType>(type: T, bytes: readonly number[], ...args: readonly Expr[]): Expr<T> {
  return { type, node: { kind: "op", bytes, args } };
}

function simd<T extends ValueType>(type: T, code: number, ...args: readonly Expr[]): Expr<T> {
  simdBytes[code] ??= [simdPrefix, ...unsigned(code)];
  return op(type, simdBytes[code], ...args);
}

/** The bytes of vector instructions by opcode, as far as they were used. */
const simdBytes: (readonly number[])[] = [];

export function i32(value: number): Expr<"i32"> {
  return { type: "i32", node: { kind: "constant", bytes: [0x41, ...signed(value)] } };
}

/** A 64-bit integer; values of 2^63 and above wrap to the signed form that the encoding requires. */
export function i64(value: bigint): Expr<"i64"> {
  return { type: "i64", node: { kind: "constant", bytes: [0x42, ...signed(BigInt.asIntN(64, value))] } };
}

export function f64(value: number): Expr<"f64"> {
  return { type: "f64", node: { kind: "constant", bytes: [0x44, ...bytesOf(Float64Array.of(value))] } };
}

/** A vector constant from its 16 bytes. The encoder hoists it out of loops. */
export function vectorConstant(lanes: Float32Array | Float64Array | Int32Array | BigUint64Array): V {
  const bytes = bytesOf(lanes);
  return {
    type: "v128",
    node: { kind: "constant", bytes: [simdPrefix, 0x0c, ...bytes], lanes: String.fromCharCode(...bytes) },
  };
}

/** The bytes in little-endian order, which WebAssembly requires; every supported host is little-endian. */
function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

export function integer(name: keyof typeof i32Binary, a: Expr<"i32">, b: Expr<"i32">): Expr<"i32"> {
  return op("i32", [i32Binary[name]], a, b);
}

export function long(name: keyof typeof i64Binary, a: Expr<"i64">, b: Expr<"i64">): Expr<"i64"> {
  return op("i64", [i64Binary[name]], a, b);
}

export function longCompare(name: keyof typeof i64Compare, a: Expr<"i64">, b: Expr<"i64">): Expr<"i32"> {
  return op("i32", [i64Compare[name]], a, b);
}

export function convert<K extends keyof typeof conversions>(
  name: K,
  a: Expr<(typeof conversions)[K][1]>,
): Expr<(typeof conversions)[K][2]> {
  const [bytes, , to] = conversions[name];
  return op(to, bytes, a);
}

/** condition ? a : b, both evaluated. */
export function selectScalar<T extends ValueType>(condition: Expr<"i32">, a: Expr<T>, b: Expr<T>): Expr<T> {
  return op(a.type, a.type === "v128" ? [0x1c, 0x01, 0x7b] : [0x1b], a, b, condition);
}

export function vector1(name: keyof typeof vectorUnary, a: V): V {
  return simd("v128", vectorUnary[name], a);
}

export function vector2(name: keyof typeof vectorBinary, a: V, b: V): V {
  return simd("v128", vectorBinary[name], a, b);
}

export function vector3(name: keyof typeof vectorTernary, a: V, b: V, c: V): V {
  return simd("v128", vectorTernary[name], a, b, c);
}

export function shift(name: keyof typeof vectorShift, a: V, count: number): V {
  return simd("v128", vectorShift[name], a, i32(count));
}

export function splat<K extends keyof typeof splats>(name: K, a: Expr<(typeof splats)[K][1]>): V {
  return simd("v128", splats[name][0], a);
}

export function extract<K extends keyof typeof extracts>(
  name: K,
  lane: number,
  a: V,
): Expr<(typeof extracts)[K][1]> {
  const [code, type] = extracts[name];
  return op(type, [simdPrefix, ...unsigned(code), lane], a);
}

/** 1 if any bit of the vector is set. */
export function anyTrue(a: V): Expr<"i32"> {
  return simd("i32", 0x53, a);
}

/** Selects 16 bytes, by the positions in `bytes`, from the 32 bytes of a followed by b. */
export function shuffle(bytes: readonly number[], a: V, b: V): V {
  return op("v128", [simdPrefix, 0x0d, ...bytes], a, b);
}

/**
 * Vector loads of one element. V8 keeps memory base + offset of each in a register, and spills when it runs
 * out.
 */
const loadsOneElement = /_(splat|zero)$/;

export function load<K extends keyof typeof loads>(
  name: K,
  address: Expr<"i32">,
  offset = 0,
): Expr<(typeof loads)[K][1]> {
  const isAdded = offset !== 0 && loadsOneElement.test(name);
  return isAdded
    ? loadAtOffset(name, integer("add", address, i32(offset)), 0)
    : loadAtOffset(name, address, offset);
}

/**
 * Encodes the offset in the instruction even for loads of one element: for a few offsets shared by many
 * loads.
 */
export function loadAtOffset<K extends keyof typeof loads>(
  name: K,
  address: Expr<"i32">,
  offset: number,
): Expr<(typeof loads)[K][1]> {
  const [bytes, type, align] = loads[name];
  return op(type, [...bytes, align, ...unsigned(offset)], address);
}
