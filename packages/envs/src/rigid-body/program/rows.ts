/** Limits and contacts as rows of the constraint set, each with its weight when active. */
import { any, less, type Mask, neg, type Scalar, select, sub, whenAny } from "@sgmrl/autodiff/scalar";
import type { JointLimit, Model } from "../model/model.ts";
import { floorBodies, type TouchingBody, touchingBody } from "./floor-contacts.ts";
import type { Kinematics } from "./kinematics.ts";
import { type LinkContact, linkContact, linkPairs } from "./link-contacts.ts";
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
  /**
   * Poses that this program leaves to `step`: two near links exactly parallel, or with crossing axes; in float32 also
   * those that rounding may make so, and a capsule on the floor that it may have stood upright.
   */
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
  const links = linkPairs(model, kin).map((link) => linkContact(model, kin, V, link));
  const limits = model.limits.map((limit) => {
    const gap = limitGap(model, limit, q);
    const [weight, reference] = whenAny(gap.isReached, () => {
      const row = limitRow(model, limit, gap, v);
      return [row.weight, row.reference];
    }) as [Scalar, Scalar];
    return { dof: limit.dof, side: sideOf(gap), weight, reference };
  });
  const bodies = floorBodies(model, kin).map((body) => touchingBody(model, V, body));
  return {
    limits,
    bodies,
    links: links.map(({ contact }) => contact),
    undecided: any([...links, ...bodies].map(({ undecided }) => undecided)),
  };
}

/** The nearer end of a joint's range. */
export interface LimitGap {
  readonly isLow: Mask;
  /** gap − margin [m or rad] */
  readonly r: Scalar;
  readonly isReached: Mask;
}

export function limitGap(
  model: Model,
  { joint, qposAddress, low, high, law }: JointLimit,
  q: readonly Scalar[],
): LimitGap {
  if (high - low <= 2 * law.margin)
    throw unsupported(model, joint, "a range that is narrower than its margins");
  const x = q[qposAddress]!;
  const fromLow = sub(sub(x, low), law.margin);
  const fromHigh = sub(sub(high, x), law.margin);
  const isLow = less(fromLow, fromHigh);
  const r = select(isLow, fromLow, fromHigh);
  return { isLow, r, isReached: less(r, 0) };
}

const sideOf = ({ isLow }: LimitGap): Scalar => select(isLow, 1, -1);

export function limitRow(
  model: Model,
  { dof, law }: JointLimit,
  gap: LimitGap,
  v: readonly Scalar[],
): LimitRow {
  const { isLow, r, isReached } = gap;
  const d = impedance(model, law, r);
  const speed = select(isLow, v[dof]!, neg(v[dof]!));
  return {
    dof,
    side: sideOf(gap),
    weight: weight(law.regularization, d, isReached),
    reference: reference(law, d, r, speed),
  };
}
