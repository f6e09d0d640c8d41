import { differentiable, matching } from "../arguments/differentiated.ts";
import { refuseMoreThan, refuseSurplus } from "../arguments/refusals.ts";
import type { NdArray } from "../array/ndarray.ts";
import { type Argument, unflatten } from "../array/tree.ts";
import { requireFunction } from "../errors.ts";
import { zerosLike } from "../primitives/comparison.ts";
import { sumOfCotangents } from "../primitives/part.ts";
import type { Derivative } from "../primitives/primitive.ts";
import { bind, liftTogether, ownedBy } from "../trace/bind.ts";
import { backwards, dependsOn, evaluateAll } from "../trace/evaluate.ts";
import type { Graph } from "../trace/graph.ts";
import { remembered, traceFunction } from "../trace/trace-function.ts";

/**
 * Reverse mode: the value of f, and the map from its cotangent to those of the arguments.            [eq:vjp]
 *
 *   const [y, pullback] = vjp(f)(x);   pullback(yBar) = [J(x)ᵀ yBar],   J = ∂f/∂x
 *
 * One backward sweep: every primitive's vjp rule maps the cotangent of its output to those of its inputs, and
 * the contributions to a value used several times are added. For a scalar y the cost is a small constant
 * number of evaluations of f, for any number of inputs.
 */
export function vjp<X extends readonly unknown[], Y>(
  f: (...primals: X) => Y,
  ...surplus: never[]
): (
  ...primals: Argument<X> & readonly unknown[]
) => [value: Y, pullback: (cotangent: Argument<Y>, ...surplus: never[]) => X] {
  requireFunction("vjp", f);
  refuseSurplus("vjp", surplus, "vjp(f)(x)");
  return (...primals) => {
    refuseMoreThan("vjp", f, primals.length);
    const x = differentiable("vjp", primals, "primals");
    const { graph, captured, output } = traceFunction("vjp", f, x.structure, x.leaves);
    const { values, pullback } = pullBack(
      remembered(graph),
      [...ownedBy(x.leaves), ...captured], // the pullback keeps them
      [...x.leaves.map(() => true), ...captured.map(() => false)],
    );
    const result = { leaves: values, structure: output, paths: values.map((_, i) => `output ${i}`) };
    return [
      unflatten<Y>(output, ownedBy(values)),
      (cotangent, ...more) => {
        refuseSurplus("vjp", more, "pullback(yBar)");
        const xBars = pullback(matching("vjp", result, cotangent, "cotangent"));
        return unflatten<X>(x.structure, ownedBy(x.leaves.map((leaf, i) => xBars[i] ?? zerosLike(leaf))));
      },
    ];
  };
}

/** Values of a graph's outputs, and the pullback of their cotangents to the `active` inputs. */
export function pullBack(
  graph: Graph,
  inputs: readonly NdArray[],
  active: readonly boolean[],
): { readonly values: NdArray[]; readonly pullback: (cotangents: readonly Derivative[]) => Derivative[] } {
  const depends = dependsOn(graph, active);
  const values = evaluateAll(graph, inputs, (primitive, xs, params, ref) =>
    depends[ref] && primitive.keeping ? primitive.keeping(xs, params) : bind(primitive, xs, params),
  );
  const outputs = graph.outputs.map((ref) => values[ref]!);

  const pullback = (cotangents: readonly Derivative[]): Derivative[] => {
    const bars: Derivative[] = values.map(() => null);
    const accumulate = (ref: number, bar: Derivative): void => {
      if (bar === null || !depends[ref]) return;
      const sofar = bars[ref];
      bars[ref] = sofar ? sumOfCotangents(sofar, bar) : bar;
    };
    graph.outputs.forEach((ref, i) => {
      const bar = cotangents[i] ?? null;
      // Lifted so that, while tracing, a constant cotangent is recorded instead of filling memory.
      accumulate(ref, bar && liftTogether([bar, values[ref]!])[0]!);
    });
    for (const [ref, { primitive, inputs: refs, params }] of backwards(graph)) {
      const yBar = bars[ref];
      if (!yBar) continue;
      const xs = refs.map((input) => values[input]!);
      const wanted = refs.map((input) => depends[input]!);
      primitive.vjp(yBar, xs, values[ref]!, params, wanted).forEach((bar, i) => {
        accumulate(refs[i]!, bar);
      });
    }
    return graph.inputs.map((_, i) => bars[i]!);
  };
  return { values: outputs, pullback };
}
