import { array, concat, mul, type NdArray, neg, slice, stack, sum } from "@sgmrl/autodiff";
import { hypot, sin } from "@sgmrl/autodiff/elementary";
import type { Model } from "../model/model.ts";
import { element } from "./poses.ts";

/**
 * Coordinates and their tangent space: a free joint has seven coordinates, but moves in the six directions of v.  [eq:tangent]
 *
 *   q̇ = G(q) v:   a slide, a hinge or a free joint's position   ẋ = v
 *                 a free or ball joint's quaternion             Q̇ = ½ Q ∘ (0, ω)        ω in the body's frame
 *
 * Shapes  q: [nq], v: [nv] → [nq]
 */
export function coordinateRates(model: Model, q: NdArray, v: NdArray): NdArray {
  const rates = model.coordinates.flatMap(({ kind, qposAddress: a, dof }) => {
    if (kind === "axial") return [slice(v, [dof, dof + 1])];
    const [o, d] = kind === "free" ? [a + 3, dof + 3] : [a, dof];
    const [w, x, y, z] = [0, 1, 2, 3].map((k) => element(q, o + k)) as [NdArray, NdArray, NdArray, NdArray]; // four indices
    const omega = slice(v, [d, d + 3]);
    const turn = (i: NdArray, j: NdArray, k: NdArray) => sum(mul(stack([i, j, k]), omega));
    const quaternion = [
      turn(neg(x), neg(y), neg(z)),
      turn(w, neg(z), y),
      turn(z, w, neg(x)),
      turn(neg(y), x, w),
    ];
    const turning = mul(0.5, stack(quaternion));
    return kind === "free" ? [slice(v, [dof, dof + 3]), turning] : [turning];
  });
  return concat(rates);
}

/** The derivative of q' = q ⊕ h w in its arguments: δ' = byStart δ + h byMotion dw, both [nv, nv]. */
export interface MotionDerivative {
  readonly byStart: NdArray;
  readonly byMotion: NdArray;
}

/**
 * Tangents δ of coordinates are taken at the point itself: q ⊕ δ and q' ⊕ δ'. Translations and hinges add up;
 * for a rotation by φ = h ω,
 *   exp δ exp(φ + dφ) = exp φ exp δ',   δ' = exp(−[φ]×) δ + J(φ) dφ                    [eq:tangent]
 *   exp(−[φ]×) = 1 − a [φ]× + b [φ]×²      a = sin|φ|/|φ|    b = (1 − cos|φ|)/|φ|²
 *   J(φ)       = 1 − b [φ]× + c [φ]×²      c = (|φ| − sin|φ|)/|φ|³
 *
 * Source  Solà, Deray & Atchuthan, A micro Lie theory for state estimation in robotics, arXiv:1812.01537
 */
export function differentiateMotion(model: Model, w: Float64Array, h: number): MotionDerivative {
  const { nv, quaternions } = model;
  const byStart = identity(nv);
  const byMotion = identity(nv);
  for (const { dof: r } of quaternions) {
    const [x, y, z] = [h * w[r]!, h * w[r + 1]!, h * w[r + 2]!];
    const angle = hypot(x, y, z);
    const half = angle === 0 ? 1 : sin(angle / 2) / (angle / 2);
    const a = angle === 0 ? 1 : sin(angle) / angle;
    const b = (half * half) / 2;
    const c = angle === 0 ? 1 / 6 : (1 - a) / (angle * angle);
    const turn = [
      [0, -z, y],
      [z, 0, -x],
      [-y, x, 0],
    ];
    // [φ]×² = φ φᵀ − |φ|² 1
    const phi = [x, y, z];
    const square = (i: number, j: number) => phi[i]! * phi[j]! - (i === j ? angle * angle : 0);
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        byStart[r + i]![r + j]! += -a * turn[i]![j]! + b * square(i, j);
        byMotion[r + i]![r + j]! += -b * turn[i]![j]! + c * square(i, j);
      }
    }
  }
  return { byStart: array(byStart), byMotion: array(byMotion) };
}

/** G(q), [nq, nv]. */
export function tangentBasis(model: Model, q: NdArray): NdArray {
  return stack(
    identity(model.nv).map((direction) => coordinateRates(model, q, array(direction))),
    1,
  );
}

function identity(size: number): number[][] {
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
}
