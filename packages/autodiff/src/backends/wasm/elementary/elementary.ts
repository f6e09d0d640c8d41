/**
 * The elementary functions of the backend, for either element type, applied to one vector.
 *
 * float32 exp, expm1, sigmoid, tanh and sech² are computed in float32. The other functions of a float32
 * vector are computed in float64 on its two halves and rounded once at the end, so their error is barely
 * above 0.5 ulp.
 */

import { shuffle, type V, vector1 } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/function.ts";
import { atan2 } from "./atan2.ts";
import { exp, expm1, sigmoid } from "./exponential.ts";
import { float64Lanes, type Lanes } from "./lanes.ts";
import { log, log1p, softplus } from "./logarithm.ts";
import { pow } from "./pow.ts";
import { sechSquared, tanh } from "./tanh.ts";
import { cos, sin, sinCos } from "./trigonometric.ts";

export type ElementaryName =
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "tanh"
  | "sechSquared"
  | "sigmoid"
  | "softplus"
  | "sin"
  | "cos";

/** Emits f(x) into `fn`; x should be a local. */
type Emit = (fn: FunctionBuilder, L: Lanes, x: V) => V;
type EmitBinary = (fn: FunctionBuilder, L: Lanes, x: V, y: V) => V;

export const elementary: Readonly<Record<ElementaryName, Emit>> = {
  exp: (_, L, x) => exp(L, x),
  expm1: (_, L, x) => expm1(L, x),
  sigmoid: (_, L, x) => sigmoid(L, x),
  tanh: (_, L, x) => tanh(L, x),
  sechSquared: (_, L, x) => sechSquared(L, x),
  log: inFloat64((_, L, x) => log(L, x)),
  log1p: inFloat64((_, L, x) => log1p(L, x)),
  softplus: inFloat64((_, L, x) => softplus(L, x)),
  sin: inFloat64(sin),
  cos: inFloat64(cos),
};

export const elementaryBinary: Readonly<Record<"pow" | "atan2", EmitBinary>> = {
  pow: binaryInFloat64((_, x, y) => pow(x, y)),
  atan2: binaryInFloat64((_, y, x) => atan2(y, x)),
};

/** sin x and cos x together, cheaper than separately. */
export function elementarySinCos(fn: FunctionBuilder, L: Lanes, x: V): { readonly sin: V; readonly cos: V } {
  if (L.dtype === "float64") return sinCos(fn, L, x);
  const ofHalves = halves.map((half) => {
    const { sin, cos } = sinCos(fn, float64Lanes, fn.let(half(x)));
    return { sin: fn.let(narrow(sin)), cos: fn.let(narrow(cos)) };
  });
  const join = (pick: "sin" | "cos"): V => shuffle(bothLows, ofHalves[0]![pick], ofHalves[1]![pick]);
  return { sin: join("sin"), cos: join("cos") };
}

/** Extends f from float64 to both types. */
function inFloat64(emit: Emit): Emit {
  return (fn, L, x) => {
    if (L.dtype === "float64") return emit(fn, L, x);
    return joinHalves((half) => fn.let(narrow(emit(fn, float64Lanes, fn.let(half(x))))));
  };
}

function binaryInFloat64(f: (fn: FunctionBuilder, x: V, y: V) => V): EmitBinary {
  return (fn, L, x, y) => {
    if (L.dtype === "float64") return f(fn, x, y);
    return joinHalves((half) => fn.let(narrow(f(fn, fn.let(half(x)), fn.let(half(y))))));
  };
}

type Half = (x: V) => V;

/** The low and the high two of four float32 lanes, as float64. */
const halves: readonly [Half, Half] = [
  (x) => vector1("f64x2.promote_low_f32x4", x),
  (x) => vector1("f64x2.promote_low_f32x4", shuffle(bytes(8, 16, 8, 16), x, x)),
];
const bothLows = bytes(0, 8, 16, 24);

/** Applies f to the low and the high half of four lanes, and joins the results. */
function joinHalves(f: (half: Half) => V): V {
  const [low, high] = halves;
  return shuffle(bothLows, f(low), f(high));
}

function narrow(x: V): V {
  return vector1("f32x4.demote_f64x2_zero", x);
}

/** Byte positions [from1, to1) followed by [from2, to2). */
function bytes(from1: number, to1: number, from2: number, to2: number): number[] {
  const run = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  return [...run(from1, to1), ...run(from2, to2)];
}
