/**
 * Vectors, rotations and spatial vectors of scalars. Products with constant zeros drop out, so for a planar
 * robot these formulas reduce to those of the plane [eq:planar].
 */
import { add, constant, mul, type Operand, type Scalar, sub } from "@sgmrl/autodiff/scalar";

export type Vec = readonly [Scalar, Scalar, Scalar];
/** Row-major. */
export type Mat = readonly [Vec, Vec, Vec];

/** A motion (ω, v at O) or a force (torque about O, force). */
export interface Spatial {
  readonly angular: Vec;
  readonly linear: Vec;
}

export function vec(x: Operand, y: Operand, z: Operand): Vec {
  return [lift(x), lift(y), lift(z)];
}

function lift(x: Operand): Scalar {
  return typeof x === "number" ? constant(x) : x;
}

/** Three numbers of a table, from index i. */
export function vecAt(table: Float64Array, i: number): Vec {
  return vec(table[i]!, table[i + 1]!, table[i + 2]!);
}

/** Six scalars of a list, from index i. */
export function spatialAt(list: readonly Scalar[], i: number): Spatial {
  const [x, y, z, u, v, w] = list.slice(i, i + 6) as [Scalar, Scalar, Scalar, Scalar, Scalar, Scalar];
  return { angular: [x, y, z], linear: [u, v, w] };
}

export const zeroVec: Vec = vec(0, 0, 0);
export const identity: Mat = [vec(1, 0, 0), vec(0, 1, 0), vec(0, 0, 1)];
export const still: Spatial = { angular: zeroVec, linear: zeroVec };

export function plus(a: Vec, b: Vec): Vec {
  return [add(a[0], b[0]), add(a[1], b[1]), add(a[2], b[2])];
}

export function minus(a: Vec, b: Vec): Vec {
  return [sub(a[0], b[0]), sub(a[1], b[1]), sub(a[2], b[2])];
}

export function scale(s: Operand, a: Vec): Vec {
  return [mul(s, a[0]), mul(s, a[1]), mul(s, a[2])];
}

export function dot(a: Vec, b: Vec): Scalar {
  return add(add(mul(a[0], b[0]), mul(a[1], b[1])), mul(a[2], b[2]));
}

export function cross(a: Vec, b: Vec): Vec {
  return [
    sub(mul(a[1], b[2]), mul(a[2], b[1])),
    sub(mul(a[2], b[0]), mul(a[0], b[2])),
    sub(mul(a[0], b[1]), mul(a[1], b[0])),
  ];
}

export function apply(A: Mat, x: Vec): Vec {
  return [dot(A[0], x), dot(A[1], x), dot(A[2], x)];
}

export function transpose([a, b, c]: Mat): Mat {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

export function compose(A: Mat, B: Mat): Mat {
  const columns = transpose(B);
  const row = (a: Vec): Vec => [dot(a, columns[0]), dot(a, columns[1]), dot(a, columns[2])];
  return [row(A[0]), row(A[1]), row(A[2])];
}

export function plusSpatial(a: Spatial, b: Spatial): Spatial {
  return { angular: plus(a.angular, b.angular), linear: plus(a.linear, b.linear) };
}

export function minusSpatial(a: Spatial, b: Spatial): Spatial {
  return { angular: minus(a.angular, b.angular), linear: minus(a.linear, b.linear) };
}

export function scaleSpatial(s: Operand, a: Spatial): Spatial {
  return { angular: scale(s, a.angular), linear: scale(s, a.linear) };
}

/** The power of a force along a motion. */
export function along(a: Spatial, b: Spatial): Scalar {
  return add(dot(a.angular, b.angular), dot(a.linear, b.linear));
}

/** (ω, v) × (α, a) = (ω × α,  ω × a + v × α) */
export function crossMotion(V: Spatial, S: Spatial): Spatial {
  return {
    angular: cross(V.angular, S.angular),
    linear: plus(cross(V.angular, S.linear), cross(V.linear, S.angular)),
  };
}

/** (ω, v) ×* (n, f) = (ω × n + v × f,  ω × f) */
export function crossForce(V: Spatial, F: Spatial): Spatial {
  return {
    angular: plus(cross(V.angular, F.angular), cross(V.linear, F.linear)),
    linear: cross(V.angular, F.linear),
  };
}

/** The velocity of the point P of a body that moves with V. */
export function velocityAt({ angular, linear }: Spatial, P: Vec): Vec {
  return plus(linear, cross(angular, P));
}

/** A force of size f along the unit vector e at the point P, as a force about O: (P × e, e) f. */
export function wrench(P: Vec, e: Vec): Spatial {
  return { angular: cross(P, e), linear: e };
}
