import { Bundle, bundleType } from "../array/bundle.ts";
import { type ArrayType, isFloat, type NdArray } from "../array/ndarray.ts";
import { reshape } from "../primitives/broadcasting.ts";
import { select, zerosLike } from "../primitives/comparison.ts";
import { partsOf, unbundle } from "../primitives/part.ts";
import type { Derivative, Primitive } from "../primitives/primitive.ts";
import type { ParamsOf } from "../primitives/table.ts";
import { bind } from "../trace/bind.ts";
import { dependsOn, evaluate } from "../trace/evaluate.ts";
import { type Body, type Graph, outputTypes, typeOf } from "../trace/graph.ts";
import { pushForward } from "../transforms/jvp.ts";
import { pullBack } from "../transforms/vjp.ts";
import { forAll, mapGraph } from "../transforms/vmap.ts";
import { chosen, placed, programOf } from "./body.ts";

type Params = ParamsOf<"cond">;

/**
 * y = f(x) if p ≠ 0, g(x) if p = 0; only the chosen branch is computed                           [eq:cond]
 *
 * Derivatives are conditionals too, between those of f and g. Reverse mode recomputes the branch.
 */
export const condPrimitive: Primitive<Params> = {
  name: "cond",
  elementwise: false,
  outputType: () => bundleType,
  jvp: (tangents, inputs, _output, params) => withTangents(tangents, inputs, params)[1],
  withTangents,
  vjp,
  batching: { apply: forMany },
};

/**
 * A conditional for many p, whose axes come first in everything that the branches take and return. Both branches are
 * computed, and each lane gets the result of its own. Derivatives are chosen likewise, so that the other branch's result
 * for a lane, which may be NaN, does not reach them.
 */
const condByLane: Primitive<Params> = {
  ...condPrimitive,
  expand: ([p, ...xs], { onTrue, onFalse }) => {
    const others = evaluate(onFalse.graph, xs);
    return new Bundle(evaluate(onTrue.graph, xs).map((y, i) => chooseByLane(p!, y, others[i]!)));
  },
};

/** a where p ≠ 0, b elsewhere; p has the first axes of both. */
export function chooseByLane(p: NdArray, a: NdArray, b: NdArray): NdArray {
  const others = a.shape.slice(p.shape.length).map(() => 1);
  return select(reshape(p, [...p.shape, ...others]), a, b);
}

/** Runs a conditional; returns the arrays of the chosen branch. */
export function runCond(p: NdArray, xs: readonly NdArray[], params: Params): NdArray[] {
  const primitive = p.shape.length === 0 ? condPrimitive : condByLane;
  return unbundle(bind(primitive, [p, ...xs], params), outputTypes(params.onTrue.graph));
}

/** A branch as a program. All of its operations are recorded: none may run before the branch is known to be taken. */
export function branchOf(
  types: readonly ArrayType[],
  f: (inputs: readonly NdArray[]) => readonly NdArray[],
): Body {
  return programOf("cond", types, f, { all: true });
}

/** Both branches rewritten. */
function rewritten(
  params: Params,
  types: readonly ArrayType[],
  f: (graph: Graph, inputs: readonly NdArray[]) => readonly NdArray[],
): Params {
  const branch = ({ graph }: Body): Body => branchOf(types, (inputs) => f(graph, inputs));
  return { onTrue: branch(params.onTrue), onFalse: branch(params.onFalse) };
}

/** dy = J_f(x) dx or J_g(x) dx                                                                    [eq:cond-jvp] */
function withTangents(
  tangents: readonly Derivative[],
  [p, ...xs]: readonly NdArray[],
  params: Params,
): readonly [value: Bundle, tangent: Bundle] {
  const dxs = tangents.slice(1);
  const moving = dxs.map((dx) => dx !== null);
  const [ofTrue, ofFalse] = [params.onTrue, params.onFalse].map(({ graph }) => {
    const depends = dependsOn(graph, moving);
    return graph.outputs.map((ref) => depends[ref]! && isFloat(typeOf(graph, ref).dtype));
  });
  const moves = ofTrue!.map((is, i) => is || ofFalse![i]!);
  const both = rewritten(params, [...xs, ...chosen(xs, moving)], (graph, inputs) => {
    const along = placed(inputs.slice(xs.length), moving);
    const { values, tangents: dys } = pushForward(graph, inputs.slice(0, xs.length), along);
    return [...values, ...orZeros(dys, values, moves)];
  });
  const results = runCond(p!, [...xs, ...dxs.filter((dx) => dx !== null)], both);
  return [new Bundle(results.slice(0, moves.length)), new Bundle(placed(results.slice(moves.length), moves))];
}

/** x̄ = J_f(x)ᵀ ȳ or J_g(x)ᵀ ȳ                                                                     [eq:cond-vjp] */
function vjp(
  yBar: NdArray,
  [p, ...xs]: readonly NdArray[],
  _output: NdArray,
  params: Params,
  wanted: readonly boolean[],
): readonly Derivative[] {
  const moving = xs.map(({ dtype }, i) => wanted[i + 1]! && isFloat(dtype));
  const bars = partsOf(yBar);
  const yBars = bars.filter((bar) => bar !== null);
  const felt = params.onTrue.graph.outputs.map((_, i) => (bars[i] ?? null) !== null);
  const back = rewritten(params, [...xs, ...yBars], (graph, inputs) => {
    const at = inputs.slice(0, xs.length);
    const { pullback } = pullBack(graph, at, moving);
    return orZeros(pullback(placed(inputs.slice(xs.length), felt)), at, moving);
  });
  return [null, ...placed(runCond(p!, [...xs, ...yBars], back), moving)];
}

/** The chosen derivatives, zeros where a branch has none: both branches must return the same ones. */
function orZeros(
  derivatives: readonly Derivative[],
  of: readonly NdArray[],
  choice: readonly boolean[],
): NdArray[] {
  return chosen(
    derivatives.map((derivative, i) => derivative ?? zerosLike(of[i]!)),
    choice,
  );
}

/** One conditional between mapped branches if p is the same for all examples; otherwise one for each lane. */
function forMany(
  [p, ...xs]: readonly NdArray[],
  [pMapped, ...mapped]: readonly boolean[],
  params: Params,
  size: number,
): Bundle {
  const each = pMapped! || p!.shape.length > 0;
  const given = each ? xs.map((value, i) => forAll({ value, mapped: mapped[i]! }, size)) : xs;
  const isMapped = mapped.map((is) => is || each);
  const many = rewritten(params, given, (graph, inputs) => mapGraph(graph, inputs, isMapped, size));
  return new Bundle(runCond(each ? forAll({ value: p!, mapped: pMapped! }, size) : p!, given, many));
}
