/** Parameters of a robot that a program may keep as variables. */
import { constant, type Scalar, variable } from "@sgmrl/autodiff/scalar";
import { shown } from "../../framework/shown.ts";
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

export type StepType = "float64" | "float32";

/** A model whose parameters are scalars of the program. */
export interface ProgramModel extends Model {
  /** Of the program's numbers, whose rounding decides which poses are left to `step`. */
  readonly dtype: StepType;
  readonly parameters: Parameters;
}

/** Numbers this much apart, relative to their size, may differ by the rounding of a few operations alone. */
export function indistinct({ dtype }: ProgramModel): number {
  return 16 * (dtype === "float64" ? Number.EPSILON : 2 ** -23);
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
  dtype: StepType = "float64",
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
  return { robot: { ...model, dtype, parameters }, variables };
}

/** A field in which a model is not the template with other parameters. */
export interface Misfit {
  /** Its path in the model, as "pairs[0].friction". */
  readonly field: string;
  readonly got: unknown;
  /** What it must be, in words. */
  readonly expected: string;
}

/** The first field that makes a model another robot than the template of open programs, which would step the template. */
export function misfitOf(template: Model, model: Model): Misfit | undefined {
  return misfitAt("", template, model);
}

/** Where `numbersOf` has its numbers. */
const parameterPath =
  /^(bodyMass|bodyInertia|dofDamping)\[\d+\]$|^pairs\[\d+\]\.(friction|law\.regularization)$/;

function misfitAt(field: string, template: unknown, got: unknown): Misfit | undefined {
  if (template === got) return undefined;
  const isParameter = parameterPath.test(field);
  if (isParameter && template !== 0) {
    const isSigned = field.startsWith("bodyInertia"); // products of inertia
    if (Number.isFinite(got) && (isSigned || (got as number) >= 0)) return undefined;
    return { field, got, expected: isSigned ? "a finite number" : "a finite number of at least 0" };
  }
  if (isObject(template) && isObject(got)) {
    const keys = [...("length" in template ? ["length"] : []), ...Object.keys(template), ...Object.keys(got)];
    for (const key of new Set(keys)) {
      const misfit = misfitAt(pathTo(field, key), template[key], got[key]);
      if (misfit !== undefined) return misfit;
    }
    return undefined;
  }
  const advice = isParameter
    ? "whose zeros stay: describe the robot with another number there"
    : "of which only masses, inertias, frictions and dampings may differ: change those in its model";
  return { field, got, expected: `${shown(template)}, as of the robot, ${advice}` };
}

function pathTo(field: string, key: string): string {
  if (/^\d+$/.test(key)) return `${field}[${key}]`;
  return field === "" ? key : `${field}.${key}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
