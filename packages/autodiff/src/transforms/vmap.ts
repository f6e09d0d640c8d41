import { axesOf, commonExtent, type InAxes, withAxisFirst } from "../arguments/mapped-axes.ts";
import { refuseMoreThan, refuseSurplus } from "../arguments/refusals.ts";
import type { NdArray } from "../array/ndarray.ts";
import { flatten, unflatten } from "../array/tree.ts";
import { requireFunction } from "../errors.ts";
import { optionsOf, unchecked } from "../options.ts";
import { broadcastTo } from "../primitives/broadcasting.ts";
import { bind, ownedBy } from "../trace/bind.ts";
import { startingValues } from "../trace/evaluate.ts";
import type { Equation, Graph } from "../trace/graph.ts";
import { traceFunction } from "../trace/trace-function.ts";
import { requireSound } from "../trace/tracer.ts";

/** The axes of the arguments along which a function is mapped. */
export interface VmapOptions {
  /** One axis for all arguments, or a list with one for each (default 0, the first axis of every array). */
  readonly inAxes?: InAxes;
}

/**
 * Batching: applies a function to many arguments at once, along an axis hidden from the function.   [eq:vmap]
 *
 *   vmap(f)(x, y)[b] = f(x[b], y[b])
 *   vmap(f, { inAxes: [1, null] })(x, y)[b] = f(x[…, b], y)
 *
 * f is written for one example. The batched program computes with arrays that have one more axis; its number of equations
 * does not depend on the size of the batch.
 *
 * Shapes  x: [B, ...s];  result: [B, ...t], the new axis first whatever `inAxes`
 */
export function vmap<X extends readonly unknown[], Y>(
  f: (...args: X) => Y,
  options: VmapOptions = {},
  ...surplus: never[]
): (...args: X) => Y {
  requireFunction("vmap", f);
  refuseSurplus("vmap", surplus, "vmap(f)(x) or vmap(f, { inAxes })(x, y)");
  const { inAxes = 0 } = optionsOf("vmap", options, { inAxes: unchecked }); // checked against the arguments
  return (...args) => {
    refuseMoreThan("vmap", f, args.length);
    const { leaves, paths, structure } = flatten(args, "vmap", "arguments");
    requireSound("vmap", leaves, paths);
    const axes = axesOf(structure, inAxes, "arguments");
    const inputs = leaves.map((leaf, i) => withAxisFirst(leaf, axes[i]!, paths[i]!));
    const isMapped = axes.map((axis) => axis !== null);
    const size = commonExtent(inputs, isMapped, paths);
    const { graph, captured, output } = traceFunction(
      "vmap",
      // The structure comes from the arguments, so f receives the types it declares.
      f as (...args: never[]) => unknown,
      structure,
      inputs.map(({ shape, dtype }, i) => ({ shape: isMapped[i] ? shape.slice(1) : shape, dtype })),
    );
    const mapped = [...isMapped, ...captured.map(() => false)];
    return unflatten<Y>(output, ownedBy(mapGraph(graph, [...inputs, ...captured], mapped, size)));
  };
}

/** A value of the batched program: with the new first axis if `mapped`, otherwise shared by all examples. */
export interface Mapped {
  readonly value: NdArray;
  readonly mapped: boolean;
}

/** A graph's outputs, with one more axis. */
export function mapGraph(
  graph: Graph,
  inputs: readonly NdArray[],
  mappedInputs: readonly boolean[],
  size: number,
): NdArray[] {
  return mapWhereNeeded(graph, inputs, mappedInputs, size).map((output) => forAll(output, size));
}

/** A graph's outputs; equations that depend on no mapped input are evaluated once, without the new axis. */
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

/** A value with the new axis, repeated along it if necessary. */
export function forAll({ value, mapped }: Mapped, size: number): NdArray {
  return mapped ? value : broadcastTo(value, [size, ...value.shape]);
}
