/** Contacts of shapes with the floor, body by body. */
import {
  add,
  and,
  any,
  constant,
  div,
  less,
  type Mask,
  mul,
  neg,
  never,
  type Operand,
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
import { impedance, type Row, reference, weight } from "./row-law.ts";
import {
  along,
  cross,
  dot,
  minus,
  plus,
  type Spatial,
  scale,
  type Vec,
  vec,
  velocityAt,
  wrench,
} from "./spatial.ts";

/** The rows N + s T_k of one contact point on the floor. */
export interface FloorContact {
  /** The body in contact, as `ModelShape.part`. */
  readonly part: number;
  readonly normal: Spatial;
  readonly tangents: readonly Spatial[];
  readonly edges: readonly (Row & { readonly tangent: number; readonly slide: Scalar })[];
}

/** A body with its shapes and their points that can touch the floor. */
export interface FloorBody {
  readonly body: number;
  readonly touches: Mask;
  readonly shapes: readonly FloorShape[];
  readonly points: readonly FloorPoint[];
}

export interface FloorShape extends Segment {
  readonly pair: ContactPair;
}

export function floorBodies(model: ProgramModel, kin: Kinematics): FloorBody[] {
  const floor = model.pairs.filter(({ first }) => first === undefined);
  return Array.from(model.bodyParent, (_, body) => {
    const pairs = floor.filter(({ second }) => second.body === body);
    const shapes = pairs.map((pair) => ({ pair, ...placedShape(kin, pair.second) }));
    const points = floorPoints(model, kin.origin, shapes);
    return { body, touches: any(points.map((point) => point.touches)), shapes, points };
  }).filter(({ points }) => points.length > 0);
}

export function floorPoints(model: ProgramModel, origin: Vec, shapes: readonly FloorShape[]): FloorPoint[] {
  return shapes.flatMap(({ pair, center, axis }) =>
    ends(model, pair.second, axis).map((end) =>
      floorPoint(model, origin, pair, axis, plus(center, scale(end, axis))),
    ),
  );
}

export interface TouchingBody {
  readonly body: number;
  readonly touches: Mask;
  readonly contacts: readonly FloorContact[];
  /** Whether this program cannot tell how a shape lies on the floor. */
  readonly undecided: Mask;
}

/** The contacts of a body, their values computed once, while it touches. */
export function touchingBody(
  model: ProgramModel,
  V: readonly Spatial[],
  { body, touches, points }: FloorBody,
): TouchingBody {
  const values = whenAnyVaries(touches, () =>
    points.map((point) => floorValues(model, (e) => along(wrench(point.position, e), V[body]!), point)),
  );
  return {
    body,
    touches,
    contacts: points.map((point, k) => floorContact(point, values[k]!)),
    undecided: any(points.map((point) => and(point.touches, point.isUndecided))),
  };
}

/** The edges of a contact as formulas, for use where the body touches; V is its velocity. */
export function edgesOf(model: ProgramModel, V: Spatial, point: FloorPoint): FloorContact["edges"] {
  const velocity = velocityAt(V, point.position);
  return floorContact(
    point,
    floorValues(model, (e) => dot(velocity, e), point),
  ).edges;
}

/** `whenAny` over rows of formulas, in which constants stay constants. */
function whenAnyVaries(mask: Mask, formulas: () => readonly (readonly Scalar[])[]): Scalar[][] {
  let rows: readonly (readonly Scalar[])[] = [];
  const results = whenAny(mask, () => {
    rows = formulas();
    return rows.flat().filter(({ op }) => op !== "constant");
  });
  let next = 0;
  return rows.map((row) => row.map((value) => (value.op === "constant" ? value : results[next++]!)));
}

export interface FloorPoint {
  readonly pair: ContactPair;
  readonly friction: Scalar;
  readonly regularization: Scalar;
  readonly touches: Mask;
  /** distance − margin [m] */
  readonly r: Scalar;
  /** Half way between the shape's lowest point and the floor, from O. */
  readonly position: Vec;
  readonly normal: Vec;
  /** Whether rounding alone may have given the tangents their direction. */
  readonly isUndecided: Mask;
  /** Tangents of the contact frame; none without friction. */
  readonly tangents: readonly Vec[];
}

/** Where on the segment c ± a a shape may touch the floor: a diagonal of a box at its lower end. */
function ends(model: Model, { kind }: ModelShape, axis: Vec): readonly Operand[] {
  if (kind === "diagonal") return [select(less(0, dot(vec(...model.floorNormal), axis)), -1, 1)];
  return kind === "sphere" ? [0] : [1, -1];
}

/** The end e of a shape along `axis` against the floor                                       [eq:collision] */
function floorPoint(model: ProgramModel, origin: Vec, pair: ContactPair, axis: Vec, e: Vec): FloorPoint {
  const normal = vec(...model.floorNormal);
  const height = add(sub(dot(normal, origin), model.floorHeight), dot(normal, e));
  const distance = sub(height, pair.second.radius);
  const { t, isUndecided } = firstTangent(model, pair.second, axis);
  // For a planar robot the second tangent is the plane's normal, along which nothing moves.
  const tangents = model.plane === undefined ? [t, cross(normal, t)] : [t];
  const number = model.pairs.indexOf(pair);
  return {
    pair,
    friction: model.parameters.friction[number]!,
    regularization: model.parameters.regularization[number]!,
    touches: less(distance, pair.law.margin),
    r: sub(distance, pair.law.margin),
    position: minus(e, scale(sub(height, mul(0.5, distance)), normal)),
    normal,
    isUndecided: pair.contactDimension === 3 ? isUndecided : never,
    tangents: pair.contactDimension === 3 ? tangents : [],
  };
}

/** Constant for a planar robot, where its sign only swaps two edges. */
function firstTangent(model: ProgramModel, shape: ModelShape, axis: Vec): { t: Vec; isUndecided: Mask } {
  const { plane, floorNormal, floorTangent } = model;
  if (shape.kind !== "capsule" || plane !== undefined) return { t: vec(...floorTangent), isUndecided: never };
  const n = vec(...floorNormal);
  const along = minus(axis, scale(dot(n, axis), n));
  const square = dot(along, along);
  const isUpright = less(square, (minimumValue * shape.halfLength) ** 2);
  const length = sqrt(select(isUpright, 1, square));
  const [x, y, z] = along.map((part, k) => select(isUpright, k === 0 ? 1 : 0, div(part, length)));
  // In float64 rounding is below what counts as upright.
  const isUndecided =
    model.dtype === "float64" ? never : less(square, (indistinct(model) * shape.halfLength) ** 2);
  return { t: [x!, y!, z!], isUndecided };
}

/** Values of a contact computed only while its body touches the floor; the rest follows from them. */
function floorValues(
  model: ProgramModel,
  speedAlong: (e: Vec) => Scalar,
  { pair, friction, regularization, touches, r, position: P, normal, tangents }: FloorPoint,
): Scalar[] {
  const { law } = pair;
  const d = impedance(model, law, r);
  const rest = reference(law, d, r, speedAlong(normal));
  const slips = tangents.map((t) => mul(mul(law.damping, friction), speedAlong(t)));
  return [weight(regularization, d, touches), rest, ...P, ...slips, ...tangents.flat()];
}

function floorContact(
  { pair, friction, normal, tangents }: FloorPoint,
  values: readonly Scalar[],
): FloorContact {
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
  // For a planar robot the edges along the second tangent are one row of double weight.
  if (slips.length === 1) edges.push({ ...upright, weight: mul(2, D) });
  return { part: pair.second.part, normal: wrench(P, normal), tangents: directions, edges };
}
