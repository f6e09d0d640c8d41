import type { ConstraintLaw } from "../constraint-law.ts";
import { StateError } from "../errors.ts";
import type { JointLimit, Model, ModelShape } from "../model.ts";

/** A row of the constraint set that pushes at the solution, as data to be differentiated. */
export type ActiveRow = (
  | { readonly kind: "limit"; readonly limit: JointLimit; readonly side: 1 | -1 }
  | {
      readonly kind: "floor";
      readonly shape: ModelShape;
      readonly end: -1 | 0 | 1;
      /** The edge n + slide · t of the friction pyramid, t the first or second tangent. */
      readonly tangent: 1 | 2;
      readonly slide: number;
      /** How many edges are this row. */
      readonly edges: 1 | 2;
    }
) & {
  readonly law: ConstraintLaw;
  /** r, to choose the piece of the impedance curve. */
  readonly r: number;
};

/** The pushing rows of the model's last forward pass at `qpos`, in the order of constraints.ts. */
export function activeRows(model: Model, qpos: Float64Array): ActiveRow[] {
  const ws = model.workspace;
  const rows: ActiveRow[] = [];
  for (const limit of model.limits) {
    const q = qpos[limit.qposAddress]!;
    const { law } = limit;
    for (const side of [1, -1] as const) {
      const r = (side === 1 ? q - limit.low : limit.high - q) - law.margin;
      if (r < 0) rows.push({ kind: "limit", limit, side, law, r });
    }
  }
  for (const contact of ws.contacts.slice(0, ws.contactCount)) {
    if (contact.first !== undefined) {
      throw new StateError(
        model.name,
        "the state",
        `has "${contact.first.name}" touching "${contact.second.name}"; derivatives are implemented for contacts with the floor`,
      );
    }
    const { contactDimension, friction, law } = model.pairs[contact.pair]!;
    const { second: shape, end, r } = contact;
    const edge = (tangent: 1 | 2, slide: number, edges: 1 | 2): ActiveRow => ({
      kind: "floor",
      shape,
      end,
      tangent,
      slide,
      edges,
      law,
      r,
    });
    if (contactDimension === 1) rows.push(edge(1, 0, 1));
    else {
      rows.push(edge(1, friction, 1), edge(1, -friction, 1));
      if (model.plane === undefined) rows.push(edge(2, friction, 1), edge(2, -friction, 1));
      else rows.push(edge(2, 0, 2));
    }
  }
  return rows.filter((_, row) => ws.rowGap[row]! < 0);
}
