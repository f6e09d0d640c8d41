import { add, dot, mul, type NdArray } from "../../src/index.ts";
import type { ArrayFunction } from "../../src/testing/index.ts";

/** z ↦ x + z + z²/2, at z = 0: the point x with slope 1 and curvature 1. */
function bend(x: NdArray, z: NdArray): NdArray {
  return add(x, add(z, mul(0.5, mul(z, z))));
}

/**
 * A scalar function with the derivatives of f inside, curved on both sides of it, to be differentiated at z = 0:
 *
 *   g(z) = ⟨w, y⟩ + ⟨y, y⟩/2,   y = f(x + z + z²/2)
 *
 * Its second derivatives need every part of f's rules to be differentiable again: the tangent and the cotangent
 * that f's rules are given depend on z themselves.
 */
export function curved(f: ArrayFunction, xs: readonly NdArray[], weights: NdArray): ArrayFunction {
  return (...zs) => {
    const y = f(...xs.map((x, i) => bend(x, zs[i]!)));
    return add(dot(weights, y), mul(0.5, dot(y, y)));
  };
}
