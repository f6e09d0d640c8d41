import { emptyLike } from "../../array/ndarray.ts";
import { atan2, cos, exp, expm1, log, log1p, pow, sin, tanh } from "../../elementary/index.ts";
import type { ElementwiseName } from "../../primitives/table.ts";
import type { Kernel, KernelTable } from "./kernels.ts";

function mapUnary(f: (x: number) => number): Kernel {
  return ([input], _params, type) => {
    const output = emptyLike(type);
    const [x, y] = [input!.data, output.data];
    for (let i = 0; i < y.length; i++) y[i] = f(x[i]!);
    return output;
  };
}

function mapBinary(f: (x: number, y: number) => number): Kernel {
  return ([left, right], _params, type) => {
    const output = emptyLike(type);
    const [x, y, z] = [left!.data, right!.data, output.data];
    for (let i = 0; i < z.length; i++) z[i] = f(x[i]!, y[i]!);
    return output;
  };
}

/** 1/(1 + exp(−x)), exponentiating only negative numbers so that nothing overflows. */
function sigmoid(x: number): number {
  const e = exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
}

/** 1/cosh² x = t (2 / (1 + t))², t = exp(−2|x|): nothing cancels or overflows. */
function sechSquared(x: number): number {
  const t = exp(-2 * Math.abs(x));
  const q = 2 / (1 + t);
  return t * (q * q);
}

/** ln(1 + exp x) = max(x, 0) + ln(1 + exp(−|x|)). */
function softplus(x: number): number {
  return Math.max(x, 0) + log1p(exp(-Math.abs(x)));
}

/** ⌊x y / 2^32⌋ of unsigned words: x times the halves of y, both products exact.  [eq:multiply-high] */
function multiplyHigh(x: number, y: number): number {
  const [a, b] = [x >>> 0, y >>> 0];
  return Math.floor((a * (b >>> 16) + Math.floor((a * (b & 0xffff)) / 2 ** 16)) / 2 ** 16);
}

/** Truncates; saturates beyond the int32 range; NaN gives −2^31, which is no valid index.  [eq:convert] */
function toInt32(x: number): number {
  return Number.isNaN(x) ? -(2 ** 31) : Math.min(Math.max(Math.trunc(x), -(2 ** 31)), 2 ** 31 - 1);
}

export const elementwiseKernels: KernelTable<ElementwiseName> = {
  add: mapBinary((x, y) => x + y),
  sub: mapBinary((x, y) => x - y),
  // Integers wrap modulo 2^32; a float64 product would lose the low bits that are kept.
  mul: (inputs, params, type, run) =>
    (type.dtype === "int32" ? mapBinary(Math.imul) : mapBinary((x, y) => x * y))(inputs, params, type, run),
  div: mapBinary((x, y) => x / y),
  neg: mapUnary((x) => -x),
  pow: mapBinary(pow),
  sqrt: mapUnary(Math.sqrt),
  exp: mapUnary(exp),
  expm1: mapUnary(expm1),
  log: mapUnary(log),
  log1p: mapUnary(log1p),
  tanh: mapUnary(tanh),
  sechSquared: mapUnary(sechSquared),
  sigmoid: mapUnary(sigmoid),
  softplus: mapUnary(softplus),
  sin: mapUnary(sin),
  cos: mapUnary(cos),
  atan2: mapBinary(atan2),
  abs: mapUnary(Math.abs),
  sign: mapUnary(Math.sign),
  maximum: mapBinary(Math.max),
  minimum: mapBinary(Math.min),
  less: mapBinary((x, y) => (x < y ? 1 : 0)),
  lessEqual: mapBinary((x, y) => (x <= y ? 1 : 0)),
  equal: mapBinary((x, y) => (x === y ? 1 : 0)),
  bitXor: mapBinary((x, y) => x ^ y),
  multiplyHigh: mapBinary(multiplyHigh),
  select: ([mask, a, b], _params, type) => {
    const output = emptyLike(type);
    const [m, x, y, z] = [mask!.data, a!.data, b!.data, output.data];
    for (let i = 0; i < z.length; i++) z[i] = m[i] !== 0 ? x[i]! : y[i]!;
    return output;
  },
  convert: (inputs, params, type, run) =>
    mapUnary(type.dtype === "int32" && inputs[0]!.dtype !== "int32" ? toInt32 : (x) => x)(
      inputs,
      params,
      type,
      run,
    ),
};
