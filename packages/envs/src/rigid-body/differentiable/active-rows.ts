import { type Contact, workspaceOf } from "../dynamics/workspace.ts";
import type { ConstraintLaw } from "../model/constraint-law.ts";
import { StateError } from "../model/errors.ts";
import type { JointLimit, Model, ModelShape } from "../model/model.ts";

/** A row of the constraint set that pushes at the solution, as data to be differentiated. */
export type ActiveRow = LimitRow | FloorRow | LinkRow;

interface Row {
  readonly law: ConstraintLaw;
  /** r, to choose the piece of the impedance curve. */
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
  readonly slide: number;
  /** How many edges are this row. */
  readonly edges: 1 | 2;
}

/** Two links against each other, without friction. */
export interface LinkRow extends Row {
  readonly kind: "link";
  readonly first: ModelShape;
  readonly second: ModelShape;
  /** Where on their segments they touch, −1 to 1. */
  readonly firstAt: number;
  readonly secondAt: number;
}

/** The pushing rows of the model's last forward pass at `qpos`, in the order of constraints.ts. */
export function activeRows(model: Model, qpos: Float64Array): ActiveRow[] {
  const ws = workspaceOf(model);
  const rows: ActiveRow[] = [];
  for (const limit of model.limits) {
    const q = qpos[limit.qposAddress]!;
    const { law } = limit;
    for (const side of [1, -1] as const) {
      const r = (side === 1 ? q - limit.low : limit.high - q) - law.margin;
      if (r < 0) rows.push({ kind: "limit", limit, side, law, r });
    }
  }
  for (const contact of ws.contacts.slice(0, ws.contactCount)) rows.push(...contactRows(model, contact));
  return rows.filter((_, row) => ws.rowGap[row]! < 0);
}

/** Segments closer than this cross [m]: there the normal has no direction. */
const crossing = 1e-9;

function contactRows(
  model: Model,
  { pair, first, second, firstAt, secondAt, r, distance }: Contact,
): ActiveRow[] {
  const { contactDimension, friction, law } = model.pairs[pair]!;
  if (first !== undefined) {
    if (distance + first.radius + second.radius < crossing) {
      const problem = `has the axes of "${first.name}" and "${second.name}" crossing, where the step has no derivative`;
      throw new StateError(model.name, "the state", problem);
    }
    return [{ kind: "link", first, second, firstAt, secondAt, law, r }];
  }
  const edge = (tangent: 1 | 2, slide: number, edges: 1 | 2): ActiveRow => ({
    kind: "floor",
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
