/** Equations of motion as one number, to be differentiated in q, v and u. */
import { add, constant, isZero, mul, neg, type Scalar, sub, sum, whenAny } from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import { contactFormulas, floorBodies } from "./floor-contacts.ts";
import { linkFormulas, linkPairs } from "./link-contacts.ts";
import type { Bodies } from "./newton.ts";
import type { ProgramModel } from "./parameters.ts";
import { pushing, type Row } from "./row-law.ts";
import { limitGap, limitRow } from "./rows.ts";
import { fluidForces, inertialForces, motionsOfBodies, plusJointForces, timesBody } from "./smooth-forces.ts";
import { along } from "./spatial.ts";

/**
 * λᵀ (H a − g) of [eq:newton-point], without a matrix: the power of the forces on bodies and dofs along λ   [eq:residual]
 *   Σ_b Λ_bᵀ (I_b (A_b − g) + V_b ×* I_b V_b − drag_b) − Σ_i λ_i τ_i + Σ_k w_k (J_k a − aref_k) J_k λ
 * with A_b and Λ_b the bodies' motions under a and λ. Armature is left out: its term does not depend on q, v
 * or u.
 */
export function residualAlong(
  model: ProgramModel,
  { kin, inertias, V }: Bodies,
  [q, v, u]: readonly [readonly Scalar[], readonly Scalar[], readonly Scalar[]],
  a: readonly Scalar[],
  lambda: readonly Scalar[],
): Scalar {
  const A = motionsOfBodies(model, kin, a);
  const L = motionsOfBodies(model, kin, lambda);
  const inertial = inertialForces(model, kin, inertias, V, v, A);
  const drags = fluidForces(model, kin, inertias, V);
  const none = v.map(() => constant(0));
  /** w (J a − aref) J λ */
  const power = (row: Row, Ja: Scalar, JLambda: Scalar): Scalar =>
    mul(mul(pushing(row, Ja), sub(Ja, row.reference)), JLambda);
  const limits = model.limits.flatMap((limit) => {
    const gap = limitGap(model, limit, q);
    return whenAny(gap.isReached, () => {
      const row = limitRow(model, limit, gap, v);
      return [power(row, mul(row.side, a[row.dof]!), mul(row.side, lambda[row.dof]!))];
    });
  });
  const floor = floorBodies(model, kin).flatMap((own) =>
    whenAny(own.touches, () => {
      const terms = contactFormulas(model, V, own).flatMap(({ normal, tangents, edges }) => {
        const [rise, riseL] = [along(normal, A[own.body]!), along(normal, L[own.body]!)];
        const slips = tangents.map(
          (tangent) => [along(tangent, A[own.body]!), along(tangent, L[own.body]!)] as const,
        );
        return edges.map((edge) => {
          const [slip, slipL] = isZero(edge.slide) ? [constant(0), constant(0)] : slips[edge.tangent]!;
          return power(edge, add(rise, mul(edge.slide, slip)), add(riseL, mul(edge.slide, slipL)));
        });
      });
      return [sum(terms)];
    }),
  );
  const links = linkPairs(model, kin).flatMap((link) =>
    whenAny(link.near, () => {
      const row = linkFormulas(model, kin, V, link);
      const along = (x: readonly Scalar[]) => sum(row.directions.map(([dof, J]) => mul(J, x[dof]!)));
      return [power(row, along(a), along(lambda))];
    }),
  );
  return sum([
    ...L.map((motion, b) => sub(along(motion, inertial[b]!), along(motion, drags[b]!))),
    ...plusJointForces(model, none, q, v, u).map((force, i) => neg(mul(lambda[i]!, force))),
    ...limits,
    ...floor,
    ...links,
  ]);
}

/** xᵀ M y without the armature, as Σ_b X_bᵀ I_b Y_b with X_b and Y_b the bodies' motions under x and y. */
export function massProduct(
  model: Model,
  { kin, inertias }: Bodies,
  x: readonly Scalar[],
  y: readonly Scalar[],
): Scalar {
  const [X, Y] = [motionsOfBodies(model, kin, x), motionsOfBodies(model, kin, y)];
  return sum(X.map((motion, b) => along(motion, timesBody(inertias[b]!, Y[b]!))));
}
