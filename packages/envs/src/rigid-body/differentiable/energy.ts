import {
  add,
  array,
  dot,
  jvp,
  matmul,
  matrixTranspose,
  mul,
  type NdArray,
  reshape,
  slice,
  square,
  stack,
  sub,
  sum,
} from "@sgmrl/autodiff";
import type { Model } from "../model/model.ts";
import { poses } from "./poses.ts";
import { coordinateRates } from "./tangent.ts";

/** Velocities of the centres of mass and angular velocities, each [bodies, 3] [m/s, rad/s]. */
export type Twist = readonly [linear: NdArray, angular: NdArray];

/**
 * Velocities by differentiating positions along the motion, q̇ = G(q) v:
 *   u_b = d/dt center_b        [ω_b]× = Ṙ_b R_bᵀ
 */
export function twists(model: Model, q: NdArray, v: NdArray): Twist {
  const [[, R], [u, dR]] = jvp((x: NdArray) => {
    const { centers, rotations } = poses(model, x);
    return [centers, rotations] as const;
  })([q], [coordinateRates(model, q, v)]);
  const W = matmul(dR, matrixTranspose(R));
  const entry = (i: number, j: number) => reshape(slice(W, [], [i, i + 1], [j, j + 1]), [W.shape[0]!]);
  return [u, stack([entry(2, 1), entry(0, 2), entry(1, 0)], 1)];
}

/** I_b ω_b with I_b = R_b I_b^body R_bᵀ: angular momenta about the centres of mass, [bodies, 3]. */
export function spins(model: Model, R: NdArray, w: NdArray): NdArray {
  const bodies = model.bodyParent.length - 1;
  const local = matmul(matrixTranspose(R), reshape(w, [bodies, 3, 1]));
  return reshape(matmul(R, matmul(bodyInertias(model), local)), [bodies, 3]);
}

/**
 * [eq:energy] T(q, v) = Σ_b [ ½ m_b |u_b|² + ½ ω_b·I_b ω_b ] + ½ Σ_i armature_i v_i²        [J]
 * The mass matrix is its Hessian in v.
 */
export function kineticEnergy(model: Model, q: NdArray, v: NdArray): NdArray {
  const [u, w] = twists(model, q, v);
  const translation = dot(masses(model), sum(square(u), 1));
  const rotation = dot(w, spins(model, poses(model, q).rotations, w));
  const rotors = dot(array(model.dofArmature), square(v));
  return mul(0.5, add(translation, add(rotation, rotors)));
}

/** V(q) = −Σ_b m_b g·center_b        [J] */
export function potentialEnergy(model: Model, q: NdArray): NdArray {
  const { centers } = poses(model, q);
  const g = array([...model.gravity]);
  return sub(0, dot(masses(model), matmul(centers, g)));
}

/** m_b of all bodies but the world, [bodies]. */
export function masses(model: Model): NdArray {
  return array(model.bodyMass.subarray(1));
}

function bodyInertias(model: Model): NdArray {
  const tensors: number[][][] = [];
  for (let b = 1; b < model.bodyParent.length; b++) {
    const [xx, yy, zz, xy, xz, yz] = model.bodyInertia.subarray(6 * b, 6 * b + 6) as unknown as number[];
    tensors.push([
      [xx!, xy!, xz!],
      [xy!, yy!, yz!],
      [xz!, yz!, zz!],
    ]);
  }
  return array(tensors);
}

/** x × y row by row, [n, 3]. */
export function cross(x: NdArray, y: NdArray): NdArray {
  const column = (z: NdArray, k: number) => reshape(slice(z, [], [k, k + 1]), [z.shape[0]!]);
  const minor = (i: number, j: number) =>
    sub(mul(column(x, i), column(y, j)), mul(column(x, j), column(y, i)));
  return stack([minor(1, 2), minor(2, 0), minor(0, 1)], 1);
}
