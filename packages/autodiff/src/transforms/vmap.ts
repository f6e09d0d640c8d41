import type { NdArray } from "../array/ndarray.ts";
import { flatten, unflatten } from "../array/tree.ts";
import { AxisError, ShapeError } from "../errors.ts";
import { broadcastTo } from "../primitives/broadcasting.ts";
import { bind } from "../trace/bind.ts";
import { startingValues } from "../trace/evaluate.ts";
import type { Equation, Graph } from "../trace/graph.ts";
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

/** A value of the program for many: with the new first axis where it is `mapped`, the same for all where not. */
export interface Mapped {
  readonly value: NdArray;
  readonly mapped: boolean;
}

/** A graph's outputs with one more axis. */
export function mapGraph(
  graph: Graph,
  inputs: readonly NdArray[],
  mappedInputs: readonly boolean[],
  size: number,
): NdArray[] {
  return mapWhereNeeded(graph, inputs, mappedInputs, size).map((output) => forAll(output, size));
}

/** A graph's outputs; equations that no mapped input reaches are done once, without the new axis. */
export function mapWhereNeeded(
  graph: Graph,
  inputs: readonly NdArray[],
  mappedInputs: readonly boolean[],
  size: number,
): Mapped[] {
  const values = startingValues(graph, inputs).map(
    (value, i): Mapped => ({ value, mapped: mappedInputs[i] ?? false }),
  );
  for (const equation of graph.equations) {
    const xs = equation.inputs.map((ref) => values[ref]!);
    const mapped = xs.some((x) => x.mapped);
    values.push({ value: mapped ? applyToMany(equation, xs, size) : applyToOne(equation, xs), mapped });
  }
  return graph.outputs.map((ref) => values[ref]!);
}

function applyToOne({ primitive, params }: Equation, xs: readonly Mapped[]): NdArray {
  return bind(
    primitive,
    xs.map(({ value }) => value),
    params,
  );
}

function applyToMany({ primitive, params }: Equation, xs: readonly Mapped[], size: number): NdArray {
  const { batching } = primitive;
  if ("settings" in batching) {
    return bind(
      primitive,
      xs.map((x) => forAll(x, size)),
      batching.settings(params, size),
    );
  }
  return batching.apply(
    xs.map(({ value }) => value),
    xs.map(({ mapped }) => mapped),
    params,
    size,
  );
}

/** A value with the new axis, repeated along it if need be. */
export function forAll({ value, mapped }: Mapped, size: number): NdArray {
  return mapped ? value : broadcastTo(value, [size, ...value.shape]);
}
