import type { NdArray } from "../array/ndarray.ts";
import { flatten, unflatten } from "../array/tree.ts";
import { AxisError, ShapeError, UnsupportedError } from "../errors.ts";
import { broadcastTo, reshape } from "../primitives/broadcasting.ts";
import type { Params, Primitive } from "../primitives/primitive.ts";
import { type ElementwiseName, type ParamsOf, type PrimitiveName, primitives } from "../primitives/table.ts";
import { bind } from "../trace/bind.ts";
import { dependsOn, startingValues } from "../trace/evaluate.ts";
import { type Graph, refOfEquation } from "../trace/graph.ts";
import { traceFunction } from "../trace/trace-function.ts";

/**
 * The same function for many arguments at once, along a new first axis of every array.          [eq:vmap]
 *
 *   vmap(f)(x, y)[b] = f(x[b], y[b])
 *
 * f is written for one; the program for many has as many equations, each over arrays with one more axis.
 *
 * Shapes  x: [B, ...s];  result: [B, ...t]
 */
export function vmap<X extends readonly unknown[], Y>(f: (...args: X) => Y): (...args: X) => Y {
  return (...args) => {
    const { leaves, paths, structure } = flatten(args, "vmap", "arguments");
    const size = commonExtent(leaves, paths);
    const { graph, captured, output } = traceFunction(
      "vmap",
      // The structure was read off the arguments, so f gets what it is declared with.
      f as (...args: never[]) => unknown,
      structure,
      leaves.map(({ shape, dtype }) => ({ shape: shape.slice(1), dtype })),
    );
    const mapped = [...leaves.map(() => true), ...captured.map(() => false)];
    return unflatten<Y>(output, mapGraph(graph, [...leaves, ...captured], mapped, size));
  };
}

/** What the leading axes of the arguments have in common. */
function commonExtent(leaves: readonly NdArray[], paths: readonly string[]): number {
  const scalarAt = leaves.findIndex(({ shape }) => shape.length === 0);
  if (leaves.length === 0 || scalarAt !== -1) {
    throw new AxisError(
      "vmap",
      leaves.length === 0
        ? "there is no argument to map over"
        : `every argument needs an axis to map over; ${paths[scalarAt]} is a scalar`,
      "Close over what is the same for all.",
    );
  }
  const size = leaves[0]!.shape[0]!;
  if (leaves.some(({ shape }) => shape[0] !== size)) {
    throw new ShapeError(
      "vmap",
      "the first axes must have one extent",
      Object.fromEntries(leaves.map(({ shape }, i) => [paths[i]!, shape])),
      "Close over what is the same for all.",
    );
  }
  return size;
}

/** A graph's outputs with one more axis; equations that no mapped input reaches are done once. */
function mapGraph(
  graph: Graph,
  inputs: readonly NdArray[],
  mappedInputs: readonly boolean[],
  size: number,
): NdArray[] {
  const values = startingValues(graph, inputs).slice();
  const mapped = dependsOn(graph, mappedInputs);
  const stretched = (ref: number): NdArray =>
    mapped[ref] ? values[ref]! : broadcastTo(values[ref]!, [size, ...values[ref]!.shape]);
  graph.equations.forEach(({ primitive, inputs: refs, params }, i) => {
    if (!mapped[refOfEquation(graph, i)]) {
      values.push(
        bind(
          primitive,
          refs.map((ref) => values[ref]!),
          params,
        ),
      );
      return;
    }
    const fixed = unmappable[primitive.name]?.find((k) => mapped[refs[k]!]);
    if (fixed !== undefined || primitive.expand !== undefined) throw refusal(primitive);
    const xs = refs.map((ref, k) =>
      unmappable[primitive.name]?.includes(k) ? values[ref]! : stretched(ref),
    );
    values.push(
      primitive.elementwise
        ? bind(primitive, xs, params)
        : (rules[primitive.name as keyof typeof rules] as Rule)(xs, params, size),
    );
  });
  return graph.outputs.map(stretched);
}

/** Arguments that must be the same for all. */
const unmappable: Readonly<Record<string, readonly number[]>> = { gather: [1], scatterAdd: [1] };

function refusal({ name, expand }: Primitive): UnsupportedError {
  return expand === undefined
    ? new UnsupportedError(
        "vmap",
        `the indices of ${name} depend on the mapped argument`,
        "Call f for each row and stack the results.",
      )
    : new UnsupportedError("vmap", `${name} has derivatives of its own`, "Map inside of it.");
}

/** One primitive on arrays that all have the new axis in front. */
type Rule = (xs: readonly NdArray[], params: Params, size: number) => NdArray;

const moved = (axis: number): number => axis + 1;

/** The settings that make a primitive leave a new first axis alone. */
const shifted: { readonly [Name in ShiftedName]: (params: ParamsOf<Name>, size: number) => ParamsOf<Name> } =
  {
    reshape: ({ shape }, size) => ({ shape: [size, ...shape] }),
    transpose: ({ permutation }) => ({ permutation: [0, ...permutation.map(moved)] }),
    sum: ({ axes }) => ({ axes: axes.map(moved) }),
    max: ({ axes }) => ({ axes: axes.map(moved) }),
    logSumExp: ({ axes }) => ({ axes: axes.map(moved) }),
    cumsum: ({ axis, reverse }) => ({ axis: axis + 1, reverse }),
    slice: ({ start, stop, step }, size) => ({
      start: [0, ...start],
      stop: [size, ...stop],
      step: [1, ...step],
    }),
    pad: ({ low, high, interior }) => ({ low: [0, ...low], high: [0, ...high], interior: [0, ...interior] }),
    concat: ({ axis }) => ({ axis: axis + 1 }),
    gather: ({ axis }) => ({ axis: axis + 1 }),
    scatterAdd: ({ axis, size }) => ({ axis: axis + 1, size }),
    // Matrices come last.
    matmul: (params) => params,
    cholesky: (params) => params,
    triangularSolve: (params) => params,
  };
type ShiftedName = Exclude<PrimitiveName, ElementwiseName | "broadcastTo">;

const rules: { readonly [Name in Exclude<PrimitiveName, ElementwiseName>]: Rule } = {
  ...(Object.fromEntries(
    Object.entries(shifted).map(([name, shift]): [string, Rule] => [
      name,
      // Keys of `shifted` are names of the table, and an equation carries the settings of its own primitive.
      (xs, params, size) =>
        bind(primitives[name as ShiftedName] as Primitive, xs, shift(params as never, size)),
    ]),
  ) as { readonly [Name in ShiftedName]: Rule }),
  /** Axes of extent 1 go between the new axis and the others. */
  broadcastTo: ([x], params, size) => {
    const { shape } = params as ParamsOf<"broadcastTo">; // see above
    const own = x!.shape.slice(1);
    const ones = shape.slice(own.length).map(() => 1);
    return broadcastTo(reshape(x!, [size, ...ones, ...own]), [size, ...shape]);
  },
};
