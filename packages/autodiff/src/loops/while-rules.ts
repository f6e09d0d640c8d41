import { Bundle, bundleType } from "../array/bundle.ts";
import type { ArrayType, NdArray } from "../array/ndarray.ts";
import { UnsupportedError } from "../errors.ts";
import { sub } from "../primitives/arithmetic.ts";
import { sum } from "../primitives/broadcasting.ts";
import { equal } from "../primitives/comparison.ts";
import { partsOf, unbundle } from "../primitives/part.ts";
import type { Derivative, Primitive } from "../primitives/primitive.ts";
import type { ParamsOf } from "../primitives/table.ts";
import { bind } from "../trace/bind.ts";
import { type Body, outputTypes } from "../trace/graph.ts";
import { forAll, mapWhereNeeded } from "../transforms/vmap.ts";
import { activeInputs, bodyOf, byRole, inOrder, movingInputs, type Roles } from "./body.ts";
import { chooseByLane } from "./cond-rules.ts";
import { loopWithTangents } from "./tangents.ts";

type Params = ParamsOf<"whileLoop">;

/**
 * c_{t+1} = f(c_t, k) while p(c_t) ≠ 0;   result: the first c_T with p(c_T) = 0                   [eq:while]
 *
 * p is computed together with its argument and is the first of the carries, so the loop differs from a scan only in where
 * it ends.
 */
export const whilePrimitive: Primitive<Params> = {
  name: "whileLoop",
  elementwise: false,
  outputType: () => bundleType,
  jvp: (tangents, inputs, _output, params) => withTangents(tangents, inputs, params)[1],
  withTangents,
  vjp: refuseReverse,
  batching: { apply: forMany },
};

/** Runs a loop; the arrays it ends with. */
export function runWhile(inputs: Roles<NdArray>, body: Body): NdArray[] {
  const params = { body, carries: inputs.carry.length };
  const types = outputTypes(body.graph);
  return unbundle(bind(whilePrimitive, inOrder(inputs), params), types);
}

/** [eq:scan-jvp]: the tangent is carried along, and does not affect where the loop ends. */
function withTangents(
  tangents: readonly Derivative[],
  inputs: readonly NdArray[],
  params: Params,
): readonly [value: Bundle, tangent: Bundle] {
  return loopWithTangents(tangents, inputs, { ...params, rows: 0 }, runWhile);
}

/** Refuses reverse mode, unless no result with a cotangent depends on a differentiated input. */
function refuseReverse(
  yBar: NdArray,
  inputs: readonly NdArray[],
  _output: NdArray,
  { body, carries }: Params,
  wanted: readonly boolean[],
): readonly Derivative[] {
  const moving = movingInputs(body.graph, wanted, carries);
  if (!partsOf(yBar).some((bar, i) => bar !== null && moving[i])) return inputs.map(() => null);
  throw new UnsupportedError(
    "whileLoop",
    "reverse mode would have to store every carry, and their number is not known in advance",
    "Use scan with a bound on the steps and select, or forward mode (jvp, linearize), or give what the loop " +
      "computes a rule of its own with customFunction.",
  );
}

/** One loop for all examples. It runs until the last of them ends; those that have ended keep their values. */
function forMany(
  inputs: readonly NdArray[],
  mapped: readonly boolean[],
  { body: { graph }, carries }: Params,
  size: number,
): Bundle {
  const reached = activeInputs(graph, mapped, carries);
  const endsTogether = !reached[0];
  const inLoop = endsTogether
    ? reached
    : activeInputs(
        graph,
        reached.map((is, i) => is || i < carries),
        carries,
      );
  const { carry, fixed } = byRole(
    inputs.map((value, i) =>
      i < carries && inLoop[i] ? forAll({ value, mapped: mapped[i]! }, size) : value,
    ),
    { carries, rows: 0 },
  );
  const stepForAll = (given: readonly NdArray[]): NdArray[] =>
    mapWhereNeeded(graph, given, inLoop, size).map((y, i) => (inLoop[i] ? forAll(y, size) : y.value));

  if (endsTogether) {
    const body = bodyOf({ carry, rows: [], fixed }, (given) => stepForAll(inOrder(given)));
    const ends = runWhile({ carry, rows: [], fixed }, body);
    return new Bundle(ends.map((value, i) => forAll({ value, mapped: inLoop[i]! }, size)));
  }
  const start: Roles<NdArray> = { carry: [running(carry[0]!), ...carry], rows: [], fixed };
  const types: Roles<ArrayType> = start;
  const body = bodyOf(types, (given) => {
    const [, p, ...c] = given.carry;
    const [pNext, ...cNext] = stepForAll([p!, ...c, ...given.fixed]);
    const next = [chooseByLane(p!, pNext!, p!), ...cNext.map((y, i) => chooseByLane(p!, y, c[i]!))];
    return [running(next[0]!), ...next];
  });
  return new Bundle(runWhile(start, body).slice(1));
}

/** The number of loops that continue. */
function running(p: NdArray): NdArray {
  return sum(sub(1, equal(p, 0)));
}
