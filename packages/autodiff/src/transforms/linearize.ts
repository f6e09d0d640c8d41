import { differentiable, matching } from "../arguments/differentiated.ts";
import { refuseMoreThan, refuseSurplus } from "../arguments/refusals.ts";
import type { NdArray } from "../array/ndarray.ts";
import { type Argument, unflatten } from "../array/tree.ts";
import { requireFunction } from "../errors.ts";
import { zerosLike } from "../primitives/comparison.ts";
import { ownedBy } from "../trace/bind.ts";
import { evaluate } from "../trace/evaluate.ts";
import { remembered, traceArrays, traceFunction } from "../trace/trace-function.ts";
import { pushForward } from "./jvp.ts";

/**
 * The value of f, and its derivative at x as a linear function, for many tangents.           [eq:pushforward]
 *
 *   const [y, pushforward] = linearize(f)(x);   pushforward(dx) = J(x) dx,   J = ∂f/∂x
 *
 * The same as jvp, but everything that depends only on x is computed once, so a pushforward costs less than a
 * jvp.
 */
export function linearize<X extends readonly unknown[], Y>(
  f: (...primals: X) => Y,
  ...surplus: never[]
): (
  ...primals: Argument<X> & readonly unknown[]
) => [value: Y, pushforward: (...tangents: Argument<X> & readonly unknown[]) => Y] {
  requireFunction("linearize", f);
  refuseSurplus("linearize", surplus, "linearize(f)(x)");
  return (...primals) => {
    refuseMoreThan("linearize", f, primals.length);
    const x = differentiable("linearize", primals, "primals");
    const { graph: traced, captured, output } = traceFunction("linearize", f, x.structure, x.leaves);
    const [graph, inputs] = [remembered(traced), [...ownedBy(x.leaves), ...captured]];
    const still = captured.map(() => null);
    const values = evaluate(graph, inputs);
    // Only the tangents are traced: what the rules compute from x is computed now and becomes a constant.
    const tangentsOf = (dxs: readonly NdArray[]): NdArray[] =>
      pushForward(graph, inputs, [...dxs, ...still]).tangents.map((dy, i) => dy ?? zerosLike(values[i]!));
    const linear = traceArrays("linearize", tangentsOf, x.leaves);
    return [
      unflatten<Y>(output, ownedBy(values)),
      (...tangents) => {
        const dxs = matching("linearize", x, tangents, "tangents");
        return unflatten<Y>(output, ownedBy(evaluate(linear.graph, [...dxs, ...linear.captured])));
      },
    ];
  };
}
