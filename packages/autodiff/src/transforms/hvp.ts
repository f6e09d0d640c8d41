import { refuseSurplus } from "../arguments/refusals.ts";
import type { ScalarFunction } from "../arguments/selected.ts";
import type { NdArray } from "../array/ndarray.ts";
import type { Argument } from "../array/tree.ts";
import { valueAndGrad } from "./grad.ts";
import { jvp } from "./jvp.ts";

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
  const all = valueGradAndHvp(f);
  return (x, v, ...rest) => all(x, v, ...rest)[2];
}

/** f(x), ∇f(x) and H(x) v from one forward-over-reverse pass. */
export function valueGradAndHvp<X, Rest extends readonly unknown[]>(
  f: ScalarFunction<X, Rest>,
  ...surplus: never[]
): (x: Argument<X>, v: Argument<X>, ...rest: Rest) => [value: NdArray, gradient: X, product: X] {
  refuseSurplus("valueGradAndHvp", surplus, "valueGradAndHvp(f)(x, v)");
  const both = valueAndGrad(f);
  return (x, v, ...rest) => {
    // A traced x is an Argument<X> too, but the compiler cannot see that through the conditional type.
    const gradientAt = (at: X): [NdArray, X] => both(at as Argument<X>, ...rest);
    const [[value, gradient], [, product]] = jvp(gradientAt)([x] as Argument<[X]>, [v] as Argument<[X]>);
    return [value, gradient, product];
  };
}
