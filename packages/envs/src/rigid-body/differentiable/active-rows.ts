import { type Contact, workspaceOf } from "../dynamics/workspace.ts";
import { type ConstraintLaw, minimumValue } from "../model/constraint-law.ts";
import { StateError } from "../model/errors.ts";
import type { JointLimit, Model, ModelShape } from "../model/model.ts";

/** A row of the constraint set that is active at the solution, as data for its derivatives. */
export type ActiveRow = LimitRow | FloorRow | LinkRow;

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

export interface FloorRow extends Row {
  readonly kind: "floor";
  readonly shape: ModelShape;
  /** ±1 for the ends of a capsule, 0 for a sphere. */
  readonly end: number;
  /** The edge n + slide · t of the friction pyramid, t the first or second tangent. */
  readonly tangent: 1 | 2;
  /** The first tangent if it does not turn with the shape: planar robot, sphere or upright capsule. */
  readonly fixed: readonly [x: number, y: number] | undefined;
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
  for (const contact of ws.contacts.slice(0, ws.contactCount)) rows.push(...contactRows(model, contact));
  return rows.filter((row, r): row is ActiveRow => row !== undefined && ws.rowGap[r]! < 0);
}

/** Segments closer than this count as crossing [m]: there the normal is discontinuous. */
const crossing = 1e-9;

/** Undefined for a row that pushes nothing: crossing links of a planar robot. */
function contactRows(
  model: Model,
  { pair, first, second, firstAt, secondAt, r, distance, tangent1 }: Contact,
): (ActiveRow | undefined)[] {
  const { contactDimension, friction, law } = model.pairs[pair]!;
  if (first !== undefined) {
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
  const turns = model.plane === undefined && secondAt !== 0 && !isUpright(model, second);
  const fixed = turns ? undefined : ([tangent1[0]!, tangent1[1]!] as const);
  const edge = (tangent: 1 | 2, slide: number, edges: 1 | 2): ActiveRow => ({
    kind: "floor",
    fixed,
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

/** Whether a capsule's axis is vertical, so that the first tangent of its contacts is (1, 0, 0). */
function isUpright(model: Model, { body, ux, uy, uz }: ModelShape): boolean {
  const R = workspaceOf(model).rotation.subarray(9 * body, 9 * body + 6);
  const x = R[0]! * ux + R[1]! * uy + R[2]! * uz;
  const y = R[3]! * ux + R[4]! * uy + R[5]! * uz;
  return Math.sqrt(x * x + y * y) < minimumValue;
}
