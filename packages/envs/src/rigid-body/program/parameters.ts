/** Parameters of a robot that a program may keep as variables. */
import { constant, type Scalar, variable } from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";

/** Masses, inertias, dampings and frictions, which tasks may scale. */
export interface Parameters {
  /** By body [kg]. */
  readonly mass: readonly Scalar[];
  /** By body, stride 6 [kg m²]. */
  readonly inertia: readonly Scalar[];
  /** By dof. */
  readonly damping: readonly Scalar[];
  /** By pair of shapes: μ, and the regularisation that depends on it. */
  readonly friction: readonly Scalar[];
  readonly regularization: readonly Scalar[];
}

/** A model whose parameters are scalars of the program. */
export interface ProgramModel extends Model {
  readonly parameters: Parameters;
}

/** The parameters' values, in one list. */
export function parameterValues(model: Model): number[] {
  return Object.values(numbersOf(model)).flat();
}

function numbersOf({ bodyMass, bodyInertia, dofDamping, pairs }: Model) {
  return {
    mass: [...bodyMass],
    inertia: [...bodyInertia],
    damping: [...dofDamping],
    friction: pairs.map(({ friction }) => friction),
    regularization: pairs.map(({ law }) => law.regularization),
  };
}

/**
 * The model with its parameters as constants or, with `open`, as variables of an array in the order of
 * `parameterValues`, where zeros stay constants: no factor changes them.
 */
export function programModel(
  model: Model,
  open: boolean,
): { robot: ProgramModel; variables: readonly Scalar[] } {
  const variables: Scalar[] = [];
  const symbols = (name: string, values: readonly number[]): Scalar[] =>
    values.map((value, k) => {
      const symbol = variable(`${name}${k}`);
      if (open) variables.push(symbol);
      return open && value !== 0 ? symbol : constant(value);
    });
  const { mass, inertia, damping, friction, regularization } = numbersOf(model);
  const parameters: Parameters = {
    mass: symbols("mass", mass),
    inertia: symbols("inertia", inertia),
    damping: symbols("damping", damping),
    friction: symbols("friction", friction),
    regularization: symbols("regularization", regularization),
  };
  return { robot: { ...model, parameters }, variables };
}
