/** Limits and contacts as rows of the constraint set, each with the weight it has if it pushes. */
import {
  abs,
  add,
  and,
  any,
  constant,
  div,
  less,
  type Mask,
  max,
  mul,
  neg,
  not,
  type Operand,
  or,
  type Scalar,
  select,
  sqrt,
  sub,
  whenAny,
} from "@sgmrl/autodiff/scalar";
import { type ConstraintLaw, minimumValue } from "../model/constraint-law.ts";
import { RobotError } from "../model/errors.ts";
import type { ContactPair, JointLimit, Model, ModelShape } from "../model/model.ts";
import type { Kinematics } from "./kinematics.ts";
import type { ProgramModel } from "./parameters.ts";
import {
  along,
  apply,
  cross,
  dot,
  minus,
  plus,
  type Spatial,
  scale,
  type Vec,
  vec,
  wrench,
} from "./spatial.ts";

/** A row J a − aref with the weight D: 0 where it is out of reach. A contact has several along the same directions. */
export interface Row {
  /** D [kg or kg m²] */
  readonly weight: Scalar;
  readonly reference: Scalar;
}

export interface LimitRow extends Row {
  readonly dof: number;
  /** J: 1 at the lower end, −1 at the upper. */
  readonly side: Scalar;
}

/** Rows of one point on the floor: N + s T_k each. */
export interface FloorContact {
  /** Whose contact it is, as `ModelShape.part`. */
  readonly part: number;
  readonly normal: Spatial;
  readonly tangents: readonly Spatial[];
  readonly edges: readonly (Row & { readonly tangent: number; readonly slide: Scalar })[];
}

export interface TouchingBody {
  readonly body: number;
  readonly touches: Mask;
  readonly contacts: readonly FloorContact[];
}

/** Two links that push each other apart, by dof. */
export interface LinkContact extends Row {
  readonly near: Mask;
  readonly directions: readonly (readonly [dof: number, Scalar])[];
}

export interface Rows {
  readonly limits: readonly LimitRow[];
  readonly bodies: readonly TouchingBody[];
  readonly links: readonly LinkContact[];
  /** Poses that this program leaves to `step`: two near links exactly parallel, or with crossing axes. */
  readonly undecided: Mask;
}

/** [eq:constraint-row] */
export function constraintRows(
  model: ProgramModel,
  kin: Kinematics,
  V: readonly Spatial[],
  q: readonly Scalar[],
  v: readonly Scalar[],
): Rows {
  const limits = model.limits.map((limit) => limitRow(model, limit, q, v));
  const floor = model.pairs.filter(({ first }) => first === undefined);
  const bodies = model.bodyParent.reduce<TouchingBody[]>((found, _, body) => {
    const pairs = floor.filter(({ second }) => second.body === body);
    if (pairs.length > 0) found.push(touchingBody(model, kin, V, body, pairs));
    return found;
  }, []);
  const links = model.pairs
    .filter(({ first }) => first !== undefined)
    .map((pair) => linkContact(model, kin, V, pair));
  return {
    limits,
    bodies,
    links: links.map(({ contact }) => contact),
    undecided: any(links.map(({ undecided }) => undecided)),
  };
}

function limitRow(
  model: Model,
  { joint, qposAddress, dof, low, high, law }: JointLimit,
  q: readonly Scalar[],
  v: readonly Scalar[],
): LimitRow {
  if (high - low <= 2 * law.margin)
    throw unsupported(model, joint, "a range that is narrower than its margins");
  const x = q[qposAddress]!;
  const fromLow = sub(sub(x, low), law.margin);
  const fromHigh = sub(sub(high, x), law.margin);
  const isLow = less(fromLow, fromHigh);
  const r = select(isLow, fromLow, fromHigh);
  const side = select(isLow, 1, -1);
  const d = impedance(model, law, r);
  const speed = select(isLow, v[dof]!, neg(v[dof]!));
  return {
    dof,
    side,
    weight: weight(law.regularization, d, less(r, 0)),
    reference: reference(law, d, r, speed),
  };
}

/** −B (J v) − K d r */
function reference(law: ConstraintLaw, d: Scalar, r: Scalar, speed: Scalar): Scalar {
  return sub(neg(mul(law.damping, speed)), mul(mul(law.stiffness, d), r));
}

/** D = 1/R, R = max(1e-15, regularisation · (1 − d)/d); with d at most 0.9999 the bound is rarely one. */
function weight(regularization: Operand, d: Scalar, isThere: Mask): Scalar {
  const known = typeof regularization === "number" ? regularization : regularization.value;
  const D =
    known !== undefined && known * 1e-4 > minimumValue
      ? div(d, mul(sub(1, d), known))
      : div(1, max(minimumValue, mul(div(sub(1, d), d), regularization)));
  return select(isThere, D, 0);
}

/** d(r) for r < 0                                                                                  [eq:impedance] */
function impedance(model: Model, law: ConstraintLaw, r: Scalar): Scalar {
  const { d0, dWidth, width, midpoint: a, power: p } = law;
  if (d0 === dWidth || width <= minimumValue) return constant((d0 + dWidth) / 2);
  if (!Number.isInteger(p) || p > 8) throw unsupported(model, "impedance", `the power ${p}`);
  const x = div(neg(r), width);
  const y = p === 1 ? x : select(less(a, x), sub(1, rise(sub(1, x), 1 - a, p)), rise(x, a, p));
  return select(less(x, 1), add(d0, mul(y, dWidth - d0)), dWidth);
}

/** x^p / a^(p−1) */
function rise(x: Scalar, a: number, p: number): Scalar {
  return Array.from({ length: p - 1 }).reduce<Scalar>((power) => mul(power, mul(x, 1 / a)), x);
}

function touchingBody(
  model: ProgramModel,
  kin: Kinematics,
  V: readonly Spatial[],
  body: number,
  pairs: readonly ContactPair[],
): TouchingBody {
  const points = pairs.flatMap((pair) => {
    const ends: readonly (-1 | 0 | 1)[] = pair.second.kind === "sphere" ? [0] : [1, -1];
    return ends.map((end) => floorPoint(model, kin, pair, end));
  });
  const touches = any(points.map((point) => point.touches));
  const values = whenAnyVaries(touches, () => points.map((point) => floorValues(model, V[body]!, point)));
  return { body, touches, contacts: points.map((point, k) => floorContact(point, values[k]!)) };
}

/** `whenAny` of rows of formulas, of which constants stay constants. */
function whenAnyVaries(mask: Mask, formulas: () => readonly (readonly Scalar[])[]): Scalar[][] {
  let rows: readonly (readonly Scalar[])[] = [];
  const results = whenAny(mask, () => {
    rows = formulas();
    return rows.flat().filter(({ op }) => op !== "constant");
  });
  let next = 0;
  return rows.map((row) => row.map((value) => (value.op === "constant" ? value : results[next++]!)));
}

interface FloorPoint {
  readonly pair: ContactPair;
  readonly friction: Scalar;
  readonly regularization: Scalar;
  readonly touches: Mask;
  /** Distance less margin [m]. */
  readonly r: Scalar;
  /** Half way between the shape's lowest point and the floor, from O. */
  readonly position: Vec;
  /** Of the contact frame, none without friction. */
  readonly tangents: readonly Vec[];
}

const up = vec(0, 0, 1);

/** The end c + end · a of a shape, and the floor                                                   [eq:collision] */
function floorPoint(model: ProgramModel, kin: Kinematics, pair: ContactPair, end: -1 | 0 | 1): FloorPoint {
  const { center, axis } = placed(kin, pair.second);
  const e = plus(center, scale(end, axis));
  const height = add(sub(kin.origin[2], model.floorHeight), e[2]);
  const distance = sub(height, pair.second.radius);
  const t = firstTangent(model, pair.second, axis);
  // Of a robot in a plane the second tangent is the plane's normal, along which nothing moves.
  const tangents = model.plane === undefined ? [t, cross(up, t)] : [t];
  const number = model.pairs.indexOf(pair);
  return {
    pair,
    friction: model.parameters.friction[number]!,
    regularization: model.parameters.regularization[number]!,
    touches: less(distance, pair.law.margin),
    r: sub(distance, pair.law.margin),
    position: vec(e[0], e[1], sub(e[2], sub(height, mul(0.5, distance)))),
    tangents: pair.contactDimension === 3 ? tangents : [],
  };
}

/** In a plane its sign only exchanges two edges, so that it may be constant. */
function firstTangent(model: Model, shape: ModelShape, axis: Vec): Vec {
  if (shape.kind === "sphere") return vec(0, 1, 0);
  if (model.plane !== undefined) return vec(1, 0, 0);
  const square = add(mul(axis[0], axis[0]), mul(axis[1], axis[1]));
  const isVertical = less(square, (minimumValue * shape.halfLength) ** 2);
  const length = sqrt(select(isVertical, 1, square));
  return vec(select(isVertical, 1, div(axis[0], length)), select(isVertical, 0, div(axis[1], length)), 0);
}

/** What a contact needs while its body touches the floor; what else it has follows from these. */
function floorValues(
  model: ProgramModel,
  V: Spatial,
  { pair, friction, regularization, touches, r, position: P, tangents }: FloorPoint,
): Scalar[] {
  const { law } = pair;
  const d = impedance(model, law, r);
  const rest = reference(law, d, r, along(wrench(P, up), V));
  const slips = tangents.map((t) => mul(mul(law.damping, friction), along(wrench(P, t), V)));
  return [weight(regularization, d, touches), rest, ...P, ...slips, ...tangents.flat()];
}

function floorContact({ pair, friction, tangents }: FloorPoint, values: readonly Scalar[]): FloorContact {
  const [D, rest, x, y, z, ...others] = values as [Scalar, Scalar, Scalar, Scalar, Scalar, ...Scalar[]];
  const P = vec(x, y, z);
  const slips = others.slice(0, tangents.length);
  const directions = tangents.map((_, k) => {
    const [tx, ty, tz] = others.slice(tangents.length + 3 * k) as [Scalar, Scalar, Scalar];
    return wrench(P, vec(tx, ty, tz));
  });
  const mu = friction;
  const upright = { tangent: 0, slide: constant(0), weight: D, reference: rest };
  const edges = slips.flatMap((slip, tangent) => [
    { tangent, slide: mu, weight: D, reference: sub(rest, slip) },
    { tangent, slide: neg(mu), weight: D, reference: add(rest, slip) },
  ]);
  if (slips.length === 0) edges.push(upright);
  // In a plane the edges along the second tangent are one row of double weight.
  if (slips.length === 1) edges.push({ ...upright, weight: mul(2, D) });
  return { part: pair.second.part, normal: wrench(P, up), tangents: directions, edges };
}

/** The segment c ± a of a shape, from O. */
function placed({ poses }: Kinematics, { body, cx, cy, cz, ux, uy, uz, halfLength }: ModelShape) {
  const { rotation, position } = poses[body]!;
  return {
    center: plus(position, apply(rotation, vec(cx, cy, cz))),
    axis: scale(halfLength, apply(rotation, vec(ux, uy, uz))),
  };
}

/** Two capsules                                                                                    [eq:collision] */
function linkContact(model: ProgramModel, kin: Kinematics, V: readonly Spatial[], pair: ContactPair) {
  const first = pair.first!;
  const { second, law, reach, contactDimension } = pair;
  if (contactDimension !== 1) throw unsupported(model, second.name, "friction between links");
  const [one, two] = [placed(kin, first), placed(kin, second)];
  const apart = minus(one.center, two.center);
  const near = not(less(reach * reach, dot(apart, apart)));
  const moves = (body: number, dof: number) => model.dofMovesBody[body * model.nv + dof]!;
  const dofs = kin.motions.flatMap((_, i) => (moves(first.body, i) === moves(second.body, i) ? [] : [i]));
  const values = whenAny(near, () => {
    const { x1, x2, sine2, isParallel } = closestPoints(one.axis, two.axis, apart);
    const p1 = plus(one.center, scale(x1, one.axis));
    const between = minus(plus(two.center, scale(x2, two.axis)), p1);
    const square = dot(between, between);
    const rounding = roundingOf(plus(kin.origin, one.center), first.halfLength + second.halfLength);
    const isCrossing = not(less(mul(rounding, rounding), mul(square, sine2)));
    const length = sqrt(select(isCrossing, 1, square));
    const normal = scale(div(1, length), between);
    const distance = sub(sub(length, first.radius), second.radius);
    const r = sub(distance, law.margin);
    const w = wrench(plus(p1, scale(add(first.radius, mul(0.5, distance)), normal)), normal);
    const d = impedance(model, law, r);
    const rest = reference(law, d, r, sub(along(w, V[second.body]!), along(w, V[first.body]!)));
    const directions = dofs.map((i) => {
      const J = along(w, kin.motions[i]!);
      return moves(second.body, i) === 1 ? J : neg(J);
    });
    // Crossing links of a robot in a plane push along its normal, which moves nothing.
    const isUndecided = model.plane === undefined ? or(isParallel, isCrossing) : isParallel;
    const D = weight(
      model.parameters.regularization[model.pairs.indexOf(pair)]!,
      d,
      and(less(r, 0), not(isCrossing)),
    );
    return [select(isUndecided, 1, 0), D, rest, ...directions];
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

/** Of the segments c1 ± a1 and c2 ± a2, d = c1 − c2: the closest points c1 + x1 a1 and c2 + x2 a2 [eq:collision]. */
function closestPoints(a1: Vec, a2: Vec, d: Vec) {
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
    /** sin² of the angle between the axes, where rounding matters to the closest points. */
    sine2: select(isInside, div(det, mul(A, C)), 1),
    isParallel: less(abs(det), minimumValue),
  };
}

/** How far rounding may part two points at p; see collision.ts. */
function roundingOf([x, y, z]: Vec, halfLengths: number): Scalar {
  const coordinates = add(add(add(abs(x), abs(y)), abs(z)), halfLengths);
  return max(minimumValue, mul(16 * Number.EPSILON, coordinates));
}

function isBeyond(x: Scalar): Mask {
  return or(less(1, x), less(x, -1));
}

function clampUnit(x: Scalar): Scalar {
  return select(less(1, x), 1, select(less(x, -1), -1, x));
}

/** A robot for which there is no program. */
export function unsupported(model: Model, part: string, what: string): RobotError {
  return new RobotError(model.name, part, `${what} is not part of the program of a step`);
}
