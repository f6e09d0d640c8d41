import { kinematics } from "../dynamics/kinematics.ts";
import { massMatrix, spatialInertias } from "../dynamics/mass-matrix.ts";
import { createWorkspace } from "../dynamics/workspace.ts";
import type { Model } from "../model/model.ts";
import { factorize, solveFactored } from "../model/tree-factor.ts";

/**
 * Inverse inertias of dofs and bodies in the described pose, which scale the softness of  [eq:inverse-weight]
 * constraints:
 *   dof i     (M⁻¹)_ii                                        mean over each triple of a free or ball joint
 *   body b    translational  (1/3) Σ_axes J M⁻¹ Jᵀ            J of the centre of mass
 *             rotational     the same with the angular rows
 * Units: 1/kg, 1/(kg m²).
 */
export function referenceWeights(model: Model): {
  dofInverseWeight: Float64Array;
  bodyInverseWeight: Float64Array;
} {
  const { nv, dofMovesBody } = model;
  const ws = createWorkspace(model);
  kinematics(model, ws, model.qpos0);
  spatialInertias(model, ws);
  massMatrix(model, ws);
  const factor = ws.mass.slice();
  factorize(factor, model.paths);
  /** J M⁻¹ Jᵀ for one row. */
  const compliance = (row: Float64Array): number => {
    const x = row.slice();
    solveFactored(factor, model.paths, x);
    return x.reduce((sum, xi, i) => sum + xi * row[i]!, 0);
  };

  const dofInverseWeight = Float64Array.from({ length: nv }, (_, i) =>
    compliance(Float64Array.from({ length: nv }, (_, k) => (k === i ? 1 : 0))),
  );
  for (const { kind, dof } of model.coordinates) {
    if (kind === "axial") continue;
    for (const first of kind === "free" ? [dof, dof + 3] : [dof]) {
      const triple = dofInverseWeight.subarray(first, first + 3);
      triple.fill((triple[0]! + triple[1]! + triple[2]!) / 3);
    }
  }

  const bodyInverseWeight = new Float64Array(2 * model.bodyParent.length);
  for (let b = 1; b < model.bodyParent.length; b++) {
    if (model.bodyLastDof[b]! < 0) continue;
    const c = [0, 1, 2].map((k) => ws.center[3 * b + k]! - ws.origin[k]!);
    for (let k = 0; k < 3; k++) {
      const translation = new Float64Array(nv);
      const rotation = new Float64Array(nv);
      const [p, q] = [(k + 1) % 3, (k + 2) % 3];
      for (let i = 0; i < nv; i++) {
        if (dofMovesBody[b * nv + i] === 0) continue;
        const S = ws.motion.subarray(6 * i, 6 * i + 6);
        rotation[i] = S[k]!;
        translation[i] = S[3 + k]! + S[p]! * c[q]! - S[q]! * c[p]!; // v + (ω × c)_k
      }
      bodyInverseWeight[2 * b] = bodyInverseWeight[2 * b]! + compliance(translation) / 3;
      bodyInverseWeight[2 * b + 1] = bodyInverseWeight[2 * b + 1]! + compliance(rotation) / 3;
    }
  }
  return { dofInverseWeight, bodyInverseWeight };
}
