/** Contacts between links. */
import {
  abs,
  add,
  and,
  constant,
  div,
  less,
  type Mask,
  max,
  mul,
  neg,
  never,
  not,
  or,
  type Scalar,
  select,
  sqrt,
  sub,
  whenAny,
} from "@sgmrl/autodiff/scalar";
import { minimumValue } from "../model/constraint-law.ts";
import type { ContactPair, Model, ModelShape } from "../model/model.ts";
import { type Kinematics, placedShape, type Segment } from "./kinematics.ts";
import { indistinct, type ProgramModel } from "./parameters.ts";
import { impedance, type Row, reference, unsupported, weight } from "./row-law.ts";
import { along, dot, minus, plus, type Spatial, scale, type Vec, wrench } from "./spatial.ts";

/** A contact between two links, with its Jacobian by dof. */
export interface LinkContact extends Row {
  readonly near: Mask;
  readonly directions: readonly (readonly [dof: number, Scalar])[];
}

/** Two capsules, and the dofs that move one of them relative to the other. */
export interface LinkPair {
  readonly pair: ContactPair;
  readonly one: Segment;
  readonly two: Segment;
  readonly near: Mask;
  readonly dofs: readonly number[];
}

export function linkPairs(model: Model, kin: Kinematics): LinkPair[] {
  const moves = (body: number, dof: number) => model.dofMovesBody[body * model.nv + dof]!;
  return model.pairs.flatMap((pair) => {
    const { first, second, reach } = pair;
    if (first === undefined) return [];
    if (pair.box !== undefined) throw unsupported(model, pair.box.name, "a box that spheres may touch");
    const [one, two] = [placedShape(kin, first), placedShape(kin, second)];
    const apart = minus(one.center, two.center);
    const near = not(less(reach * reach, dot(apart, apart)));
    const dofs = kin.motions.flatMap((_, i) => (moves(first.body, i) === moves(second.body, i) ? [] : [i]));
    return [{ pair, one, two, near, dofs }];
  });
}

/** The contact of a pair, its values computed once, while the links are near. */
export function linkContact(
  model: ProgramModel,
  kin: Kinematics,
  V: readonly Spatial[],
  link: LinkPair,
): { contact: LinkContact; undecided: Mask } {
  const { near, dofs } = link;
  const values = whenAny(near, () => {
    const { weight, reference, directions, isUndecided } = linkFormulas(model, kin, V, link);
    return [select(isUndecided, 1, 0), weight, reference, ...directions.map(([, J]) => J)];
  });
  const [undecided, D, rest, ...directions] = values as [Scalar, Scalar, Scalar, ...Scalar[]];
  const contact: LinkContact = {
    near,
    weight: D,
    reference: rest,
    directions: dofs.map((dof, k) => [dof, directions[k]!] as const),
  };
  return { contact, undecided: less(0, undecided) };
}

/** The same as formulas, for use where the links are near. */
function linkFormulas(
  model: ProgramModel,
  kin: Kinematics,
  V: readonly Spatial[],
  link: LinkPair,
): Row & Pick<LinkContact, "directions"> & { readonly isUndecided: Mask } {
  const { first, second } = link.pair;
  const { w, ...row } = linkRow(model, kin.origin, link, V[first!.body]!, V[second.body]!);
  const directions = link.dofs.map((dof) => {
    const J = along(w, kin.motions[dof]!);
    return [dof, model.dofMovesBody[second.body * model.nv + dof] === 1 ? J : neg(J)] as const;
  });
  return { ...row, directions };
}

/** The row J = wᵀ (S_second − S_first) of two near links that move with V1 and V2                  [eq:collision] */
export function linkRow(
  model: ProgramModel,
  origin: Vec,
  { pair, one, two }: Pick<LinkPair, "pair" | "one" | "two">,
  V1: Spatial,
  V2: Spatial,
): Row & { readonly w: Spatial; readonly isUndecided: Mask } {
  const first = pair.first!;
  const { second, law, contactDimension } = pair;
  if (contactDimension !== 1) throw unsupported(model, second.name, "friction between links");
  const apart = minus(one.center, two.center);
  const isBall = first.halfLength === 0 || second.halfLength === 0;
  const { x1, x2, sine2, isParallel } = isBall
    ? pointsNearBall(first, second, one.axis, two.axis, apart)
    : closestPoints(model, one.axis, two.axis, apart);
  const p1 = plus(one.center, scale(x1, one.axis));
  const between = minus(plus(two.center, scale(x2, two.axis)), p1);
  const square = dot(between, between);
  const rounding = roundingOf(model, plus(origin, one.center), first.halfLength + second.halfLength);
  const isCrossing = not(less(mul(rounding, rounding), mul(square, sine2)));
  const length = sqrt(select(isCrossing, 1, square));
  const normal = scale(div(1, length), between);
  const distance = sub(sub(length, first.radius), second.radius);
  const r = sub(distance, law.margin);
  const w = wrench(plus(p1, scale(add(first.radius, mul(0.5, distance)), normal)), normal);
  const d = impedance(model, law, r);
  return {
    weight: weight(
      model.parameters.regularization[model.pairs.indexOf(pair)]!,
      d,
      and(less(r, 0), not(isCrossing)),
    ),
    reference: reference(law, d, r, sub(along(w, V2), along(w, V1))),
    w,
    // Crossing links of a planar robot push along the plane's normal, which moves nothing.
    isUndecided: model.plane === undefined ? or(isParallel, isCrossing) : isParallel,
  };
}

interface ClosestPoints {
  readonly x1: Scalar;
  readonly x2: Scalar;
  /** sin² of the angle between the axes if both closest points are interior, else 1. */
  readonly sine2: Scalar;
  /** Whether the segments are parallel, as far as the program can tell. */
  readonly isParallel: Mask;
}

/** Closest points c1 + x1 a1, c2 + x2 a2 of the segments c1 ± a1, c2 ± a2, d = c1 − c2 [eq:collision]. */
function closestPoints(model: ProgramModel, a1: Vec, a2: Vec, d: Vec): ClosestPoints {
  const A = dot(a1, a1);
  const B = neg(dot(a1, a2));
  const C = dot(a2, a2);
  const p = neg(dot(a1, d));
  const q = dot(a2, d);
  const det = sub(mul(A, C), mul(B, B));
  const free1 = div(sub(mul(C, p), mul(B, q)), det);
  const free2 = div(sub(mul(A, q), mul(B, p)), det);
  const held1 = clampUnit(free1);
  const next2 = select(isBeyond(free1), div(sub(q, mul(held1, B)), C), free2);
  const x2 = clampUnit(next2);
  const x1 = select(isBeyond(next2), clampUnit(div(sub(p, mul(x2, B)), A)), held1);
  const isInside = and(less(abs(x1), 1), less(abs(x2), 1));
  return {
    x1,
    x2,
    sine2: select(isInside, div(det, mul(A, C)), 1),
    // As in collision.ts; and in float32, where Δ may be rounding alone.
    isParallel: less(
      abs(det),
      model.dtype === "float64" ? minimumValue : max(minimumValue, mul(indistinct(model), mul(A, C))),
    ),
  };
}

/** The same where one segment, or both, is a point: it is at its center, the other's as near to it as may be. */
function pointsNearBall(first: ModelShape, second: ModelShape, a1: Vec, a2: Vec, d: Vec): ClosestPoints {
  return {
    x1: first.halfLength === 0 ? constant(0) : clampUnit(div(neg(dot(a1, d)), dot(a1, a1))),
    x2: second.halfLength === 0 ? constant(0) : clampUnit(div(dot(a2, d), dot(a2, a2))),
    sine2: constant(1),
    isParallel: never,
  };
}

/** Distance that rounding alone may put between two points at p; see collision.ts. */
function roundingOf(model: ProgramModel, [x, y, z]: Vec, halfLengths: number): Scalar {
  const coordinates = add(add(add(abs(x), abs(y)), abs(z)), halfLengths);
  return max(minimumValue, mul(indistinct(model), coordinates));
}

function isBeyond(x: Scalar): Mask {
  return or(less(1, x), less(x, -1));
}

function clampUnit(x: Scalar): Scalar {
  return select(less(1, x), 1, select(less(x, -1), -1, x));
}
