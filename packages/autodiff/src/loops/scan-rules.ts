import { Bundle, bundleType } from "../array/bundle.ts";
import type { ArrayType, NdArray } from "../array/ndarray.ts";
import { add } from "../primitives/arithmetic.ts";
import { zerosLike } from "../primitives/comparison.ts";
import { transpose } from "../primitives/movement.ts";
import { partsOf, unbundle } from "../primitives/part.ts";
import type { Derivative, Primitive } from "../primitives/primitive.ts";
import type { ParamsOf } from "../primitives/table.ts";
import { bind } from "../trace/bind.ts";
import { evaluate } from "../trace/evaluate.ts";
import { pullBack } from "../transforms/vjp.ts";
import { forAll, mapWhereNeeded } from "../transforms/vmap.ts";
import {
  activeInputs,
  bodyOf,
  byRole,
  chosen,
  inOrder,
  movingInputs,
  placed,
  type Roles,
  resultTypes,
  stepTypes,
} from "./body.ts";
import { loopWithTangents } from "./tangents.ts";

type Params = ParamsOf<"scan">;

/**
 * c_{t+1}, y_t = f(c_t, x_t, k),   t = 0 … T − 1;   result: c_T and all y_t                       [eq:scan]
 *
 * Derivatives are scans too: forwards in time in forward mode, backwards in time in reverse mode.
 */
export const scanPrimitive: Primitive<Params> = {
  name: "scan",
  elementwise: false,
  outputType: () => bundleType,
  jvp: (tangents, inputs, _output, params) => withTangents(tangents, inputs, params)[1],
  withTangents,
  keeping,
  vjp,
  batching: { apply: forMany },
};

/** Runs a scan; the arrays of its result. */
export function runScan(inputs: Roles<NdArray>, params: Omit<Params, "carries" | "rows">): NdArray[] {
  const all = { ...params, carries: inputs.carry.length, rows: inputs.rows.length };
  return unbundle(bind(scanPrimitive, inOrder(inputs), all), resultTypes(all));
}

/** One loop for both: [eq:scan-jvp]. */
function withTangents(
  tangents: readonly Derivative[],
  inputs: readonly NdArray[],
  params: Params,
): readonly [value: Bundle, tangent: Bundle] {
  return loopWithTangents(tangents, inputs, params, (given, body) => runScan(given, { ...params, body }));
}

/** The scan with all c_t appended to its results, for reverse mode. */
function keeping(inputs: readonly NdArray[], params: Params): Bundle {
  const { graph } = params.body;
  const body = bodyOf(byRole<ArrayType>(graph.inputs, params), (given) => [
    ...evaluate(graph, inOrder(given)),
    ...given.carry,
  ]);
  return new Bundle(runScan(byRole(inputs, params), { ...params, body }));
}

/**
 * The scan run backwards in time, its carry the cotangents of c and of k:                       [eq:scan-vjp]
 *
 *   c̄_t, x̄_t, δ_t = J_f(c_t, x_t, k)ᵀ (c̄_{t+1}, ȳ_t),   k̄ = Σ_t δ_t
 */
function vjp(
  yBar: NdArray,
  inputs: readonly NdArray[],
  output: NdArray,
  params: Params,
  wanted: readonly boolean[],
): readonly Derivative[] {
  const { graph } = params.body;
  const { carries } = params;
  const moving = movingInputs(graph, wanted, carries);
  const moves = byRole(moving, params);
  const { rows, fixed } = byRole(inputs, params);
  const results = graph.outputs.length;
  const kept = partsOf(output).slice(results) as readonly NdArray[]; // of a scan that keeps them
  const bars = partsOf(yBar);
  const ends = byRole(inputs, params).carry.map((c, i) => bars[i] ?? zerosLike(c));
  const yBars = bars.slice(carries, results);
  const felt = graph.outputs.slice(carries).map((_, i) => (yBars[i] ?? null) !== null);

  const start: Roles<NdArray> = {
    carry: [...chosen(ends, moves.carry), ...chosen(fixed, moves.fixed).map((k) => zerosLike(k))],
    rows: [...kept, ...rows, ...yBars.filter((bar) => bar !== null)],
    fixed,
  };
  const count = moves.carry.filter(Boolean).length;
  const body = bodyOf(stepTypes(start), (given) => {
    const cBar = placed(given.carry.slice(0, count), moves.carry);
    const kBar = given.carry.slice(count);
    const point = [...given.rows.slice(0, carries + rows.length), ...given.fixed];
    const stepBars = placed(given.rows.slice(carries + rows.length), felt);
    const back = byRole(pullBack(graph, point, moving).pullback([...cBar, ...stepBars]), params);
    const like = byRole(point, params);
    const orZeros = (role: keyof Roles<NdArray>): NdArray[] =>
      chosen(
        back[role].map((bar, i) => bar ?? zerosLike(like[role][i]!)),
        moves[role],
      );
    const delta = chosen(back.fixed, moves.fixed);
    return [
      ...orZeros("carry"),
      ...kBar.map((bar, i) => (delta[i] ? add(bar, delta[i]) : bar)),
      ...orZeros("rows"),
    ];
  });
  const found = runScan(start, { ...params, body, reverse: !params.reverse });
  const fixedCount = moves.fixed.filter(Boolean).length;
  return [
    ...placed(found.slice(0, count), moves.carry),
    ...placed(found.slice(count + fixedCount), moves.rows),
    ...placed(found.slice(count, count + fixedCount), moves.fixed),
  ];
}

/** One loop for all: the new axis comes first in what is carried and in rows, second in what is stacked. */
function forMany(
  inputs: readonly NdArray[],
  mapped: readonly boolean[],
  params: Params,
  size: number,
): Bundle {
  const { graph } = params.body;
  const { carries } = params;
  const inLoop = activeInputs(graph, mapped, carries);
  const start: Roles<NdArray> = byRole(
    inputs.map((value, i) => {
      if (i < carries) return inLoop[i] ? forAll({ value, mapped: mapped[i]! }, size) : value;
      return mapped[i] && i < carries + params.rows ? swapFirstAxes(value) : value;
    }),
    params,
  );
  let stepMapped: boolean[] = [];
  const body = bodyOf(stepTypes(start), (given) => {
    const results = mapWhereNeeded(graph, inOrder(given), inLoop, size);
    stepMapped = results.slice(carries).map((y) => y.mapped);
    return results.map((y, i) => (i < carries && inLoop[i] ? forAll(y, size) : y.value));
  });
  return new Bundle(
    runScan(start, { ...params, body }).map((value, i) => {
      if (i < carries) return forAll({ value, mapped: inLoop[i]! }, size);
      return stepMapped[i - carries] ? swapFirstAxes(value) : forAll({ value, mapped: false }, size);
    }),
  );
}

function swapFirstAxes(x: NdArray): NdArray {
  return transpose(x, [1, 0, ...x.shape.slice(2).map((_, axis) => axis + 2)]);
}
