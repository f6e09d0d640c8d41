import { requireScalar } from "../arguments/differentiated.ts";
import { refuseSurplus } from "../arguments/refusals.ts";
import {
  type ArgumentNumbers,
  type DerivativeOptions,
  derivativeOptions,
  differentiableArguments,
  type ScalarFunction,
  type Selected,
  withAux,
} from "../arguments/selected.ts";
import { scalar } from "../array/creation.ts";
import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { type Argument, unflatten } from "../array/tree.ts";
import { requireFunction } from "../errors.ts";
import { optionsOf } from "../options.ts";
import { zerosLike } from "../primitives/comparison.ts";
import { ownedBy } from "../trace/bind.ts";
import { traceFunction } from "../trace/trace-function.ts";
import { pullBack } from "./vjp.ts";

/**
 * The gradient of a scalar function, with the tree structure of its argument.          [eq:grad]
 *
 *   grad(f)(x, ...rest) = ∇_x f(x, ...rest) = J(x)ᵀ 1
 *
 * It is taken with respect to the first argument, or those that `argnums` selects: one, or a list, which
 * gives a list of gradients. With `hasAux`, f returns [y, aux] and the result is [∇y, aux]; aux is not
 * differentiated.
 */
export function grad<X, Rest extends readonly unknown[]>(
  f: ScalarFunction<X, Rest>,
): (x: Argument<X>, ...rest: Rest) => X;
export function grad<Args extends readonly unknown[], const N extends ArgumentNumbers = 0>(
  f: (...args: Args) => ArrayLike,
  options: DerivativeOptions<N> & { readonly hasAux?: false },
): (...args: Argument<Args> & readonly unknown[]) => Selected<Args, N>;
export function grad<Args extends readonly unknown[], Aux, const N extends ArgumentNumbers = 0>(
  f: (...args: Args) => readonly [ArrayLike, Aux],
  options: DerivativeOptions<N> & { readonly hasAux: true },
): (...args: Argument<Args> & readonly unknown[]) => [gradient: Selected<Args, N>, aux: Aux];
export function grad(
  f: (...args: never[]) => unknown,
  options: DerivativeOptions<ArgumentNumbers> = {},
  ...surplus: never[]
): (...args: never[]) => unknown {
  refuseSurplus("grad", surplus, "grad(f)(x) or grad(f, { argnums, hasAux })(x, y)");
  return gradientFor("grad", f, options);
}

/** `grad` on behalf of `op`, which errors name. */
export function gradientFor(
  op: string,
  f: (...args: never[]) => unknown,
  options: DerivativeOptions<ArgumentNumbers>,
): (...args: readonly unknown[]) => unknown {
  const apply = differentiate(op, f, options);
  return (...args) => {
    const { gradient, aux } = apply(args);
    return options.hasAux ? [gradient, aux] : gradient;
  };
}

/** Value and gradient from one forward and one backward sweep; with `hasAux`, [[y, aux], ∇y]. See grad. */
export function valueAndGrad<X, Rest extends readonly unknown[]>(
  f: ScalarFunction<X, Rest>,
): (x: Argument<X>, ...rest: Rest) => [value: NdArray, gradient: X];
export function valueAndGrad<Args extends readonly unknown[], const N extends ArgumentNumbers = 0>(
  f: (...args: Args) => ArrayLike,
  options: DerivativeOptions<N> & { readonly hasAux?: false },
): (...args: Argument<Args> & readonly unknown[]) => [value: NdArray, gradient: Selected<Args, N>];
export function valueAndGrad<Args extends readonly unknown[], Aux, const N extends ArgumentNumbers = 0>(
  f: (...args: Args) => readonly [ArrayLike, Aux],
  options: DerivativeOptions<N> & { readonly hasAux: true },
): (
  ...args: Argument<Args> & readonly unknown[]
) => [value: [value: NdArray, aux: Aux], gradient: Selected<Args, N>];
export function valueAndGrad(
  f: (...args: never[]) => unknown,
  options: DerivativeOptions<ArgumentNumbers> = {},
  ...surplus: never[]
): (...args: never[]) => unknown {
  refuseSurplus("valueAndGrad", surplus, "valueAndGrad(f)(x) or valueAndGrad(f, { argnums, hasAux })(x, y)");
  const apply = differentiate("valueAndGrad", f, options);
  return (...args) => {
    const { value, gradient, aux } = apply(args);
    return [options.hasAux ? [value, aux] : value, gradient];
  };
}

interface Differentiated {
  readonly value: NdArray;
  readonly gradient: unknown;
  readonly aux: unknown;
}

/** Value and gradient of f, and its aux, on behalf of `op`. */
export function differentiate(
  op: string,
  f: (...args: never[]) => unknown,
  options: DerivativeOptions<ArgumentNumbers>,
): (args: readonly unknown[]) => Differentiated {
  requireFunction(op, f);
  const { argnums = 0, hasAux = false } = optionsOf(op, options, derivativeOptions);
  return (args) => {
    const { x, at } = differentiableArguments(op, f, args, argnums);
    const scalarOfX = (tree: unknown): unknown => {
      const [y, aux] = withAux(op, at(tree), hasAux);
      return [requireScalar(op, y), aux];
    };
    const own = { kind: "list", items: [x.structure] } as const;
    const { graph, captured, output } = traceFunction(op, scalarOfX, own, x.leaves);
    const { values, pullback } = pullBack(
      graph,
      [...x.leaves, ...captured],
      [...x.leaves.map(() => true), ...captured.map(() => false)],
    );
    const [value, aux] = unflatten<[NdArray, unknown]>(output, ownedBy(values));
    const bars = pullback([scalar(1, value.dtype)]);
    const gradient = ownedBy(x.leaves.map((leaf, i) => bars[i] ?? zerosLike(leaf)));
    return { value, gradient: unflatten(x.structure, gradient), aux };
  };
}
