import {
  add,
  array,
  cos,
  div,
  dot,
  matmul,
  matrixTranspose,
  mul,
  type NdArray,
  reshape,
  sin,
  slice,
  sqrt,
  stack,
  sub,
} from "@sgmrl/autodiff";
import type { Model } from "../model/model.ts";

/** Poses of all bodies but the world, as functions of the coordinates. */
export interface Poses {
  /** Frame origins, [bodies, 3] [m]. */
  readonly origins: NdArray;
  /** Centres of mass, [bodies, 3] [m]. */
  readonly centers: NdArray;
  /** Body frame to world, [bodies, 3, 3]. */
  readonly rotations: NdArray;
}

/**
 * The kinematics of kinematics.ts in differentiable arrays. Everything else that is differentiated here
 * (velocities, accelerations, energies, forces) is derived from these poses by differentiation.
 *
 * Shapes  q: [nq]
 */
export function poses(model: Model, q: NdArray): Poses {
  const origins: NdArray[] = [array([0, 0, 0])];
  const rotations: NdArray[] = [
    array([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]),
  ];
  const centers: NdArray[] = [];
  for (let b = 1; b < model.bodyParent.length; b++) {
    const p = model.bodyParent[b]!;
    const carried = add(origins[p]!, matmul(rotations[p]!, vector(model.bodyPosition, b)));
    const [x, R] =
      model.bodyIsFree[b] === 1 ? freePose(model, q, b) : jointed(model, q, b, carried, rotations[p]!);
    origins.push(x);
    rotations.push(R);
    centers.push(add(x, matmul(R, vector(model.bodyCenter, b))));
  }
  return { origins: stack(origins.slice(1)), centers: stack(centers), rotations: stack(rotations.slice(1)) };
}

type Pose = readonly [origin: NdArray, rotation: NdArray];

function freePose(model: Model, q: NdArray, b: number): Pose {
  const address = model.dofQpos[model.bodyFirstDof[b]!]!;
  return [slice(q, [address, address + 3]), rotationOf(slice(q, [address + 3, address + 7]))];
}

/** The body's pose after its slides and hinges, from its pose before them. */
function jointed(model: Model, q: NdArray, b: number, origin: NdArray, rotation: NdArray): Pose {
  let [x, R] = [origin, rotation];
  for (let i = model.bodyFirstDof[b]!; i < model.bodyFirstDof[b + 1]!; i++) {
    const a = vector(model.dofAxis, i);
    const ball = model.dofBall[i]!;
    if (ball >= 0) {
      const c = vector(model.dofAnchor, i);
      const anchor = add(x, matmul(R, c));
      const B = stack(
        [vector(model.dofAxis, i), vector(model.dofAxis, i + 1), vector(model.dofAxis, i + 2)],
        1,
      );
      R = matmul(matmul(R, B), matmul(rotationOf(slice(q, [ball, ball + 4])), matrixTranspose(B)));
      x = sub(anchor, matmul(R, c));
      i += 2;
      continue;
    }
    const address = model.dofQpos[i]!;
    const moved = sub(element(q, address), model.qpos0[address]!);
    if (model.dofRotates[i] === 0) {
      x = add(x, mul(matmul(R, a), moved));
      continue;
    }
    const c = vector(model.dofAnchor, i);
    const anchor = add(x, matmul(R, c));
    R = matmul(R, rotationAbout(model.dofAxis.subarray(3 * i, 3 * i + 3), moved));
    x = sub(anchor, matmul(R, c));
  }
  return [x, R];
}

/** Element i of a vector, as a scalar. */
export function element(x: NdArray, i: number): NdArray {
  return reshape(slice(x, [i, i + 1]), []);
}

/** Row b of stacked arrays. */
export function row(x: NdArray, b: number): NdArray {
  return reshape(slice(x, [b, b + 1]), x.shape.slice(1));
}

/** Vector number i of a flat array of vectors, as a constant. */
export function vector(values: Float64Array, i: number): NdArray {
  return array(values.subarray(3 * i, 3 * i + 3));
}

/** The rotation of a quaternion (w, x, y, z) of any length, which is normalised first. */
function rotationOf(quaternion: NdArray): NdArray {
  const unit = div(quaternion, sqrt(dot(quaternion, quaternion)));
  const [w, x, y, z] = [0, 1, 2, 3].map((k) => element(unit, k)) as [NdArray, NdArray, NdArray, NdArray]; // four indices
  /** 2 (a b ± c d), on the diagonal minus 1. */
  const twice = (a: NdArray, b: NdArray, c: NdArray, d: NdArray, sign: 1 | -1) =>
    mul(2, add(mul(a, b), mul(sign, mul(c, d))));
  return stack([
    stack([sub(twice(w, w, x, x, 1), 1), twice(x, y, w, z, -1), twice(x, z, w, y, 1)]),
    stack([twice(x, y, w, z, 1), sub(twice(w, w, y, y, 1), 1), twice(y, z, w, x, -1)]),
    stack([twice(x, z, w, y, -1), twice(y, z, w, x, 1), sub(twice(w, w, z, z, 1), 1)]),
  ]);
}

/** a aᵀ + cos θ (1 − a aᵀ) + sin θ [a]×, for a unit axis a. */
function rotationAbout(axis: Float64Array, theta: NdArray): NdArray {
  const [x, y, z] = axis as unknown as [number, number, number]; // three components by the caller's slice
  const along = [
    [x * x, x * y, x * z],
    [x * y, y * y, y * z],
    [x * z, y * z, z * z],
  ];
  const across = along.map((line, i) => line.map((value, j) => (i === j ? 1 : 0) - value));
  const cross = [
    [0, -z, y],
    [z, 0, -x],
    [-y, x, 0],
  ];
  return add(array(along), add(mul(array(across), cos(theta)), mul(array(cross), sin(theta))));
}
