import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { sizeOf, withoutAxes } from "../array/shape.ts";
import { div, mul } from "../primitives/arithmetic.ts";
import { expandBack, type KeepDims, reduceWith, sum } from "../primitives/broadcasting.ts";
import { equal, less, select } from "../primitives/comparison.ts";
import { requireFloat, type Unary, unary } from "../primitives/elementwise.ts";
import { abs } from "../primitives/piecewise.ts";
import { nextAxis, type Primitive } from "../primitives/primitive.ts";
import { max } from "../primitives/reduction.ts";
import { sqrt } from "../primitives/transcendental.ts";

type Axes = { readonly axes: readonly number[] };

/**
 * y = √(Σ_j x_j²) over the given axes                                           [eq:norm]
 *   dy = Σ_j u_j dx_j      xBar_j = u_j yBar      u = x / y, 0 where y = 0
 *
 * Numerics  s √(Σ (x_j/s)²) with s = max |x_j|, so that squares neither over- nor underflow
 * Edges     at x = 0, where the norm is not differentiable, u is the mean over all directions, 0, and so are its
 *           derivatives, which do not exist either: as for |x|. So the Hessian of norm(x)² at 0 is 0, not 2 I: write
 *           sum(square(x)) where it counts
 */
export const normPrimitive: Primitive<Axes> = {
  name: "norm",
  elementwise: false,
  batching: { settings: ({ axes }) => ({ axes: axes.map(nextAxis) }) },
  outputType: ([x], { axes }) => {
    requireFloat("norm", x!.dtype);
    return { shape: withoutAxes(x!.shape, axes), dtype: x!.dtype };
  },
  jvp: ([dx], [x], y, { axes }) => (dx ? sum(mul(dx, unitVector(x!, y, axes)), axes) : null),
  vjp: (yBar, [x], y, { axes }) => [mul(expandBack(yBar, x!, axes), unitVector(x!, y, axes))],
  expand: ([x], { axes }) => {
    if (sizeOf(axes.map((axis) => x!.shape[axis]!)) === 0) return sum(x!, axes);
    const largest = max(abs(x!), axes);
    const isScale = mul(less(0, largest), less(largest, Number.POSITIVE_INFINITY));
    const s = select(isScale, largest, 1);
    const scaled = div(x!, expandBack(s, x!, axes));
    return mul(s, sqrt(sum(mul(scaled, scaled), axes)));
  },
};

/** The Euclidean norm over axes (all by default). */
export function norm(x: ArrayLike, axes?: number | readonly number[], options: KeepDims = {}): NdArray {
  return reduceWith(normPrimitive, x, axes, options);
}

function unitVector(x: NdArray, y: NdArray, axes: readonly number[]): NdArray {
  return select(expandBack(equal(y, 0), x, axes), 0, div(x, expandBack(orOne(y), x, axes)));
}

/** y, or 1 where y = 0, so that x = 0 gives u = 0. Its derivative is that of y. */
export const orOne: Unary = unary({
  name: "orOne",
  jvp: (dy) => dy,
  vjp: (yBar) => yBar,
  expand: (y) => select(equal(y, 0), 1, y),
});
