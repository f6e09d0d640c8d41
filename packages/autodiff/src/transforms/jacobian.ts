import { refuseSurplus } from "../arguments/refusals.ts";
import {
  type ArgumentNumbers,
  type DerivativeOptions,
  derivativeOptions,
  differentiableArguments,
  type Selected,
  withAux,
} from "../arguments/selected.ts";
import { zeros } from "../array/creation.ts";
import { type ArrayLike, emptyLike, type NdArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import { leavesIn, nestStructures, type Structure, unflatten } from "../array/tree.ts";
import { requireFunction } from "../errors.ts";
import { oneOf, optionsOf } from "../options.ts";
import { reshape } from "../primitives/broadcasting.ts";
import { zerosLike } from "../primitives/comparison.ts";
import { stack } from "../primitives/joining.ts";
import type { Derivative } from "../primitives/primitive.ts";
import { ownedBy } from "../trace/bind.ts";
import type { Graph } from "../trace/graph.ts";
import { traceFunction } from "../trace/trace-function.ts";
import { gradientFor } from "./grad.ts";
import { pushForward } from "./jvp.ts";
import { pullBack } from "./vjp.ts";

/** Whether a Jacobian is computed column by column or row by row. */
export interface JacobianOptions {
  /** Columns by jvp ("forward", cheaper for few inputs) or rows by vjp ("reverse", for few outputs; default). */
  readonly mode?: "forward" | "reverse";
}

/** The tree of first derivatives: a tree like X for every array of Y. */
export type Derivatives<Y, X> = Y extends ArrayLike
  ? X extends ArrayLike
    ? NdArray
    : { -readonly [K in keyof X]: Derivatives<Y, X[K]> }
  : { -readonly [K in keyof Y]: Derivatives<Y[K], X> };

/**
 * All first derivatives of a function.                   [eq:jacobian]
 *
 *   jacobian(f)(x)[i, j] = ∂f_i/∂x_j
 *
 * For trees: the tree of f's result, with every array replaced by a tree like x that holds its derivatives.
 * `argnums` and `hasAux` work as for grad.
 *
 * Shapes  f: [...s] → [...t];  result: [...t, ...s]
 */
export function jacobian<Rest extends readonly unknown[]>(
  f: (x: NdArray, ...rest: Rest) => ArrayLike,
  options?: JacobianOptions,
): (x: ArrayLike, ...rest: Rest) => NdArray;
export function jacobian<Args extends readonly unknown[], Y, const N extends ArgumentNumbers = 0>(
  f: (...args: Args) => Y,
  options?: JacobianOptions & DerivativeOptions<N> & { readonly hasAux?: false },
): (...args: Args) => Derivatives<Y, Selected<Args, N>>;
export function jacobian<Args extends readonly unknown[], Y, Aux, const N extends ArgumentNumbers = 0>(
  f: (...args: Args) => readonly [Y, Aux],
  options: JacobianOptions & DerivativeOptions<N> & { readonly hasAux: true },
): (...args: Args) => [jacobian: Derivatives<Y, Selected<Args, N>>, aux: Aux];
export function jacobian(
  f: (...args: never[]) => unknown,
  options: JacobianOptions & DerivativeOptions<ArgumentNumbers> = {},
  ...surplus: never[]
): (...args: never[]) => unknown {
  refuseSurplus("jacobian", surplus, "jacobian(f)(x) or jacobian(f, { mode, argnums, hasAux })(x, y)");
  requireFunction("jacobian", f);
  const { mode = "reverse", ...choice } = optionsOf("jacobian", options, {
    mode: oneOf("forward", "reverse"),
    ...derivativeOptions,
  });
  return (...args) => {
    const { derivatives, aux } = allDerivatives("jacobian", mode, f, choice, args);
    return options.hasAux ? [derivatives, aux] : derivatives;
  };
}

/**
 * All second derivatives of a scalar function, forward over reverse.     [eq:hessian]
 *
 * For trees: the tree of x, with every array replaced by a tree like x.
 *
 * Shapes  x: [...s];  result: [...s, ...s]
 */
export function hessian<Rest extends readonly unknown[]>(
  f: (x: NdArray, ...rest: Rest) => ArrayLike,
): (x: ArrayLike, ...rest: Rest) => NdArray;
export function hessian<Args extends readonly unknown[], const N extends ArgumentNumbers = 0>(
  f: (...args: Args) => ArrayLike,
  options?: DerivativeOptions<N> & { readonly hasAux?: false },
): (...args: Args) => Derivatives<Selected<Args, N>, Selected<Args, N>>;
export function hessian<Args extends readonly unknown[], Aux, const N extends ArgumentNumbers = 0>(
  f: (...args: Args) => readonly [ArrayLike, Aux],
  options: DerivativeOptions<N> & { readonly hasAux: true },
): (...args: Args) => [hessian: Derivatives<Selected<Args, N>, Selected<Args, N>>, aux: Aux];
export function hessian(
  f: (...args: never[]) => unknown,
  options: DerivativeOptions<ArgumentNumbers> = {},
  ...surplus: never[]
): (...args: never[]) => unknown {
  refuseSurplus("hessian", surplus, "hessian(f)(x) or hessian(f, { argnums, hasAux })(x, y)");
  // It gets the same options, so its result has the form they ask for.
  const gradient = gradientFor("hessian", f, options);
  return (...args) => {
    const { derivatives, aux } = allDerivatives("hessian", "forward", gradient, options, args);
    return options.hasAux ? [derivatives, aux] : derivatives;
  };
}

function allDerivatives(
  op: string,
  mode: "forward" | "reverse",
  f: (...args: never[]) => unknown,
  { argnums = 0, hasAux = false }: DerivativeOptions<ArgumentNumbers>,
  args: readonly unknown[],
): { readonly derivatives: unknown; readonly aux: unknown } {
  const { x, at } = differentiableArguments(op, f, args, argnums);
  const pairOf = (tree: unknown): unknown => withAux(op, at(tree), hasAux);
  const own = { kind: "list", items: [x.structure] } as const;
  const { graph, captured, output } = traceFunction(op, pairOf, own, x.leaves);
  const [yStructure, auxStructure] = (output as Extract<Structure, { kind: "list" }>).items; // it is a pair
  const sweep = mode === "forward" ? byColumns : byRows;
  const { values, blocks } = sweep(graph, [...x.leaves, ...captured], x.leaves.length, leavesIn(yStructure!));
  return {
    derivatives: unflatten(nestStructures(yStructure!, x.structure), blocks.flat()),
    aux: unflatten(auxStructure!, ownedBy(values.slice(blocks.length))),
  };
}

interface Blocks {
  /** All outputs of the graph. */
  readonly values: readonly NdArray[];
  /** For each of the first outputs, its derivative with respect to each of the first inputs. */
  readonly blocks: readonly (readonly NdArray[])[];
}

/** One jvp for every element of the first `active` inputs. */
function byColumns(graph: Graph, inputs: readonly NdArray[], active: number, outputs: number): Blocks {
  const still = inputs.map((): Derivative => null);
  const { values } = pushForward(graph, inputs, still);
  const columns = inputs
    .slice(0, active)
    .map((x, i) => basis(x).map((dx) => pushForward(graph, inputs, still.with(i, dx)).tangents));
  const blocks = values.slice(0, outputs).map((y, o) =>
    columns.map((ofInput, i) =>
      assemble(
        ofInput.map((tangents) => tangents[o]!),
        y,
        inputs[i]!,
        -1,
      ),
    ),
  );
  return { values, blocks };
}

/** One vjp for every element of the first `outputs` outputs. */
function byRows(graph: Graph, inputs: readonly NdArray[], active: number, outputs: number): Blocks {
  const { values, pullback } = pullBack(
    graph,
    inputs,
    inputs.map((_, i) => i < active),
  );
  const still = values.map((): Derivative => null);
  const blocks = values.slice(0, outputs).map((y, o) => {
    const rows = basis(y).map((yBar) => pullback(still.with(o, yBar)));
    return inputs.slice(0, active).map((x, i) =>
      assemble(
        rows.map((xBars) => xBars[i]!),
        x,
        y,
        0,
      ),
    );
  });
  return { values, blocks };
}

/** The unit arrays of a shape, one per element. */
function basis({ shape, dtype }: NdArray): NdArray[] {
  return Array.from({ length: sizeOf(shape) }, (_, i) => {
    const unit = emptyLike({ shape, dtype });
    unit.data[i] = 1;
    return unit;
  });
}

/**
 * Joins derivatives, one array of `each`'s shape per element of `per`, with the axes of `per` first or last.
 */
function assemble(
  derivatives: readonly (NdArray | null | undefined)[],
  each: NdArray,
  per: NdArray,
  axis: 0 | -1,
): NdArray {
  const shape = axis === 0 ? [...per.shape, ...each.shape] : [...each.shape, ...per.shape];
  if (derivatives.length === 0) return zeros(shape, each.dtype); // an empty one
  return reshape(
    stack(
      derivatives.map((derivative) => derivative ?? zerosLike(each)),
      axis,
    ),
    shape,
  );
}
