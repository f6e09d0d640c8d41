import { type ArrayLike, isFloat, type NdArray, scalar } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import { type Argument, flatten, unflatten } from "../array/tree.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { zerosLike } from "../primitives/comparison.ts";
import { traceFunction } from "../trace/trace-function.ts";
import { differentiable, type ScalarFunction } from "./arguments.ts";
import { pullBack } from "./vjp.ts";

/**
 * The gradient of a scalar function in its first argument, of that argument's tree structure.     [eq:grad]
 *
 *   grad(f)(x, ...rest) = ∇_x f(x, ...rest) = J(x)ᵀ 1
 */
export function grad<X, Rest extends readonly unknown[]>(
  f: ScalarFunction<X, Rest>,
): (x: Argument<X>, ...rest: Rest) => X {
  const both = valueAndGrad(f);
  return (x, ...rest) => both(x, ...rest)[1];
}

/** Value and gradient from one forward and one backward sweep. */
export function valueAndGrad<X, Rest extends readonly unknown[]>(
  f: ScalarFunction<X, Rest>,
): (x: Argument<X>, ...rest: Rest) => [value: NdArray, gradient: X] {
  return (x, ...rest) => {
    const { leaves, structure } = differentiable("grad", x, "x");
    const scalarOfX = (tree: X): NdArray => requireScalar(f(tree, ...rest));
    const { graph, captured } = traceFunction(
      "grad",
      scalarOfX,
      { kind: "list", items: [structure] },
      leaves,
    );
    const { values, pullback } = pullBack(
      graph,
      [...leaves, ...captured],
      [...leaves.map(() => true), ...captured.map(() => false)],
    );
    const [value] = values;
    const bars = pullback([scalar(1, value!.dtype)]);
    return [
      value!,
      unflatten<X>(
        structure,
        leaves.map((leaf, i) => bars[i] ?? zerosLike(leaf)),
      ),
    ];
  };
}

function requireScalar(output: ArrayLike): NdArray {
  const { leaves } = flatten(output, "grad: output");
  const [value] = leaves;
  if (leaves.length !== 1 || value === undefined || value.shape.length !== 0) {
    throw new ShapeError(
      "grad",
      `the function must return one scalar; it returned ${leaves.length === 1 ? "an array" : `${leaves.length} arrays`}`,
      Object.fromEntries(leaves.map((leaf, i) => [`output ${i}`, leaf.shape])),
      sizeOf(value?.shape ?? []) === 1
        ? "Use reshape(y, [])."
        : "Reduce it with sum or mean, or use jacobian.",
    );
  }
  if (!isFloat(value.dtype)) {
    throw new DTypeError(
      "grad",
      `the function must return a floating-point scalar; got ${value.dtype}`,
      "Use convert.",
    );
  }
  return value;
}
