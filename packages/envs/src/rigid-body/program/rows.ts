/** Limits and contacts as rows of the constraint set, each with its weight when active. */
import { any, less, type Mask, neg, type Scalar, select, sub } from "@sgmrl/autodiff/scalar";
import type { JointLimit, Model } from "../model/model.ts";
import { type TouchingBody, touchingBody } from "./floor-contacts.ts";
import type { Kinematics } from "./kinematics.ts";
import { type LinkContact, linkContact } from "./link-contacts.ts";
import type { ProgramModel } from "./parameters.ts";
import { impedance, type Row, reference, unsupported, weight } from "./row-law.ts";
import type { Spatial } from "./spatial.ts";

export interface LimitRow extends Row {
  readonly dof: number;
  /** J: 1 at the lower end, −1 at the upper. */
  readonly side: Scalar;
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
