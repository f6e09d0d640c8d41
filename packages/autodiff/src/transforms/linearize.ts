import type { NdArray } from "../array/ndarray.ts";
import { type Argument, unflatten } from "../array/tree.ts";
import { zerosLike } from "../primitives/comparison.ts";
import { ownedBy } from "../trace/bind.ts";
import { evaluateAll } from "../trace/evaluate.ts";
import { traceFunction } from "../trace/trace-function.ts";
import { differentiable, matching } from "./arguments.ts";
import { refuseMoreThan, refuseSurplus } from "./calls.ts";
import { pushForward } from "./jvp.ts";

/**
 * The value of f, and its derivative there as a linear function, for many tangents at one point.     [eq:pushforward]
 *
 *   const [y, pushforward] = linearize(f)(x);   pushforward(dx) = J(x) dx,   J = ∂f/∂x
 *
 * The same as jvp, but what depends on x alone is computed once, so that a pushforward costs less than a jvp.
 */
export function linearize<X extends readonly unknown[], Y>(
  f: (...primals: X) => Y,
  ...surplus: never[]
): (
  ...primals: Argument<X> & readonly unknown[]
) => [value: Y, pushforward: (...tangents: Argument<X> & readonly unknown[]) => Y] {
  refuseSurplus("linearize", surplus, "linearize(f)(x)");
  return (...primals) => {
    refuseMoreThan("linearize", f, primals.length);
    const x = differentiable("linearize", primals, "primals");
    const { graph, captured, output } = traceFunction("linearize", f, x.structure, x.leaves);
    const inputs = [...ownedBy(x.leaves), ...captured]; // they are remembered
    const still = captured.map(() => null);
    let values: readonly NdArray[] = [];
    // Traced in the tangents alone: what the rules compute from x is computed now, and is a constant of the program.
    const tangentsOf = (dxs: readonly NdArray[]): NdArray[] => {
      const pushed = pushForward(graph, inputs, [...dxs, ...still]);
      values = pushed.values;
      return pushed.tangents.map((dy, i) => dy ?? zerosLike(values[i]!));
    };
    const leaves = { kind: "list", items: x.leaves.map(() => ({ kind: "leaf" }) as const) } as const;
    const linear = traceFunction("linearize", tangentsOf, { kind: "list", items: [leaves] }, x.leaves);
    return [
      unflatten<Y>(output, ownedBy(values)),
      (...tangents) => {
        const dxs = matching("linearize", x, tangents, "tangents");
        const all = evaluateAll(linear.graph, [...dxs, ...linear.captured]);
        return unflatten<Y>(output, ownedBy(linear.graph.outputs.map((ref) => all[ref]!)));
      },
    ];
  };
}
