/** Motions of the bodies, joint by joint. */
import { add, constant, div, less, mul, type Scalar, select, sub } from "@sgmrl/autodiff/scalar";
import { minimumValue } from "../model/constraint-law.ts";
import type { Model } from "../model/model.ts";
import type { Quaternion } from "./kinematics.ts";
import { plusSpatial, type Spatial, scaleSpatial, still } from "./spatial.ts";

/** One axis, or the three of a rotation whose coordinates are a quaternion. */
export interface Joint {
  readonly body: number;
  readonly dofs: readonly number[];
}

/** By body, each body's in order. */
export function jointsOf({ bodyParent, bodyFirstDof, quaternions }: Model): Joint[][] {
  const turning = new Set(quaternions.map(({ dof }) => dof));
  return Array.from(bodyParent, (_, body) => {
    const joints: Joint[] = [];
    for (let i = bodyFirstDof[body]!; i < bodyFirstDof[body + 1]!; i += joints.at(-1)!.dofs.length)
      joints.push({ body, dofs: turning.has(i) ? [i, i + 1, i + 2] : [i] });
    return joints;
  });
}

/** X_b = X_parent + Σ (what each joint adds). */
export interface Chain {
  readonly bodies: readonly Spatial[];
  /** Where a joint begins: before its own share. */
  readonly before: ReadonlyMap<Joint, Spatial>;
}

/** The chain that begins with `base` at the world; `plusShare` adds what a joint adds. */
export function chainOf(
  { bodyParent }: Model,
  joints: readonly (readonly Joint[])[],
  base: Spatial,
  plusShare: (motion: Spatial, joint: Joint) => Spatial,
): Chain {
  const bodies: Spatial[] = [];
  const before = new Map<Joint, Spatial>();
  joints.forEach((own, b) => {
    let motion = b === 0 ? base : bodies[bodyParent[b]!]!;
    for (const joint of own) {
      before.set(joint, motion);
      motion = plusShare(motion, joint);
    }
    bodies.push(motion);
  });
  return { bodies, before };
}

/** motion + Σ S_i x_i over a joint's dofs i */
export function plusAlong(
  motion: Spatial,
  motions: readonly Spatial[],
  x: readonly Scalar[],
  { dofs }: Joint,
): Spatial {
  return dofs.reduce((total, i) => plusSpatial(total, scaleSpatial(x[i]!, motions[i]!)), motion);
}

/** Σ S_i x_i over a joint's dofs i */
export function shareOf(motions: readonly Spatial[], x: readonly Scalar[], joint: Joint): Spatial {
  return plusAlong(still, motions, x, joint);
}

/** The cotangent of a quaternion, given τ of the turn δ about the body's axes: dQ/|Q| = ½ Q/|Q| ∘ (0, δ). */
export function quaternionShare(
  [w, x, y, z]: Quaternion,
  [a, b, c]: readonly [Scalar, Scalar, Scalar],
): Quaternion {
  const square = add(add(add(mul(w, w), mul(x, x)), mul(y, y)), mul(z, z));
  const isNone = less(square, minimumValue ** 2);
  // 2 Q/|Q| / |Q|; none where Q has no direction
  const scale = select(isNone, 0, div(2, select(isNone, 1, square)));
  return [
    mul(scale, sub(constant(0), add(add(mul(x, a), mul(y, b)), mul(z, c)))),
    mul(scale, sub(add(mul(w, a), mul(y, c)), mul(z, b))),
    mul(scale, sub(add(mul(w, b), mul(z, a)), mul(x, c))),
    mul(scale, sub(add(mul(w, c), mul(x, b)), mul(y, a))),
  ];
}
