/** Poses of the bodies, and the motion that each dof gives them. */
import { add, cos, div, less, mul, type Scalar, select, sin, sqrt, sub } from "@sgmrl/autodiff/scalar";
import { minimumValue } from "../model/constraint-law.ts";
import type { Model, ModelShape } from "../model/model.ts";
import {
  apply,
  compose,
  cross,
  identity,
  type Mat,
  minus,
  plus,
  type Spatial,
  scale,
  transpose,
  type Vec,
  vec,
  vecAt,
  zeroVec,
} from "./spatial.ts";

export interface Pose {
  /** Body frame to world. */
  readonly rotation: Mat;
  /** The frame's origin, from O [m]. */
  readonly position: Vec;
}

export interface Kinematics {
  /** O: the first body's origin, to which all else is relative [m]. */
  readonly origin: Vec;
  /** By body, the world's first. */
  readonly poses: readonly Pose[];
  /** S_i: spatial velocity per unit rate of dof i. */
  readonly motions: readonly Spatial[];
}

/** Cosine and sine of the angle by which a hinge has turned. */
export type Turns = (dof: number, angle: Scalar) => readonly [cos: Scalar, sin: Scalar];

const computed: Turns = (_, angle) => [cos(angle), sin(angle)];

/** The dofs for which `kinematics` asks for a cosine and a sine. */
export function hinges({ nv, bodyIsFree, dofBody, dofRotates, dofQpos }: Model): number[] {
  return Array.from({ length: nv }, (_, i) => i).filter(
    (i) => dofRotates[i] !== 0 && bodyIsFree[dofBody[i]!] === 0 && dofQpos[i]! >= 0,
  );
}

/**
 * [eq:kinematics], [eq:motion-subspace], with positions relative to O rather than to the world's origin: the
 * robot's place in the world then matters only for contacts with the floor.
 */
export function kinematics(model: Model, q: readonly Scalar[], turns: Turns = computed): Kinematics {
  let origin = zeroVec;
  let poses: Pose[] = [];
  let motions: Spatial[] = [];
  model.bodyParent.forEach((parent, b) => {
    if (b === 0) {
      poses = [{ rotation: identity, position: zeroVec }];
      return;
    }
    const placed = placeBody(model, q, turns, b, poses[parent]!);
    if (b > 1) {
      // Roots after the first are placed in world coordinates.
      const position = parent === 0 ? minus(placed.position, origin) : placed.position;
      const axes = parent === 0 ? placed.axes.map((axis) => axis.from(origin)) : placed.axes;
      poses.push({ rotation: placed.rotation, position });
      motions.push(...axes.map((axis) => axis.motion));
      return;
    }
    origin = placed.position;
    poses.push({ rotation: placed.rotation, position: zeroVec });
    motions = placed.axes.map((axis) => axis.from(origin).motion);
  });
  return { origin, poses, motions };
}

/** A dof's axis e, and for a rotation a point A on it. */
class Axis {
  readonly direction: Vec;
  readonly anchor: Vec | undefined;

  constructor(direction: Vec, anchor: Vec | undefined) {
    this.direction = direction;
    this.anchor = anchor;
  }

  /** The same axis relative to another origin. */
  from(origin: Vec): Axis {
    return new Axis(this.direction, this.anchor && minus(this.anchor, origin));
  }

  /** A translation is (0, e); a rotation about an axis through A moves the point at O by e × (O − A). */
  get motion(): Spatial {
    const { direction: e, anchor: A } = this;
    return A === undefined ? { angular: zeroVec, linear: e } : { angular: e, linear: cross(A, e) };
  }
}

function placeBody(
  model: Model,
  q: readonly Scalar[],
  turns: Turns,
  b: number,
  parent: Pose,
): Pose & { axes: readonly Axis[] } {
  const { bodyFirstDof, bodyIsFree, bodyPosition, dofQpos, dofBall, dofAxis, dofAnchor, dofRotates, qpos0 } =
    model;
  const first = bodyFirstDof[b]!;
  if (bodyIsFree[b] === 1) return placeFreeBody(q, dofQpos[first]!);
  let R = parent.rotation;
  let x = plus(parent.position, apply(R, vecAt(bodyPosition, 3 * b)));
  const axes: Axis[] = [];
  for (let i = first; i < bodyFirstDof[b + 1]!; i++) {
    if (dofBall[i]! >= 0) {
      const anchor = vecAt(dofAnchor, 3 * i);
      const frame = transpose([0, 3, 6].map((k) => vecAt(dofAxis, 3 * i + k)) as [Vec, Vec, Vec]);
      const A = plus(x, apply(R, anchor));
      R = compose(R, compose(compose(frame, turnOf(quaternionAt(q, dofBall[i]!))), transpose(frame)));
      axes.push(...transpose(compose(R, frame)).map((direction) => new Axis(direction, A)));
      x = minus(A, apply(R, anchor));
      i += 2;
      continue;
    }
    const address = dofQpos[i]!;
    const axis = vecAt(dofAxis, 3 * i);
    const angle = sub(q[address]!, qpos0[address]!);
    const direction = apply(R, axis);
    if (dofRotates[i] === 0) {
      axes.push(new Axis(direction, undefined));
      x = plus(x, scale(angle, direction));
      continue;
    }
    const anchor = vecAt(dofAnchor, 3 * i);
    const A = plus(x, apply(R, anchor));
    axes.push(new Axis(direction, A));
    R = compose(R, turn(axis, turns(i, angle)));
    x = minus(A, apply(R, anchor));
  }
  return { rotation: R, position: x, axes };
}

/** Rot(a, φ) = a aᵀ + cos φ (1 − a aᵀ) + sin φ [a]×          Rodrigues */
function turn(a: Vec, [c, s]: readonly [Scalar, Scalar]): Mat {
  const [x, y, z] = a;
  const entry = (i: 0 | 1 | 2, j: 0 | 1 | 2, skew: Scalar): Scalar => {
    const along = mul(a[i], a[j]);
    return add(add(along, mul(c, sub(i === j ? 1 : 0, along))), mul(s, skew));
  };
  const zero = sub(x, x);
  return [
    [entry(0, 0, zero), entry(0, 1, sub(zero, z)), entry(0, 2, y)],
    [entry(1, 0, z), entry(1, 1, zero), entry(1, 2, sub(zero, x))],
    [entry(2, 0, sub(zero, y)), entry(2, 1, x), entry(2, 2, zero)],
  ];
}

/** A body on a free joint: translations along the world's axes, rotations about its own. */
function placeFreeBody(q: readonly Scalar[], address: number): Pose & { axes: readonly Axis[] } {
  const position = vec(q[address]!, q[address + 1]!, q[address + 2]!);
  const rotation = turnOf(quaternionAt(q, address + 3));
  const translations = identity.map((axis) => new Axis(axis, undefined));
  const rotations = transpose(rotation).map((axis) => new Axis(axis, position));
  return { rotation, position, axes: [...translations, ...rotations] };
}

/** Rot(Q), Q of unit length */
function turnOf([w, i, j, k]: Quaternion): Mat {
  const twice = (a: Scalar) => mul(2, a);
  const [ww, ii, jj, kk] = [mul(w, w), mul(i, i), mul(j, j), mul(k, k)];
  return [
    [sub(sub(add(ww, ii), jj), kk), twice(sub(mul(i, j), mul(w, k))), twice(add(mul(i, k), mul(w, j)))],
    [twice(add(mul(i, j), mul(w, k))), sub(add(sub(ww, ii), jj), kk), twice(sub(mul(j, k), mul(w, i)))],
    [twice(sub(mul(i, k), mul(w, j))), twice(add(mul(j, k), mul(w, i))), add(sub(sub(ww, ii), jj), kk)],
  ];
}

function quaternionAt(q: readonly Scalar[], address: number): Quaternion {
  return normalized([q[address]!, q[address + 1]!, q[address + 2]!, q[address + 3]!]);
}

export type Quaternion = readonly [w: Scalar, x: Scalar, y: Scalar, z: Scalar];

/** Q / |Q|; the identity where Q is too short to have a direction. */
export function normalized(Q: Quaternion): Quaternion {
  const [w, x, y, z] = Q;
  const square = add(add(add(mul(w, w), mul(x, x)), mul(y, y)), mul(z, z));
  const isNone = less(square, minimumValue ** 2);
  const n = sqrt(select(isNone, 1, square));
  const [a, b, c, d] = Q.map((part, k) => select(isNone, k === 0 ? 1 : 0, div(part, n)));
  return [a!, b!, c!, d!];
}

/** c ± a, from O. */
export interface Segment {
  readonly center: Vec;
  readonly axis: Vec;
}

/** The segment of a shape. */
export function placedShape(
  { poses }: Kinematics,
  { body, cx, cy, cz, ux, uy, uz, halfLength }: ModelShape,
): Segment {
  const { rotation, position } = poses[body]!;
  return {
    center: plus(position, apply(rotation, vec(cx, cy, cz))),
    axis: scale(halfLength, apply(rotation, vec(ux, uy, uz))),
  };
}
