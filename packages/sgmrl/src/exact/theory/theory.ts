import { EnvironmentError } from "@sgmrl/envs";
import { type ExactProblem, normalizedTasks } from "../problem.ts";
import { type AscentPlan, ascentPlan } from "./ascent.ts";
import { estimatorSecondMoment } from "./estimator-bounds.ts";
import { objectiveBounds, type Smoothness, updateExpansion } from "./objective-bounds.ts";
import { type TaskBounds, taskBounds } from "./task-bounds.ts";

/** The constants of one task. */
export interface TaskTheory {
  readonly weight: number;
  readonly bounds: TaskBounds;
  /** u ≥ ‖∂U/∂θ‖. */
  readonly updateExpansion: number;
  /** (κ_t, Λ_t) for t = 0 … ζ. */
  readonly smoothness: readonly Smoothness[];
  /** Bounds on E‖λ_0‖². */
  readonly secondMoment: { readonly sgmrl: number; readonly maml: number };
}

/** The constants of V_ζ over a family of tasks, and the guarantees that they give for ascent with SG-MRL. */
export interface Theory {
  readonly tasks: readonly TaskTheory[];
  /** Bounds on ‖∇V‖ and ‖∇²V‖ = L_V. */
  readonly gradient: number;
  readonly smoothness: number;
  /** A bound on σ², and on MAML's. */
  readonly variance: { readonly sgmrl: number; readonly maml: number };
  /** Δ, from the range of J alone. */
  readonly gap: number;
  /** 1/L_V; none if V is constant. */
  readonly admissibleStepSize?: number;
  readonly epsilon: number;
  /** With the smallest B that allows β = 1/L_V, and with one task per iteration. None if V is constant. */
  readonly plans: readonly (AscentPlan & { readonly trajectories: number })[];
}

/**
 * Everything docs/theory.md derives, for tabular tasks given as data. The bounds hold for all θ.
 *
 * Errors  `EnvironmentError` for features, which scale the scores, and for terminal states, with which a constant added to
 *         the rewards changes more than a constant in J: the bounds are derived for neither
 */
export function theory(problem: ExactProblem, epsilon: number): Theory {
  const { inner, outerTrajectories } = problem;
  if (problem.features !== undefined)
    throw new EnvironmentError(
      "exact",
      "features",
      "a matrix",
      "absent: the bounds hold for a table of logits",
    );
  const tasks = normalizedTasks(problem).map(({ weight, mdp }, i): TaskTheory => {
    if (mdp.terminal?.some((ends) => ends))
      throw new EnvironmentError(
        "exact",
        `tasks[${i}].mdp.terminal`,
        "a terminal state",
        "absent: the bounds hold for trajectories of the full horizon",
      );
    const bounds = taskBounds(mdp);
    const moment = (estimator: "sgmrl" | "maml"): number =>
      estimatorSecondMoment(bounds, inner, outerTrajectories, estimator);
    return {
      weight,
      bounds,
      updateExpansion: updateExpansion(bounds, inner.stepSize),
      smoothness: objectiveBounds(bounds, inner),
      secondMoment: { sgmrl: moment("sgmrl"), maml: moment("maml") },
    };
  });
  const average = (of: (task: TaskTheory) => number): number =>
    tasks.reduce((sum, task) => sum + task.weight * of(task), 0);
  const smoothness = average((task) => task.smoothness[0]!.hessian);
  const variance = {
    sgmrl: average((task) => task.secondMoment.sgmrl),
    maml: average((task) => task.secondMoment.maml),
  };
  const gap = average(({ bounds }) => 2 * bounds.returnHalfRange);
  const perTask = inner.steps * inner.trajectories + outerTrajectories;
  const plan = (batch?: number): AscentPlan & { trajectories: number } => {
    const chosen = ascentPlan({ smoothness, variance: variance.sgmrl, gap }, epsilon, batch);
    return { ...chosen, trajectories: chosen.iterations * chosen.tasks * perTask };
  };
  const isConstant = smoothness === 0;
  return {
    tasks,
    gradient: average((task) => task.smoothness[0]!.gradient),
    smoothness,
    variance,
    gap,
    ...(isConstant ? {} : { admissibleStepSize: 1 / smoothness }),
    epsilon,
    plans: isConstant ? [] : [plan(), plan(1)],
  };
}
