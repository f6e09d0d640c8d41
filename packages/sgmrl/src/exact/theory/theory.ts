import type { Mdp } from "@sgmrl/envs";
import { type ExactProblem, normalizedTasks } from "../problem.ts";
import { type AscentPlan, ascentBound, ascentPlan } from "./ascent.ts";
import { refuseUncovered } from "./covered.ts";
import {
  type BoundedEstimator,
  estimatorSecondMoment,
  linearJackknifeBias,
  outerSecondMoment,
} from "./estimator-bounds.ts";
import { type InnerSteps, objectiveBounds, type Smoothness, updateExpansion } from "./objective-bounds.ts";
import { type StatedConstants, statedConstants } from "./policy-constants.ts";
import {
  type DiscountSums,
  infiniteHorizon,
  type PublishedBounds,
  publishedBounds,
  publishedGuarantee,
} from "./published-bounds.ts";
import { discountSum, type TaskBounds, taskBounds } from "./task-bounds.ts";

/** The constants of one task. */
export interface TaskTheory {
  readonly weight: number;
  readonly bounds: TaskBounds;
  /** u ≥ ‖∂U/∂θ‖. */
  readonly updateExpansion: number;
  /** (κ_t, Λ_t) for t = 0 … ζ. */
  readonly smoothness: readonly Smoothness[];
  /** σ_g² ≥ E‖ĝ‖². */
  readonly outerSecondMoment: number;
  /** Bounds on E‖λ_0‖². */
  readonly secondMoment: Readonly<Record<BoundedEstimator, number>>;
  /** e_0, a bound on the bias of jackknife-linear. */
  readonly linearJackknifeBias: number;
}

/** A plan, and what it guarantees. */
export interface GuaranteedPlan extends AscentPlan {
  /** All trajectories drawn, of K iterations. */
  readonly trajectories: number;
  /** Bounds on (1/K) Σ_k E‖∇V(θ_k)‖²: with SG-MRL at most ε², with jackknife-linear e_0² is part of it. */
  readonly bound: { readonly sgmrl: number; readonly "jackknife-linear": number };
}

/** The constants of V_ζ over a family of tasks, and the guarantees that they give for ascent with SG-MRL. */
export interface Theory {
  readonly tasks: readonly TaskTheory[];
  /** Bounds on ‖∇V‖ and ‖∇²V‖ = L_V. */
  readonly gradient: number;
  readonly smoothness: number;
  /** Bounds on σ², for each estimator. */
  readonly variance: Readonly<Record<BoundedEstimator, number>>;
  /** A bound on the bias of jackknife-linear. */
  readonly linearJackknifeBias: number;
  /** Δ, from the range of J alone. */
  readonly gap: number;
  /** 1/L_V; none if V is constant. */
  readonly admissibleStepSize?: number;
  readonly epsilon: number;
  /** With the smallest B that allows β = 1/L_V, and with one task per iteration. None if V is constant. */
  readonly plans: readonly GuaranteedPlan[];
  /** The constants of the published theorem, with sums over the horizon, and with its own 1/(1 − γ); null if γ = 1. */
  readonly published: { readonly overHorizon: PublishedTheory; readonly discounted: PublishedTheory | null };
}

/** The published theorem for the same tasks. */
export interface PublishedTheory {
  readonly tasks: readonly PublishedBounds[];
  /** Means over the tasks of G_V, L_V, G_V² and the range of V. */
  readonly gradient: number;
  readonly smoothness: number;
  readonly variance: number;
  readonly gap: number;
  /** Whether its condition |α| ≤ 1/η_H holds for every task. */
  readonly applies: boolean;
  /** As stated, with β = 1/L_V and the batch of the first plan: E‖∇V‖² ≤ bound. None if V is constant. */
  readonly guarantee?: { readonly tasks: number; readonly iterations: number; readonly bound: number };
  /** What its constants need for a bound of ε² in all, with β = 1/L_V. */
  readonly plan?: AscentPlan & { readonly trajectories: number };
}

/**
 * Everything docs/theory.md derives, for tabular tasks given as data. The bounds hold for all θ. `stated`: G, L and ρ of
 * another policy than the softmax with a logit for each state and action.               [eq:general-policy]
 *
 * Errors  EnvironmentError for a problem that is none, and for one that the bounds are not derived for (covered.ts)
 */
export function theory(problem: ExactProblem, epsilon: number, stated?: StatedConstants): Theory {
  const { inner, outerTrajectories } = problem;
  const normalized = normalizedTasks(problem);
  refuseUncovered(problem, stated);
  const mdps = normalized.map(({ mdp }) => mdp);
  const tasks = normalized.map(({ weight, mdp }): TaskTheory => {
    const bounds = taskBounds(mdp, stated === undefined ? undefined : statedConstants(stated));
    return {
      weight,
      bounds,
      updateExpansion: updateExpansion(bounds, inner.stepSize),
      smoothness: objectiveBounds(bounds, inner),
      outerSecondMoment: outerSecondMoment(bounds, outerTrajectories),
      secondMoment: perEstimator((estimator) =>
        estimatorSecondMoment(bounds, inner, outerTrajectories, estimator),
      ),
      linearJackknifeBias: linearJackknifeBias(bounds, inner),
    };
  });
  const average = (of: (task: TaskTheory) => number): number =>
    tasks.reduce((sum, task) => sum + task.weight * of(task), 0);
  const smoothness = average((task) => task.smoothness[0]!.hessian);
  const variance = perEstimator((estimator) => average((task) => task.secondMoment[estimator]));
  const bias = average((task) => task.linearJackknifeBias);
  const gap = average(({ bounds }) => 2 * bounds.returnHalfRange);
  const perTask = inner.steps * inner.trajectories + outerTrajectories;
  const plan = (batch?: number): GuaranteedPlan => {
    const ascent = (estimator: BoundedEstimator) => ({ smoothness, variance: variance[estimator], gap });
    const chosen = ascentPlan(ascent("sgmrl"), epsilon, batch);
    /** Constants beyond double precision leave no step size, and so no bound. */
    const bound = (estimator: BoundedEstimator, bias?: number): number =>
      chosen.stepSize > 0 ? ascentBound(ascent(estimator), chosen, bias) : Number.POSITIVE_INFINITY;
    return {
      ...chosen,
      trajectories: chosen.iterations * chosen.tasks * perTask,
      bound: { sgmrl: bound("sgmrl"), "jackknife-linear": bound("jackknife-linear", bias) },
    };
  };
  const isConstant = smoothness === 0;
  const plans = isConstant ? [] : [plan(), plan(1)];
  const published = (sums: (mdp: Mdp) => DiscountSums): PublishedTheory =>
    publishedTheory(
      tasks.map(({ weight, bounds }, i) => ({ weight, bounds, sums: sums(mdps[i]!) })),
      inner,
      { epsilon, perTask, batch: plans[0]?.tasks },
    );
  return {
    tasks,
    gradient: average((task) => task.smoothness[0]!.gradient),
    smoothness,
    variance,
    linearJackknifeBias: bias,
    gap,
    ...(isConstant ? {} : { admissibleStepSize: 1 / smoothness }),
    epsilon,
    plans,
    published: {
      overHorizon: published(({ discount, horizon }) => ({
        first: discountSum(0, discount, horizon),
        second: discountSum(1, discount, horizon),
      })),
      discounted: mdps.some(({ discount }) => discount === 1)
        ? null
        : published(({ discount }) => infiniteHorizon(discount)),
    },
  };
}

function perEstimator(of: (estimator: BoundedEstimator) => number): Record<BoundedEstimator, number> {
  return { sgmrl: of("sgmrl"), maml: of("maml"), "jackknife-linear": of("jackknife-linear") };
}

function publishedTheory(
  tasks: readonly { readonly weight: number; readonly bounds: TaskBounds; readonly sums: DiscountSums }[],
  inner: InnerSteps,
  {
    epsilon,
    perTask,
    batch,
  }: { readonly epsilon: number; readonly perTask: number; readonly batch: number | undefined },
): PublishedTheory {
  const found = tasks.map(({ bounds, sums }) => publishedBounds(bounds, inner, sums));
  const average = (of: (bounds: PublishedBounds) => number): number =>
    tasks.reduce((sum, { weight }, i) => sum + weight * of(found[i]!), 0);
  const means = {
    gradient: average(({ objectiveGradient }) => objectiveGradient),
    smoothness: average(({ smoothness }) => smoothness),
    variance: average(({ objectiveGradient }) => objectiveGradient ** 2),
    gap: average(({ gap }) => gap),
  };
  const plan = batch === undefined ? undefined : ascentPlan(means, epsilon);
  return {
    tasks: found,
    ...means,
    applies: found.every(({ applies }) => applies),
    ...(batch === undefined || plan === undefined
      ? {}
      : {
          guarantee: {
            tasks: batch,
            ...publishedGuarantee(
              { ...means, objectiveGradient: Math.sqrt(means.variance) },
              { stepSize: 1 / means.smoothness, tasks: batch, epsilon },
            ),
          },
          plan: { ...plan, trajectories: plan.iterations * plan.tasks * perTask },
        }),
  };
}
