import { atan2, hypot } from "@sgmrl/autodiff/elementary";
import { type Contact, workspaceOf } from "../dynamics/workspace.ts";
import { type ConstraintLaw, minimumValue } from "../model/constraint-law.ts";
import { StateError } from "../model/errors.ts";
import type { BallLimit, JointLimit, Model, ModelShape } from "../model/model.ts";

/** A row of the constraint set that is active at the solution, as data for its derivatives. */
export type ActiveRow = LimitRow | BallLimitRow | FloorRow | LinkRow;

interface Row {
  readonly law: ConstraintLaw;
  /** r, which selects the piece of the impedance curve. */
  readonly r: number;
}

interface LimitRow extends Row {
  readonly kind: "limit";
  readonly limit: JointLimit;
  readonly side: 1 | -1;
}

interface BallLimitRow extends Row {
  readonly kind: "ball limit";
  readonly limit: BallLimit;
  /** ±1: the quaternion's first component is positive times it. */
  readonly sign: 1 | -1;
}

export interface FloorRow extends Row {
  readonly kind: "floor";
  readonly shape: ModelShape;
  /** ±1 for the ends of a capsule or a diagonal, 0 for a sphere. */
  readonly end: number;
  /** The edge n + slide · t of the friction pyramid, t the first or second tangent. */
  readonly tangent: 1 | 2;
  /** The tangent if it does not turn with the shape: planar robot, sphere, box or upright capsule. */
  readonly fixed: readonly number[] | undefined;
  readonly slide: number;
  /** Number of edges that share this row. */
  readonly edges: 1 | 2;
}

/** Two links against each other, without friction. */
export interface LinkRow extends Row {
  readonly kind: "link";
  readonly first: ModelShape;
  readonly second: ModelShape;
  /** Positions of the closest points on their segments, −1 to 1. */
  readonly firstAt: number;
  readonly secondAt: number;
}

/** The active rows of the model's last forward pass, at `qpos`, in the order of constraints.ts. */
export function activeRows(model: Model, qpos: Float64Array): ActiveRow[] {
  const ws = workspaceOf(model);
  const rows: (ActiveRow | undefined)[] = [];
  for (const limit of model.limits) {
    const q = qpos[limit.qposAddress]!;
    const { law } = limit;
    for (const side of [1, -1] as const) {
      const r = (side === 1 ? q - limit.low : limit.high - q) - law.margin;
      if (r < 0) rows.push({ kind: "limit", limit, side, law, r });
    }
  }
  for (const limit of model.ballLimits) {
    const { qposAddress: a, angle, law } = limit;
    const sign = qpos[a]! < 0 ? -1 : 1;
    const sine = hypot(qpos[a + 1]!, qpos[a + 2]!, qpos[a + 3]!);
    const r = angle - 2 * atan2(sine, sign * qpos[a]!) - law.margin;
    if (r < 0) rows.push({ kind: "ball limit", limit, sign, law, r });
  }
  for (const contact of ws.contacts.slice(0, ws.contactCount)) rows.push(...contactRows(model, contact));
  return rows.filter((row, r): row is ActiveRow => row !== undefined && ws.rowGap[r]! < 0);
}

/** Segments closer than this count as crossing [m]: there the normal is discontinuous. */
const crossing = 1e-9;

/** Undefined for a row that pushes nothing: crossing links of a planar robot. */
function contactRows(
  model: Model,
  { pair, first, second, firstAt, secondAt, r, distance, tangent1, tangent2 }: Contact,
): (ActiveRow | undefined)[] {
  const { contactDimension, friction, law, box } = model.pairs[pair]!;
  if (first !== undefined) {
    if (box !== undefined) {
      const problem = `has "${first.name}" touch the box "${box.name}"; derivatives of that are not supported`;
      throw new StateError(model.name, "the state", problem);
    }
    if (distance + first.radius + second.radius < crossing) {
      if (model.plane !== undefined) return [undefined];
      const problem = `has the axes of "${first.name}" and "${second.name}" crossing, where the step has no derivative`;
      throw new StateError(model.name, "the state", problem);
    }
    if (contactDimension === 3) {
      const problem = `has "${first.name}" rub on "${second.name}"; derivatives of friction between links are not supported`;
      throw new StateError(model.name, "the state", problem);
    }
    return [{ kind: "link", first, second, firstAt, secondAt, law, r }];
  }
  const turns = model.plane === undefined && second.kind === "capsule" && !isUpright(model, second);
  const edge = (tangent: 1 | 2, slide: number, edges: 1 | 2): ActiveRow => ({
    kind: "floor",
    fixed: turns ? undefined : [...(tangent === 1 ? tangent1 : tangent2)],
    shape: second,
    end: secondAt,
    tangent,
    slide,
    edges,
    law,
    r,
  });
  if (contactDimension === 1) return [edge(1, 0, 1)];
  const rows = [edge(1, friction, 1), edge(1, -friction, 1)];
  if (model.plane !== undefined) return [...rows, edge(2, 0, 2)];
  return [...rows, edge(2, friction, 1), edge(2, -friction, 1)];
}

/** Whether a capsule's axis is along the floor's normal, so that the first tangent of its contacts is (1, 0, 0). */
function isUpright(model: Model, { body, ux, uy, uz }: ModelShape): boolean {
  const R = workspaceOf(model).rotation.subarray(9 * body, 9 * body + 9);
  const n = model.floorNormal;
  const u = [0, 3, 6].map((row) => R[row]! * ux + R[row + 1]! * uy + R[row + 2]! * uz);
  const rise = u[0]! * n[0] + u[1]! * n[1] + u[2]! * n[2];
  return hypot(...u.map((part, k) => part - rise * n[k]!)) < minimumValue;
}
