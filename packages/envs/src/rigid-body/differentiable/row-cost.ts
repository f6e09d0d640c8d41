import {
  add,
  array,
  atan2,
  concat,
  div,
  dot,
  matmul,
  mul,
  type NdArray,
  neg,
  pow,
  reshape,
  slice,
  sqrt,
  square,
  stack,
  sub,
} from "@sgmrl/autodiff";
import { type ConstraintLaw, raise } from "../model/constraint-law.ts";
import type { Model, ModelShape } from "../model/model.ts";
import type { Vec3 } from "../model/robot.ts";
import type { ActiveRow, FloorRow, LinkRow } from "./active-rows.ts";
import { cross, type Twist } from "./energy.ts";
import { element, type Poses, row } from "./poses.ts";

/** The motion at which a row's cost is evaluated. */
export interface RowMotion {
  readonly at: Poses;
  readonly q: NdArray;
  readonly v: NdArray;
  readonly a: NdArray;
  /** Twists of the bodies for the velocities v, and for a in their place. */
  readonly byVelocity: Twist;
  readonly byAcceleration: Twist;
}

/** ½ D (J a − aref)², as in constraints.ts. */
export function rowCost(model: Model, active: ActiveRow, motion: RowMotion): NdArray {
  const { law, r } = active;
  const { q, v, a, at, byVelocity, byAcceleration } = motion;
  if (active.kind === "limit") {
    const { limit, side } = active;
    const position = element(q, limit.qposAddress);
    const gap = side === 1 ? sub(position, limit.low) : sub(limit.high, position);
    const along = (x: NdArray) => mul(side, element(x, limit.dof));
    return softCost(law, r, sub(gap, law.margin), along(v), along(a));
  }
  if (active.kind === "ball limit") {
    const { limit, sign } = active;
    const turn = concat(
      [0, 1, 2, 3].map((k) => slice(q, [limit.qposAddress + k, limit.qposAddress + k + 1])),
    );
    const [cosine, sines] = [mul(sign, element(turn, 0)), mul(sign, slice(turn, [1]))];
    const sine = sqrt(dot(sines, sines));
    const gap = sub(limit.angle, mul(2, atan2(sine, cosine)));
    const axis = div(sines, sine);
    const along = (x: NdArray) => neg(dot(axis, slice(x, [limit.dof, limit.dof + 3])));
    return softCost(law, r, sub(gap, law.margin), along(v), along(a));
  }
  const { distance, along } = active.kind === "floor" ? floorGap(model, active, at) : linkGap(active, at);
  const cost = softCost(law, r, sub(distance, law.margin), along(byVelocity), along(byAcceleration));
  return active.kind === "floor" ? mul(active.edges, cost) : cost;
}

/** A contact's distance, and the velocity J v of one of its rows under the bodies' velocities. */
interface Gap {
  readonly distance: NdArray;
  along(twist: Twist): NdArray;
}

/** See collideWithFloor in collision.ts. */
function floorGap(model: Model, row: FloorRow, at: Poses): Gap {
  const { shape, end } = row;
  const { center, axis } = segment(at, shape);
  const e = end === 0 ? center : add(center, mul(end * shape.halfLength, axis));
  const n = array([...model.floorNormal]);
  const height = dot(n, e);
  const distance = sub(height, model.floorHeight + shape.radius);
  const drop = sub(add(model.floorHeight, mul(0.5, distance)), height);
  const P = add(e, mul(n, drop));
  const direction = edge(model.floorNormal, axis, row);
  return { distance, along: (twist) => dot(direction, pointVelocity(at, shape.body, P, twist)) };
}

/**
 * See collideCapsules in collision.ts. A closest point at its segment's end stays there, as does that of a sphere; the others
 * solve
 *   A x1 + B x2 = p,   B x1 + C x2 = q
 */
function linkGap({ first, second, firstAt, secondAt }: LinkRow, at: Poses): Gap {
  const [s1, s2] = [segment(at, first), segment(at, second)];
  const [a1, a2] = [mul(first.halfLength, s1.axis), mul(second.halfLength, s2.axis)];
  const apart = sub(s1.center, s2.center);
  const [A, B, C] = [dot(a1, a1), neg(dot(a1, a2)), dot(a2, a2)];
  const [p, q] = [neg(dot(a1, apart)), dot(a2, apart)];
  const isHeld = (x: number, { halfLength }: ModelShape) => Math.abs(x) === 1 || halfLength === 0;
  const [firstIsHeld, secondIsHeld] = [isHeld(firstAt, first), isHeld(secondAt, second)];
  let [x1, x2] = [array(firstAt), array(secondAt)];
  if (!firstIsHeld && !secondIsHeld) {
    const determinant = sub(mul(A, C), square(B));
    x1 = div(sub(mul(C, p), mul(B, q)), determinant);
    x2 = div(sub(mul(A, q), mul(B, p)), determinant);
  } else if (!secondIsHeld) {
    x2 = div(sub(q, mul(B, x1)), C);
  } else if (!firstIsHeld) {
    x1 = div(sub(p, mul(B, x2)), A);
  }
  const p1 = add(s1.center, mul(x1, a1));
  const gap = sub(add(s2.center, mul(x2, a2)), p1);
  const length = sqrt(dot(gap, gap));
  const n = div(gap, length);
  const distance = sub(length, first.radius + second.radius);
  const P = add(p1, mul(add(first.radius, mul(0.5, distance)), n));
  const along = (twist: Twist) =>
    dot(n, sub(pointVelocity(at, second.body, P, twist), pointVelocity(at, first.body, P, twist)));
  return { distance, along };
}

/** A shape's center and unit axis in the world. */
function segment(
  at: Poses,
  { body, cx, cy, cz, ux, uy, uz }: ModelShape,
): { center: NdArray; axis: NdArray } {
  const R = row(at.rotations, body - 1);
  return {
    center: add(row(at.origins, body - 1), matmul(R, array([cx, cy, cz]))),
    axis: matmul(R, array([ux, uy, uz])),
  };
}

/** u + ω × (P − center) */
function pointVelocity(at: Poses, body: number, P: NdArray, [linear, angular]: Twist): NdArray {
  const b = body - 1;
  const arm = sub(P, row(at.centers, b));
  return add(row(linear, b), reshape(cross(stack([row(angular, b)]), stack([arm])), [3]));
}

/** n + slide t. t is `fixed`, or else t1 = u − (n·u) n, normalised, or t2 = n × t1 from the axis u. */
function edge(normal: Vec3, axis: NdArray, { fixed, slide, tangent }: FloorRow): NdArray {
  const n = array([...normal]);
  if (slide === 0) return n;
  if (fixed !== undefined) return add(n, mul(slide, array([...fixed])));
  const along =
    tangent === 1 ? sub(axis, mul(dot(n, axis), n)) : reshape(cross(stack([n]), stack([axis])), [3]);
  return add(n, mul(slide, div(along, sqrt(dot(along, along)))));
}

/** ½ D (J a − aref)² with aref = −B (J v) − K d r,  D = d / ((1 − d) regularisation). */
function softCost(law: ConstraintLaw, here: number, r: NdArray, Jv: NdArray, Ja: NdArray): NdArray {
  const d = impedance(law, here, r);
  const D = div(d, mul(law.regularization, sub(1, d)));
  const miss = add(Ja, add(mul(law.damping, Jv), mul(law.stiffness, mul(d, r))));
  return mul(0.5, mul(D, square(miss)));
}

/** `impedance` of constraint-law.ts on the piece that holds at r = `here` < 0. */
function impedance(law: ConstraintLaw, here: number, r: NdArray): NdArray {
  const { d0, dWidth, width, midpoint, power } = law;
  const x = -here / width;
  if (d0 === dWidth || !(x < 1)) return add(mul(0, r), x < 1 ? (d0 + dWidth) / 2 : dWidth);
  const reach = div(neg(r), width);
  const y =
    x <= midpoint
      ? div(pow(reach, power), raise(midpoint, power - 1))
      : sub(1, div(pow(sub(1, reach), power), raise(1 - midpoint, power - 1)));
  return add(d0, mul(y, dWidth - d0));
}
