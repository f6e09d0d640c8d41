/** What a step leaves on the tape for its adjoint, so that the adjoint does not solve, factor or turn again. */
import { cos, type Scalar, type Statement, sin, sub, variable } from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";
import { hinges, type Turns } from "./kinematics.ts";

export const variables = (name: string, count: number): Scalar[] =>
  Array.from({ length: count }, (_, k) => variable(`${name}${k}`));

/** Of every solve: the factor of H at the solution, and cosines and sines of the hinges' angles. */
export interface SolveEntry {
  readonly factor: readonly Scalar[];
  readonly cosines: readonly Scalar[];
  readonly sines: readonly Scalar[];
}

/** Of a semi-implicit Euler step, after its solve. */
export interface EulerEntry {
  /** The state before the step. */
  readonly qpos: readonly Scalar[];
  readonly qvel: readonly Scalar[];
  readonly solution: readonly Scalar[];
  /** a' and the factor of M + h B; none for a robot without damping, where a' = a. */
  readonly damped: readonly Scalar[];
  readonly dampedFactor: readonly Scalar[];
}

/** Of a Runge-Kutta step, after its four solves. */
export interface RungeKuttaEntry {
  readonly qpos: readonly Scalar[];
  readonly qvel: readonly Scalar[];
  /** F_1 ... F_4, one after the other. */
  readonly solutions: readonly Scalar[];
}

export function solveVariables(model: Model): SolveEntry {
  const count = hinges(model).length;
  return {
    factor: variables("factor", model.paths.dofs.length),
    cosines: variables("cos", count),
    sines: variables("sin", count),
  };
}

export function eulerVariables({ nq, nv, paths, isDamped }: Model): EulerEntry {
  return {
    qpos: variables("q", nq),
    qvel: variables("v", nv),
    solution: variables("a", nv),
    damped: variables("a'", isDamped ? nv : 0),
    dampedFactor: variables("factor'", isDamped ? paths.dofs.length : 0),
  };
}

export function rungeKuttaVariables({ nq, nv }: Model): RungeKuttaEntry {
  return { qpos: variables("q", nq), qvel: variables("v", nv), solutions: variables("F", 4 * nv) };
}

export function push(entry: SolveEntry | EulerEntry | RungeKuttaEntry): Statement {
  return { kind: "push", values: flat(entry) };
}

/** Takes back an entry, given its variables. */
export function pop(entry: SolveEntry | EulerEntry | RungeKuttaEntry): Statement {
  return { kind: "pop", targets: flat(entry) };
}

function flat(entry: SolveEntry | EulerEntry | RungeKuttaEntry): Scalar[] {
  if ("factor" in entry) return [...entry.factor, ...entry.cosines, ...entry.sines];
  const state = [...entry.qpos, ...entry.qvel];
  if ("solutions" in entry) return [...state, ...entry.solutions];
  return [...state, ...entry.solution, ...entry.damped, ...entry.dampedFactor];
}

/** Numbers on the tape per step. */
export function tapeLength(model: Model): number {
  const solve = flat(solveVariables(model)).length;
  if (model.integrator === "euler") return solve + flat(eulerVariables(model)).length;
  return 4 * solve + flat(rungeKuttaVariables(model)).length;
}

/** What the step computes and leaves of its hinges. */
export function turnsAt(
  model: Model,
  q: readonly Scalar[],
): { cosines: readonly Scalar[]; sines: readonly Scalar[] } {
  const angles = hinges(model).map((i) => {
    const address = model.dofQpos[i]!;
    return sub(q[address]!, model.qpos0[address]!);
  });
  return { cosines: angles.map(cos), sines: angles.map(sin) };
}

/** Cosines and sines from the tape. */
export function turnsOf(model: Model, { cosines, sines }: SolveEntry): Turns {
  const numbers = hinges(model);
  return (dof) => {
    const k = numbers.indexOf(dof);
    return [cosines[k]!, sines[k]!];
  };
}
