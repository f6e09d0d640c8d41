import { add, array, cos, matmul, mul, type NdArray, reshape, sin, slice, stack, sub } from "@sgmrl/autodiff";
import { StateError } from "../errors.ts";
import type { Model } from "../model.ts";

/** Where every moving body is, as functions of the coordinates; the world is left out. */
export interface Poses {
  /** Frame origins, [bodies, 3] [m]. */
  readonly origins: NdArray;
  /** Centres of mass, [bodies, 3] [m]. */
  readonly centers: NdArray;
  /** Body frame to world, [bodies, 3, 3]. */
  readonly rotations: NdArray;
}

/**
 * Kinematics in differentiable arrays: kinematics.ts again, for robots of slides and hinges. Everything else that is
 * differentiated here (velocities, accelerations, energies, forces) is made from these positions by differentiation.
 *
 * Shapes  q: [nq]
 */
export function poses(model: Model, q: NdArray): Poses {
  assertAxial(model);
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
    let R = rotations[p]!;
    let x = add(origins[p]!, matmul(R, vector(model.bodyPosition, b)));
    for (let i = model.bodyFirstDof[b]!; i < model.bodyFirstDof[b + 1]!; i++) {
      const a = vector(model.dofAxis, i);
      const address = model.dofQpos[i]!;
      const angle = sub(element(q, address), model.qpos0[address]!);
      if (model.dofRotates[i] === 0) {
        x = add(x, mul(matmul(R, a), angle));
        continue;
      }
      const c = vector(model.dofAnchor, i);
      const anchor = add(x, matmul(R, c));
      R = matmul(R, rotationAbout(model.dofAxis.subarray(3 * i, 3 * i + 3), angle));
      x = sub(anchor, matmul(R, c));
    }
    origins.push(x);
    rotations.push(R);
    centers.push(add(x, matmul(R, vector(model.bodyCenter, b))));
  }
  return { origins: stack(origins.slice(1)), centers: stack(centers), rotations: stack(rotations.slice(1)) };
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

function assertAxial(model: Model): void {
  const free = model.freeJoints[0];
  if (free === undefined) return;
  const problem = `has the free joint "${free.joint}"; derivatives are implemented for slides and hinges`;
  throw new StateError(model.name, "the robot", problem);
}
