import type { ConstraintLaw } from "../model/constraint-law.ts";
import { RobotError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";

/**
 * Refuses a model in which a number overflowed or vanished: a radius and a density may be finite and the mass
 * computed from them not. Names the first such part, in the order of computation.
 */
export function checkModel(model: Model): void {
  const refuse = (part: string, what: string, value: number): never => {
    throw new RobotError(
      model.name,
      part,
      `gives ${value} for ${what}; sizes, densities or distances are too large or too small for double precision`,
    );
  };
  const finite = (part: string, what: string, value: number): void => {
    if (!Number.isFinite(value)) refuse(part, what, value);
  };
  const law = (part: string, { stiffness, damping, regularization }: ConstraintLaw): void => {
    finite(part, "the stiffness of its constraint", stiffness);
    finite(part, "the damping of its constraint", damping);
    finite(part, "the regularisation of its constraint", regularization);
  };

  model.partNames.forEach((name, b) => {
    const body = b === 0 ? "the world" : `bodies[${b - 1}] "${name}"`;
    finite(body, "the mass", model.bodyMass[b]!);
    for (let k = 0; k < 3; k++) finite(body, "the centre of mass", model.bodyCenter[3 * b + k]!);
    for (let k = 0; k < 6; k++) finite(body, "the inertia", model.bodyInertia[6 * b + k]!);
  });
  model.dofJoint.forEach((name, i) => {
    const weight = model.dofInverseWeight[i]!;
    if (!(weight > 0 && Number.isFinite(weight)))
      refuse(`joint "${name}"`, "the inverse of the inertia that it moves", weight);
  });
  model.partNames.forEach((name, b) => {
    for (const k of [0, 1])
      finite(`body "${name}"`, "the inverse inertia", model.bodyInverseWeight[2 * b + k]!);
  });
  for (const limit of [...model.limits, ...model.ballLimits]) law(`joint "${limit.joint}"`, limit.law);
  for (const { first, second, reach, law: contact } of model.pairs) {
    const part = `contact of ${first === undefined ? "the floor" : `"${first.name}"`} and "${second.name}"`;
    if (first !== undefined) finite(part, "the reach", reach);
    law(part, contact);
  }
  for (const { body, linearDrag, angularDrag, quadraticDrag, quadraticSpin } of model.fluidBoxes)
    for (const drag of [linearDrag, angularDrag, ...quadraticDrag, ...quadraticSpin])
      finite(`bodies[${body - 1}] "${model.partNames[body]}"`, "the drag of the fluid", drag);
}
