/** What a step leaves on the tape for its adjoint, so that the adjoint neither solves nor factors again. */
import { constant, type Scalar, variable } from "@sgmrl/autodiff/scalar";
import type { Model } from "../model/model.ts";

export const variables = (name: string, count: number): Scalar[] =>
  Array.from({ length: count }, (_, k) => variable(`${name}${k}`));

/** Of a semi-implicit Euler step: one entry, in this order. */
export interface EulerEntry {
  /** The state before the step. */
  readonly qpos: readonly Scalar[];
  readonly qvel: readonly Scalar[];
  /** The solution a, and the factor of its H. */
  readonly solution: readonly Scalar[];
  readonly factor: readonly Scalar[];
  /** a' and the factor of M + h B; none for a robot without damping, where a' = a. */
  readonly damped: readonly Scalar[];
  readonly dampedFactor: readonly Scalar[];
}

/** Of a Runge-Kutta step: a `factor` after each stage, and this after the last. */
export interface RungeKuttaEntry {
  readonly qpos: readonly Scalar[];
  readonly qvel: readonly Scalar[];
  /** F_1 ... F_4, one after the other. */
  readonly solutions: readonly Scalar[];
}

export function eulerVariables({ nq, nv, paths, isDamped }: Model): EulerEntry {
  return {
    qpos: variables("q", nq),
    qvel: variables("v", nv),
    solution: variables("a", nv),
    factor: variables("factor", paths.dofs.length),
    damped: variables("a'", isDamped ? nv : 0),
    dampedFactor: variables("factor'", isDamped ? paths.dofs.length : 0),
  };
}

export function rungeKuttaVariables({ nq, nv }: Model): RungeKuttaEntry {
  return { qpos: variables("q", nq), qvel: variables("v", nv), solutions: variables("F", 4 * nv) };
}

/** An entry as it lies on the tape. */
export function flat(entry: EulerEntry | RungeKuttaEntry): Scalar[] {
  return "damped" in entry
    ? [
        ...entry.qpos,
        ...entry.qvel,
        ...entry.solution,
        ...entry.factor,
        ...entry.damped,
        ...entry.dampedFactor,
      ]
    : [...entry.qpos, ...entry.qvel, ...entry.solutions];
}

/** Numbers on the tape per step. */
export function tapeLength(model: Model): number {
  if (model.integrator === "euler") return flat(eulerVariables(model)).length;
  return flat(rungeKuttaVariables(model)).length + 4 * model.paths.dofs.length;
}

/** A factor from the tape, with the zeros that it is known to have. */
export function withZeros({ strangers }: Model, factor: readonly Scalar[]): Scalar[] {
  const known = [...factor];
  for (const s of strangers) known[s] = constant(0);
  return known;
}
