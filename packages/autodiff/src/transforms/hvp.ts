import { differentiable, matching } from "../arguments/differentiated.ts";
import { refuseSurplus } from "../arguments/refusals.ts";
import type { ScalarFunction } from "../arguments/selected.ts";
import type { NdArray } from "../array/ndarray.ts";
import type { Argument } from "../array/tree.ts";
import { differentiate } from "./grad.ts";
import { jvpFor } from "./jvp.ts";

/**
 * Hessian-vector product of a scalar function, without forming the Hessian.          [eq:hvp]
 *
 *   hvp(f)(x, v) = H(x) v = d/dε ∇f(x + ε v) at ε = 0
 *
 * so it is the jvp of the gradient: forward over reverse mode. Its cost is a small constant number of
 * gradients, for any size of x.
 *
 * Shapes  x, v and the result are trees of the same structure
 * Source  Pearlmutter, Neural Computation 6(1), 1994, doi:10.1162/neco.1994.6.1.147
 */
export function hvp<X, Rest extends readonly unknown[]>(
  f: ScalarFunction<X, Rest>,
  ...surplus: never[]
): (x: Argument<X>, v: Argument<X>, ...rest: Rest) => X {
  refuseSurplus("hvp", surplus, "hvp(f)(x, v)");
  const all = forwardOverReverse("hvp", f);
  return (x, v, ...rest) => all(x, v, ...rest)[2];
}

/** f(x), ∇f(x) and H(x) v from one forward-over-reverse pass. */
export function valueGradAndHvp<X, Rest extends readonly unknown[]>(
  f: ScalarFunction<X, Rest>,
  ...surplus: never[]
): (x: Argument<X>, v: Argument<X>, ...rest: Rest) => [value: NdArray, gradient: X, product: X] {
  refuseSurplus("valueGradAndHvp", surplus, "valueGradAndHvp(f)(x, v)");
  return forwardOverReverse("valueGradAndHvp", f);
}

/** The pass on behalf of `op`, which errors name. */
function forwardOverReverse<X, Rest extends readonly unknown[]>(
  op: string,
  f: ScalarFunction<X, Rest>,
): (x: Argument<X>, v: Argument<X>, ...rest: Rest) => [value: NdArray, gradient: X, product: X] {
  const apply = differentiate(op, f, {});
  return (x, v, ...rest) => {
    const gradientAt = (at: X): [NdArray, X] => {
      const { value, gradient } = apply([at, ...rest]);
      return [value, gradient as X]; // it has the structure of x
    };
    const at = differentiable(op, x, "x");
    const direction = matching(op, at, v, "v");
    const own = { ...at, structure: { kind: "list", items: [at.structure] } } as const;
    const [[value, gradient], [, product]] = jvpFor(op, gradientAt, own, direction);
    return [value, gradient, product];
  };
}
