/**
 * Lowers every primitive to nodes of a plan. The table is typed by the primitives' names: a missing row, or
 * one that reads settings its primitive does not have, is a compile error.
 */

import type { ArrayType } from "../../../array/ndarray.ts";
import { keepingAxes } from "../../../array/shape.ts";
import type { Params } from "../../../primitives/primitive.ts";
import type { ParamsOf, PrimitiveName } from "../../../primitives/table.ts";
import type { ElementwiseOp } from "../emit/elementwise.ts";
import { type PlanBuilder, totalType } from "../plan/nodes.ts";
import { broadcastView, permuteView, reshapeView, sliceView, type View } from "../plan/view.ts";
import { gather, scatterAdd } from "./indexing.ts";
import { cholesky, triangularSolve } from "./linear-algebra.ts";
import { cond, resultOf, scan, whileLoop } from "./loops.ts";
import { lowerMatmul } from "./matmul.ts";
import { concat, cumsum, pad } from "./movement.ts";

/** Adds the nodes that compute one application to the plan; returns a view of its value. */
export type Lowering<P extends Params = Params> = (
  plan: PlanBuilder,
  inputs: readonly View[],
  params: P,
  type: ArrayType,
) => View;

export type LoweringTable = { readonly [Name in PrimitiveName]: Lowering<ParamsOf<Name>> };

function elementwise(op: ElementwiseOp): Lowering {
  return (plan, inputs, _params, type) => plan.elementwise(op, inputs, type);
}

/** ln sum exp x = m + ln sum exp(x - m), m = max x: no exponential overflows. */
const logSumExp: Lowering<ParamsOf<"logSumExp">> = (plan, [x], { axes }, type) => {
  const whole: ArrayType = { shape: x!.shape, dtype: type.dtype };
  const along = (y: View): View => broadcastView({ ...y, ...keptAxes(y, x!, axes) }, whole.shape);
  const m = plan.reduce("max", x!, axes);
  const shifted = plan.elementwise("sub", [x!, along(m)], whole);
  const total = plan.reduce("sum", plan.elementwise("exp", [shifted], whole), axes);
  return plan.elementwise("logOfSumWithMaximum", [m, total], type);
};

/** The shape and strides of a reduced value with its axes kept as extents of 1. */
function keptAxes(y: View, x: View, axes: readonly number[]): Pick<View, "shape" | "strides"> {
  const shape = keepingAxes(x.shape, axes);
  const kept = reshapeView(y, shape)!; // y is a whole buffer, so any shape of its size is a view
  return { shape, strides: kept.strides };
}

/** Runs a primitive in the type used for totals; every result is rounded once. */
function summing<P extends Params>(lowering: Lowering<P>): Lowering<P> {
  return (plan, inputs, params, type) => {
    const dtype = totalType(type.dtype);
    if (dtype === type.dtype) return lowering(plan, inputs, params, type);
    const wide = inputs.map((x) =>
      x.node.type.dtype === type.dtype ? plan.elementwise("convert", [x], { shape: x.shape, dtype }) : x,
    );
    return plan.elementwise("convert", [lowering(plan, wide, params, { ...type, dtype })], type);
  };
}

export const lowerings: LoweringTable = {
  add: elementwise("add"),
  sub: elementwise("sub"),
  mul: elementwise("mul"),
  div: elementwise("div"),
  neg: elementwise("neg"),
  pow: elementwise("pow"),
  sqrt: elementwise("sqrt"),
  exp: elementwise("exp"),
  expm1: elementwise("expm1"),
  log: elementwise("log"),
  log1p: elementwise("log1p"),
  tanh: elementwise("tanh"),
  sechSquared: elementwise("sechSquared"),
  sigmoid: elementwise("sigmoid"),
  softplus: elementwise("softplus"),
  sin: elementwise("sin"),
  cos: elementwise("cos"),
  atan2: elementwise("atan2"),
  abs: elementwise("abs"),
  sign: elementwise("sign"),
  maximum: elementwise("maximum"),
  minimum: elementwise("minimum"),
  less: elementwise("less"),
  lessEqual: elementwise("lessEqual"),
  equal: elementwise("equal"),
  bitXor: elementwise("bitXor"),
  multiplyHigh: elementwise("multiplyHigh"),
  select: elementwise("select"),
  convert: elementwise("convert"),

  broadcastTo: (_plan, [x], { shape }) => broadcastView(x!, shape),
  transpose: (_plan, [x], { permutation }) => permuteView(x!, permutation),
  slice: (_plan, [x], { start, step }, type) => sliceView(x!, type.shape, start, step),
  reshape: (plan, [x], { shape }) => reshapeView(x!, shape) ?? reshapeView(plan.copy(x!), shape)!, // a copy is contiguous

  sum: (plan, [x], { axes }) => plan.reduce("sum", x!, axes),
  max: (plan, [x], { axes }) => plan.reduce("max", x!, axes),
  logSumExp,
  cumsum: summing(cumsum),
  pad,
  concat,
  gather,
  scatterAdd: summing(scatterAdd),
  matmul: lowerMatmul,
  cholesky: summing(cholesky),
  triangularSolve: summing(triangularSolve),
  scan,
  whileLoop,
  cond,
  part: (plan, [bundle], params) => resultOf(plan, bundle!, params),
};
