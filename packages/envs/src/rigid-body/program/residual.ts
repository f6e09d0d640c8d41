/** Equations of motion as one number, to be differentiated in q, v and u. */
import { add, constant, isZero, mul, neg, type Scalar, sub, sum, whenAny } from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import type { ContactProblem } from "./newton.ts";
import type { ProgramModel } from "./parameters.ts";
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
  { kin, inertias, V, rows }: ContactProblem,
  weights: readonly Scalar[],
  [q, v, u]: readonly [readonly Scalar[], readonly Scalar[], readonly Scalar[]],
  a: readonly Scalar[],
  lambda: readonly Scalar[],
): Scalar {
  const A = motionsOfBodies(model, kin, a);
  const L = motionsOfBodies(model, kin, lambda);
  const inertial = inertialForces(model, kin, inertias, V, v, A);
  const drags = fluidForces(model, kin, inertias, V);
  const none = v.map(() => constant(0));
  let next = 0;
  const weight = () => weights[next++]!;
  const limits = rows.limits.map(({ dof, side, reference }) =>
    mul(mul(weight(), sub(mul(side, a[dof]!), reference)), mul(side, lambda[dof]!)),
  );
  const bodies = rows.bodies.flatMap(({ body, touches, contacts }) => {
    const own = contacts.map(({ edges }) => edges.map(weight));
    return whenAny(touches, () => {
      const terms = contacts.flatMap(({ normal, tangents, edges }, k) => {
        const [rise, riseL] = [along(normal, A[body]!), along(normal, L[body]!)];
        const slips = tangents.map(
          (tangent) => [along(tangent, A[body]!), along(tangent, L[body]!)] as const,
        );
        return edges.map(({ slide, tangent, reference }, e) => {
          const [slip, slipL] = isZero(slide) ? [constant(0), constant(0)] : slips[tangent]!;
          const push = mul(own[k]![e]!, sub(add(rise, mul(slide, slip)), reference));
          return mul(push, add(riseL, mul(slide, slipL)));
        });
      });
      return [sum(terms)];
    });
  });
  const links = rows.links.flatMap(({ directions, reference, near }) => {
    const w = weight();
    return whenAny(near, () => {
      const along = (x: readonly Scalar[]) => sum(directions.map(([dof, J]) => mul(J, x[dof]!)));
      return [mul(mul(w, sub(along(a), reference)), along(lambda))];
    });
  });
  return sum([
    ...L.map((motion, b) => sub(along(motion, inertial[b]!), along(motion, drags[b]!))),
    ...plusJointForces(model, none, q, v, u).map((force, i) => neg(mul(lambda[i]!, force))),
    ...limits,
    ...bodies,
    ...links,
  ]);
}

/** xᵀ M y without the armature, as Σ_b X_bᵀ I_b Y_b with X_b and Y_b the bodies' motions under x and y. */
export function massProduct(
  model: Model,
  { kin, inertias }: ContactProblem,
  x: readonly Scalar[],
  y: readonly Scalar[],
): Scalar {
  const [X, Y] = [motionsOfBodies(model, kin, x), motionsOfBodies(model, kin, y)];
  return sum(X.map((motion, b) => along(motion, timesBody(inertias[b]!, Y[b]!))));
}
