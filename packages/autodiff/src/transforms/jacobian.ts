import { type ArrayLike, emptyLike, type NdArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import { asArray, broadcastTo, reshape } from "../primitives/broadcasting.ts";
import { zerosLike } from "../primitives/comparison.ts";
import { stack } from "../primitives/movement.ts";
import { traceFunction } from "../trace/trace-function.ts";
import { differentiable } from "./arguments.ts";
import { grad } from "./grad.ts";
import { pushForward } from "./jvp.ts";
import { pullBack } from "./vjp.ts";

export interface JacobianOptions {
  /** Columns by jvp ("forward", cheaper for few inputs) or rows by vjp ("reverse", for few outputs; default). */
  readonly mode?: "forward" | "reverse";
}

/**
 * All first derivatives of a function from one array to one array.                   [eq:jacobian]
 *
 *   jacobian(f)(x)[i, j] = ∂f_i/∂x_j
 *
 * Shapes  f: [...s] → [...t];  result: [...t, ...s]
 */
export function jacobian<Rest extends readonly unknown[]>(
  f: (x: NdArray, ...rest: Rest) => ArrayLike,
  { mode = "reverse" }: JacobianOptions = {},
): (x: ArrayLike, ...rest: Rest) => NdArray {
  return (at, ...rest) => {
    const x = asArray(at, "jacobian");
    const { leaves } = differentiable("jacobian", x, "x");
    const structure = { kind: "list", items: [{ kind: "leaf" }] } as const;
    const { graph, captured } = traceFunction(
      "jacobian",
      (y: NdArray) => asArray(f(y, ...rest), "jacobian", "output"),
      structure,
      leaves,
    );
    const inputs = [x, ...captured];
    const others = captured.map(() => null);

    if (mode === "forward") {
      const [y] = pushForward(
        graph,
        inputs,
        inputs.map(() => null),
      ).values;
      const columns = basis(x).map((dx) => pushForward(graph, inputs, [dx, ...others]).tangents[0]);
      return assemble(columns, y!, x, -1);
    }
    const { values, pullback } = pullBack(graph, inputs, [true, ...captured.map(() => false)]);
    const rows = basis(values[0]!).map((yBar) => pullback([yBar])[0]);
    return assemble(rows, x, values[0]!, 0);
  };
}

/**
 * The matrix of second derivatives of a scalar function of one array, forward over reverse.     [eq:hessian]
 *
 * Shapes  x: [...s];  result: [...s, ...s]
 */
export function hessian<Rest extends readonly unknown[]>(
  f: (x: NdArray, ...rest: Rest) => ArrayLike,
): (x: ArrayLike, ...rest: Rest) => NdArray {
  const gradient = grad<NdArray, Rest>(f);
  return jacobian((x: NdArray, ...rest: Rest) => gradient(x, ...rest), { mode: "forward" });
}

/** The unit arrays of a shape, one per element. */
function basis({ shape, dtype }: NdArray): NdArray[] {
  return Array.from({ length: sizeOf(shape) }, (_, i) => {
    const unit = emptyLike({ shape, dtype });
    unit.data[i] = 1;
    return unit;
  });
}

/** Derivatives, one array of `each`'s shape per element of `per`, as one array with `per`'s axes first or last. */
function assemble(
  derivatives: readonly (NdArray | null | undefined)[],
  each: NdArray,
  per: NdArray,
  axis: 0 | -1,
): NdArray {
  const shape = axis === 0 ? [...per.shape, ...each.shape] : [...each.shape, ...per.shape];
  if (derivatives.length === 0) return broadcastTo(reshape(zerosLike(each), each.shape), shape);
  return reshape(
    stack(
      derivatives.map((derivative) => derivative ?? zerosLike(each)),
      axis,
    ),
    shape,
  );
}
