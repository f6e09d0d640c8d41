/** Forward dynamics as formulas: (q, v, u) → a. */
import {
  add,
  less,
  type Mask,
  maskVariable,
  type Scalar,
  type Statement,
  set,
  variable,
} from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import { bodyInertias, centerOfMass, inertiaMatrix, matrixOverDofs } from "./inertia.ts";
import { kinematics, type Turns } from "./kinematics.ts";
import { type Bodies, type ContactProblem, newtonPoint, rowCount, weightsAt } from "./newton.ts";
import type { ProgramModel } from "./parameters.ts";
import { constraintRows } from "./rows.ts";
import { motionsOfBodies, smoothForces } from "./smooth-forces.ts";

export function bodiesAt(
  model: ProgramModel,
  q: readonly Scalar[],
  v: readonly Scalar[],
  turns?: Turns,
): Bodies {
  const kin = kinematics(model, q, turns);
  return { kin, inertias: bodyInertias(model, kin), V: motionsOfBodies(model, kin, v) };
}

/** M, f and the rows at (q, v) under the control u. */
export function problemAt(
  model: ProgramModel,
  q: readonly Scalar[],
  v: readonly Scalar[],
  u: readonly Scalar[],
): ContactProblem {
  const bodies = bodiesAt(model, q, v);
  const { kin, inertias, V } = bodies;
  const { start } = model.paths;
  const mass = matrixOverDofs(model, kin, inertias.map(inertiaMatrix));
  model.dofArmature.forEach((armature, i) => {
    mass[start[i]!] = add(mass[start[i]!]!, armature);
  });
  return {
    ...bodies,
    center: centerOfMass(inertias),
    mass,
    smooth: smoothForces(model, kin, inertias, V, q, v, u),
    rows: constraintRows(model, kin, V, q, v),
  };
}

/** Newton iterations before a state is left to `step`, which always finds the solution. */
const mostPoints = 12;

export interface Solve {
  readonly statements: readonly Statement[];
  /** States for which no solution was found. */
  readonly isOpen: Mask;
  /** Weights of the rows at the solution. */
  readonly weights: readonly Scalar[];
  /** The factor of H at the solution, see `factored`. */
  readonly factor: readonly Scalar[];
}

/**
 * a ← the constrained acceleration: Newton iterations from the active set at the given a, until the set no
 * longer changes. A state that has converged computes the same point again, bit for bit, while others
 * continue.
 */
export function solveStatements(
  model: Model,
  problem: ContactProblem,
  a: readonly Scalar[],
  keepsFactor: boolean,
): Solve {
  const weights = Array.from({ length: rowCount(problem.rows) }, (_, k) => variable(`w${k}`));
  const isChanging = maskVariable("changing");
  const start = weightsAt(model, problem, a, weights).weights;
  const { point, factor } = newtonPoint(model, problem, weights);
  const next = weightsAt(model, problem, point, weights);
  const assign = (targets: readonly Scalar[], values: readonly Scalar[]) =>
    targets.map((target, k) => [target, values[k]!] as const);
  if (weights.length === 0) {
    return { statements: [set(...assign(a, point))], isOpen: isChanging, weights, factor };
  }
  const kept = keepsFactor ? factor.map((_, k) => variable(`factor${k}`)) : [];
  return {
    statements: [
      set(...assign(weights, start)),
      {
        kind: "while",
        mask: isChanging,
        limit: mostPoints,
        body: [
          set(...assign(a, point), ...assign(kept, factor), ...assign(weights, next.weights), [
            isChanging,
            less(0, next.change),
          ]),
        ],
      },
    ],
    isOpen: isChanging,
    weights,
    factor: kept,
  };
}
