/**
 * The elementary functions of the backend, for either element type, applied to one vector.
 *
 * float32 exp, expm1, sigmoid and tanh are computed in float32. The other functions of a float32 vector are computed in
 * float64 on its two halves and rounded once at the end, so their error is within 0.5 ulp and a trifle.
 */

import { shuffle, type V, vector1 } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/function.ts";
import { exp, expm1, sigmoid } from "./exponential.ts";
import { float64Lanes, type Lanes } from "./lanes.ts";
import { log, log1p, softplus } from "./logarithm.ts";
import { tanh } from "./tanh.ts";
import { cos, sin } from "./trigonometric.ts";

export type ElementaryName =
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "tanh"
  | "sigmoid"
  | "softplus"
  | "sin"
  | "cos";

/** Emits f(x) into `fn`; x should be a local. */
type Emit = (fn: FunctionBuilder, L: Lanes, x: V) => V;

export const elementary: Readonly<Record<ElementaryName, Emit>> = {
  exp: (_, L, x) => exp(L, x),
  expm1: (_, L, x) => expm1(L, x),
  sigmoid: (_, L, x) => sigmoid(L, x),
  tanh: (_, L, x) => tanh(L, x),
  log: inFloat64((_, L, x) => log(L, x)),
  log1p: inFloat64((_, L, x) => log1p(L, x)),
  softplus: inFloat64((_, L, x) => softplus(L, x)),
  sin: inFloat64(sin),
  cos: inFloat64(cos),
};

/** f for both types, from f for float64. */
function inFloat64(emit: Emit): Emit {
  return (fn, L, x) => {
    if (L.dtype === "float64") return emit(fn, L, x);
    const half = (v: V): V => {
      const y = emit(fn, float64Lanes, fn.let(vector1("f64x2.promote_low_f32x4", v)));
      return fn.let(vector1("f32x4.demote_f64x2_zero", y));
    };
    const low = half(x);
    const high = half(shuffle(bytes(8, 16, 8, 16), x, x));
    return shuffle(bytes(0, 8, 16, 24), low, high);
  };
}

/** Byte numbers [from1, to1) followed by [from2, to2). */
function bytes(from1: number, to1: number, from2: number, to2: number): number[] {
  const run = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  return [...run(from1, to1), ...run(from2, to2)];
}
