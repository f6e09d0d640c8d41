import { differentiable, matching } from "../arguments/differentiated.ts";
import { refuseMoreThan, refuseSurplus } from "../arguments/refusals.ts";
import type { NdArray } from "../array/ndarray.ts";
import { type Argument, type Flattened, unflatten } from "../array/tree.ts";
import { requireFunction, requireList } from "../errors.ts";
import { zerosLike } from "../primitives/comparison.ts";
import type { Derivative } from "../primitives/primitive.ts";
import { bind, ownedBy } from "../trace/bind.ts";
import { startingValues } from "../trace/evaluate.ts";
import type { Graph } from "../trace/graph.ts";
import { traceFunction } from "../trace/trace-function.ts";

/**
 * Forward mode: the value of f and its directional derivative.                       [eq:jvp]
 *
 *   jvp(f)([x], [dx]) = [f(x), J(x) dx],   J = ∂f/∂x
 *
 * One forward sweep: every primitive's jvp rule maps the tangents of its inputs to that of its output. The
 * cost is a small constant number of evaluations of f, for any sizes.
 *
 * Errors  TreeError unless primals and tangents are lists with one entry per argument, of one structure; ShapeError and
 *         DTypeError for tangents of other types
 */
export function jvp<X extends readonly unknown[], Y>(
  f: (...primals: X) => Y,
  ...surplus: never[]
): (primals: Argument<X>, tangents: Argument<X>, ...surplus: never[]) => [value: Y, tangent: Y] {
  requireFunction("jvp", f);
  refuseSurplus("jvp", surplus, "jvp(f)([x], [dx])");
  return (primals, tangents, ...more) => {
    refuseSurplus("jvp", more, "jvp(f)([x], [dx])");
    requireList("jvp", primals, "primals", "Write jvp(f)([x], [dx]), with one entry for each argument of f.");
    requireList(
      "jvp",
      tangents,
      "tangents",
      "Write jvp(f)([x], [dx]), with one entry for each argument of f.",
    );
    refuseMoreThan("jvp", f, (primals as readonly unknown[]).length);
    const x = differentiable("jvp", primals, "primals");
    return jvpFor("jvp", f, x, matching("jvp", x, tangents, "tangents"));
  };
}

/** `jvp` on behalf of `op`, which errors name: f and J dx at x, the list of f's arguments. */
export function jvpFor<X extends readonly unknown[], Y>(
  op: string,
  f: (...primals: X) => Y,
  x: Flattened,
  dx: readonly NdArray[],
): [value: Y, tangent: Y] {
  const { graph, captured, output } = traceFunction(op, f, x.structure, x.leaves);
  const pushed = pushForward(graph, [...x.leaves, ...captured], [...dx, ...captured.map(() => null)]);
  const dys = pushed.tangents.map((dy, i) => dy ?? zerosLike(pushed.values[i]!));
  return [unflatten<Y>(output, ownedBy(pushed.values)), unflatten<Y>(output, ownedBy(dys))];
}

/** Values and tangents of a graph's outputs; null means a zero tangent. */
export function pushForward(
  graph: Graph,
  inputs: readonly NdArray[],
  inputTangents: readonly Derivative[],
): { readonly values: NdArray[]; readonly tangents: Derivative[] } {
  const values = startingValues(graph, inputs);
  const tangents: Derivative[] = [...inputTangents, ...graph.constants.map(() => null)];
  for (const { primitive, inputs: refs, params } of graph.equations) {
    const xs = refs.map((ref) => values[ref]!);
    const dxs = refs.map((ref) => tangents[ref]!);
    const moves = dxs.some((dx) => dx !== null);
    if (moves && primitive.withTangents) {
      const [y, dy] = primitive.withTangents(dxs, xs, params);
      values.push(y);
      tangents.push(dy);
      continue;
    }
    const y = bind(primitive, xs, params);
    values.push(y);
    tangents.push(moves ? primitive.jvp(dxs, xs, y, params) : null);
  }
  return {
    values: graph.outputs.map((ref) => values[ref]!),
    tangents: graph.outputs.map((ref) => tangents[ref]!),
  };
}
