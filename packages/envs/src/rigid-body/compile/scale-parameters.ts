import type { Model } from "../model/model.ts";
import type { Robot } from "../model/robot.ts";
import { contactPairs } from "./contact-pairs.ts";

/** Factors by body, by shape and then the floor, and by dof. */
export interface ParameterFactors {
  readonly mass: readonly number[];
  readonly inertia: readonly number[];
  readonly friction: readonly number[];
  readonly damping: readonly number[];
}

/**
 * The model with its masses, inertias, frictions and dampings multiplied. The inverse weights that scale the softness
 * of constraints stay those of the given model, as when MuJoCo's compiled parameters are overwritten.
 */
export function scaleParameters(robot: Robot, model: Model, factors: ParameterFactors): Model {
  let shape = 0;
  const slipperier: Robot = {
    ...robot,
    ...(robot.floor === undefined
      ? {}
      : { floor: { ...robot.floor, surface: rub(robot.floor.surface, factors.friction.at(-1)!) } }),
    bodies: robot.bodies.map((body) => ({
      ...body,
      shapes: body.shapes.map((part) => ({
        ...part,
        surface: rub(part.surface, factors.friction[shape++]!),
      })),
    })),
  };
  const bodyMass = model.bodyMass.map((mass, b) => (b === 0 ? 0 : mass * factors.mass[b - 1]!));
  const bodyInertia = model.bodyInertia.map((moment, k) =>
    k < 6 ? 0 : moment * factors.inertia[Math.floor(k / 6) - 1]!,
  );
  const pairs = contactPairs(slipperier, model.shapes, model.bodyInverseWeight);
  const dofDamping = model.dofDamping.map((damping, i) => damping * factors.damping[i]!);
  return { ...model, bodyMass, bodyInertia, dofDamping, pairs };
}

function rub<S extends { readonly friction: number }>(surface: S, factor: number): S {
  return { ...surface, friction: surface.friction * factor };
}
