import { InputError } from "../../errors.ts";
import { TooLargeError } from "../../exact/histories.ts";
import { type Moments, moments } from "../../exact/moments.ts";
import { exactMaml, valueAndGradient } from "../../exact/objective.ts";
import { sizesOf } from "../../exact/problem.ts";
import { unflatten } from "../../exact/table.ts";
import { estimatorTable, findEstimator } from "../../meta-gradient/catalogue.ts";
import type { Estimator } from "../../meta-gradient/estimator.ts";
import { isBiased } from "../../meta-gradient/outer.ts";
import type { AuditSpec } from "./spec.ts";

/** The exact results for one problem; tables have the shape of θ: [S][A], or [K][A] with features. */
export interface Audit {
  /** V_ζ(θ). */
  readonly objective: number;
  /** ∇V_ζ(θ). */
  readonly gradient: number[][];
  /** The objective that adapts with exact gradients. */
  readonly exactMaml: { readonly objective: number; readonly gradient: number[][] };
  readonly estimators: readonly EstimatorAudit[];
  /** Estimators that were not requested by name and need too many terms. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

export interface EstimatorAudit {
  readonly name: string;
  /** What its expectation is with the problem's outer step. */
  readonly unbiasedFor: string;
  readonly mean: number[][];
  /** max |mean − ∇V|. */
  readonly bias: number;
  /** Trace of the covariance. */
  readonly variance: number;
}

/** Audits one problem. Refuses one with too many terms (`TooLargeError`). */
export function audit({ problem, estimators, groups }: AuditSpec, limit?: number): Audit {
  const options = limit === undefined ? {} : { limit };
  const sizes = sizesOf(problem);
  const chosen =
    estimators?.map((name) => findEstimator(name, groups)) ?? Object.values(estimatorTable(groups));
  const joint = (estimator: Estimator): boolean => estimator.taskMultipliers !== undefined;

  const found = new Map<string, Moments>();
  const skipped: { name: string; reason: string }[] = [];
  const enumerable = chosen.filter((estimator) => !(estimator.redraws ?? false));
  for (const { name, differentiates = false } of chosen.filter(({ redraws }) => redraws)) {
    const reason = differentiates
      ? "it differentiates the data in θ, but discrete actions are not a differentiable function of θ"
      : "it draws further data, which cannot be enumerated; use --samples";
    if (estimators !== undefined) throw new InputError(`spec.estimators: ${name}: ${reason}.`);
    skipped.push({ name, reason });
  }
  const separate = enumerable.filter((estimator) => !joint(estimator));
  moments(problem, separate, options).forEach((result, i) => {
    found.set(separate[i]!.name, result);
  });
  for (const estimator of enumerable.filter(joint)) {
    try {
      found.set(estimator.name, moments(problem, [estimator], options)[0]!);
    } catch (error) {
      if (!(error instanceof TooLargeError) || estimators !== undefined) throw error;
      skipped.push({
        name: estimator.name,
        reason: `${error.terms.toLocaleString("en")} terms for a batch of tasks; the limit is ${error.limit.toLocaleString("en")}`,
      });
    }
  }

  const exact = valueAndGradient(problem, options);
  const maml = exactMaml(problem);
  return {
    objective: exact.value,
    gradient: unflatten(exact.gradient, sizes),
    exactMaml: { objective: maml.value, gradient: unflatten(maml.gradient, sizes) },
    estimators: chosen.flatMap(({ name, unbiasedFor }) => {
      const result = found.get(name);
      if (result === undefined) return [];
      const bias = result.mean.reduce((most, x, i) => Math.max(most, Math.abs(x - exact.gradient[i]!)), 0);
      return [
        {
          name,
          unbiasedFor: isBiased(problem.outer) ? "nothing with this outer step" : unbiasedFor,
          mean: unflatten(result.mean, sizes),
          bias,
          variance: result.variance,
        },
      ];
    }),
    skipped,
  };
}
