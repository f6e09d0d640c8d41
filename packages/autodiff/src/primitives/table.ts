import type { DType } from "../array/ndarray.ts";
import type { Shape } from "../array/shape.ts";
import { condPrimitive } from "../loops/cond-rules.ts";
import { scanPrimitive } from "../loops/scan-rules.ts";
import { whilePrimitive } from "../loops/while-rules.ts";
import type { Body } from "../trace/graph.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { bitXor, multiplyHigh } from "./bits.ts";
import { broadcastToPrimitive, reshapePrimitive, sumPrimitive } from "./broadcasting.ts";
import { convertPrimitive, equal, less, lessEqual, selectPrimitive } from "./comparison.ts";
import { gatherPrimitive, scatterAddPrimitive } from "./indexing.ts";
import { concatPrimitive } from "./joining.ts";
import { choleskyPrimitive, matmulPrimitive, triangularSolvePrimitive } from "./linear-algebra.ts";
import { cumsumPrimitive, padPrimitive, slicePrimitive, transposePrimitive } from "./movement.ts";
import { partPrimitive } from "./part.ts";
import { abs, maximum, minimum, sign } from "./piecewise.ts";
import { pow } from "./power.ts";
import type { NoParams, Primitive } from "./primitive.ts";
import { logSumExpPrimitive, maxPrimitive } from "./reduction.ts";
import {
  atan2,
  cos,
  exp,
  expm1,
  log,
  log1p,
  sechSquared,
  sigmoid,
  sin,
  softplus,
  sqrt,
  tanh,
} from "./transcendental.ts";

/** The primitives that compute y[i] only from x_0[i], x_1[i], …. */
export type ElementwiseName =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "neg"
  | "pow"
  | "sqrt"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "tanh"
  | "sechSquared"
  | "sigmoid"
  | "softplus"
  | "sin"
  | "cos"
  | "atan2"
  | "abs"
  | "sign"
  | "maximum"
  | "minimum"
  | "less"
  | "lessEqual"
  | "equal"
  | "bitXor"
  | "multiplyHigh"
  | "select"
  | "convert";

/** The primitives that have no settings. */
type Plain = Exclude<ElementwiseName, "convert"> | "matmul" | "cholesky";

/** The settings of every primitive, by name. */
export interface ParamsByName extends Readonly<Record<Plain, NoParams>> {
  readonly convert: { readonly dtype: DType };
  readonly broadcastTo: { readonly shape: Shape };
  readonly reshape: { readonly shape: Shape };
  readonly transpose: { readonly permutation: readonly number[] };
  readonly sum: { readonly axes: readonly number[] };
  readonly max: { readonly axes: readonly number[] };
  readonly logSumExp: { readonly axes: readonly number[] };
  readonly cumsum: { readonly axis: number; readonly reverse: boolean };
  readonly slice: {
    readonly start: readonly number[];
    readonly stop: readonly number[];
    readonly step: readonly number[];
  };
  readonly pad: {
    readonly low: readonly number[];
    readonly high: readonly number[];
    readonly interior: readonly number[];
  };
  readonly concat: { readonly axis: number };
  readonly gather: { readonly axis: number };
  readonly scatterAdd: { readonly axis: number; readonly size: number };
  /**
   * Inputs: the carried values, then `rows` arrays of which step t gets row t, then values fixed for all
   * steps.
   */
  readonly scan: {
    readonly body: Body;
    readonly length: number;
    readonly carries: number;
    readonly rows: number;
    /** From the last row to the first. */
    readonly reverse: boolean;
  };
  /**
   * Inputs: the carried values, the first of which says whether to continue, then values fixed for all steps.
   */
  readonly whileLoop: { readonly body: Body; readonly carries: number };
  /** Inputs: the predicate, then the operands of both branches. */
  readonly cond: { readonly onTrue: Body; readonly onFalse: Body };
  readonly part: { readonly index: number; readonly shape: Shape; readonly dtype: DType };
  readonly triangularSolve: { readonly lower: boolean; readonly transposed: boolean };
}

/** The name of a primitive of the table. */
export type PrimitiveName = keyof ParamsByName;
/** The settings of a primitive, by its name. */
export type ParamsOf<Name extends PrimitiveName> = ParamsByName[Name];
export type PrimitiveTable = { readonly [Name in PrimitiveName]: Primitive<ParamsByName[Name]> };

/**
 * Every primitive that a backend must implement. Kernels, lowerings and test cases are tables typed by these
 * keys, so a missing entry is a compile error. Any other primitive has an `expand`, which distinguishes it
 * from these whatever its name.
 */
export const primitives: PrimitiveTable = {
  add: add.primitive,
  sub: sub.primitive,
  mul: mul.primitive,
  div: div.primitive,
  neg: neg.primitive,
  pow: pow.primitive,
  sqrt: sqrt.primitive,
  exp: exp.primitive,
  expm1: expm1.primitive,
  log: log.primitive,
  log1p: log1p.primitive,
  tanh: tanh.primitive,
  sechSquared: sechSquared.primitive,
  sigmoid: sigmoid.primitive,
  softplus: softplus.primitive,
  sin: sin.primitive,
  cos: cos.primitive,
  atan2: atan2.primitive,
  abs: abs.primitive,
  sign: sign.primitive,
  maximum: maximum.primitive,
  minimum: minimum.primitive,
  less: less.primitive,
  lessEqual: lessEqual.primitive,
  equal: equal.primitive,
  bitXor: bitXor.primitive,
  multiplyHigh: multiplyHigh.primitive,
  select: selectPrimitive,
  convert: convertPrimitive,
  broadcastTo: broadcastToPrimitive,
  sum: sumPrimitive,
  max: maxPrimitive,
  logSumExp: logSumExpPrimitive,
  reshape: reshapePrimitive,
  transpose: transposePrimitive,
  slice: slicePrimitive,
  pad: padPrimitive,
  concat: concatPrimitive,
  cumsum: cumsumPrimitive,
  gather: gatherPrimitive,
  scatterAdd: scatterAddPrimitive,
  matmul: matmulPrimitive,
  cholesky: choleskyPrimitive,
  triangularSolve: triangularSolvePrimitive,
  scan: scanPrimitive,
  whileLoop: whilePrimitive,
  cond: condPrimitive,
  part: partPrimitive,
};
