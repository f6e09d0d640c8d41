import type { NdArray } from "../array/ndarray.ts";
import { bind } from "../trace/bind.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { equal, less, select } from "./comparison.ts";
import { type Binary, binary, elementwiseType } from "./elementwise.ts";
import { abs, sign } from "./piecewise.ts";
import { type Primitive, sameSettings } from "./primitive.ts";
import { log } from "./transcendental.ts";

/**
 * z = x^y                                                 [eq:pow]
 *   dz = y x^(y−1) dx + z ln(x) dy
 *
 * Edges   y = 0: slope 0 in x, even at x = 0.   x = 0: slope 0 in y (the limit from y > 0).   x < 0: real only
 *         for integer y, where the slope in x exists and the one in y is NaN.   As in JavaScript, x^0 is 1 for
 *         every x, NaN included, and (±1)^y is NaN for y = ±∞ and NaN.
 */
export const pow: Binary = binary({
  name: "pow",
  jvp: [(dx, x, y) => mul(dx, slopeOfPower(x, y, 1)), (dy, x, _y, z) => mul(dy, mul(z, logOfBase(x)))],
  vjp: [
    (zBar, x, y) => mul(zBar, slopeOfPower(x, y, 1)),
    (zBar, x, _y, z) => mul(zBar, mul(z, logOfBase(x))),
  ],
  plus: () => add,
});

/**
 * z = f x^(y−n) with f = y (y − 1) … (y − n + 1), the n-th derivative of x^y in x               [eq:power-slope]
 *   dz = (its next derivative) dx + (f′ x^(y−n) + z ln x) dy
 *
 * Numerics  where q = x^(y−n) is far from 1, f q is computed as f h · h with h = |x|^((y−n)/2), since q may
 *           over- or underflow where f h · h does not; 1/q gives the sign of q even if q = ±0
 */
export const powerSlopePrimitive: Primitive<{ readonly order: number }> = {
  name: "powerSlope",
  elementwise: true,
  batching: sameSettings,
  outputType: ([x, y]) => elementwiseType("powerSlope", { x: x!, y: y! }, false),
  jvp: ([dx, dy], [x, y], z, { order }) => {
    const fromX = dx ? mul(dx, slopeOfPower(x!, y!, order + 1)) : null;
    const fromY = dy ? mul(dy, slopeInExponent(x!, y!, z, order)) : null;
    return fromX && fromY ? add(fromX, fromY) : (fromX ?? fromY);
  },
  vjp: (zBar, [x, y], z, { order }, wanted) => [
    wanted[0] ? mul(zBar, slopeOfPower(x!, y!, order + 1)) : null,
    wanted[1] ? mul(zBar, slopeInExponent(x!, y!, z, order)) : null,
  ],
  expand: ([x, y], { order }) => {
    const exponent = sub(y!, order);
    const q = pow(x!, exponent);
    const h = pow(abs(x!), mul(0.5, exponent));
    const f = factors(y!, order).reduce((product, factor) => mul(product, factor));
    const isExtreme = add(less(abs(q), 1e-30), less(1e30, abs(q)));
    const extreme = mul(sign(add(q, div(1, q))), mul(mul(f, h), h));
    return select(equal(f, 0), 0, select(isExtreme, extreme, mul(f, q)));
  },
};

export function slopeOfPower(x: NdArray, y: NdArray, order: number): NdArray {
  return bind(powerSlopePrimitive, [x, y], { order });
}

/** y, y − 1, …, y − n + 1 */
function factors(y: NdArray, n: number): NdArray[] {
  return Array.from({ length: n }, (_, k) => sub(y, k));
}

function slopeInExponent(x: NdArray, y: NdArray, z: NdArray, n: number): NdArray {
  const q = pow(x, sub(y, n));
  const products = factors(y, n).map((_, left, all) =>
    all.toSpliced(left, 1).reduce((product, factor) => mul(product, factor), q),
  );
  return products.reduce((total, product) => add(total, product), mul(z, logOfBase(x)));
}

function logOfBase(x: NdArray): NdArray {
  return log(select(equal(x, 0), 1, x));
}
