import { exp, expm1 } from "@sgmrl/autodiff/elementary";
import { addScaled, mean } from "../arithmetic.ts";
import { type AdaptationStep, adapt, type InnerUpdate } from "../inner/adapt.ts";
import { returns, type TrajectoryBatch } from "../trajectory.ts";
import type { Multipliers, ScoreRule, ScoreRuleInput, TaskRun } from "./estimator.ts";
import {
  cumulativeLogRatio,
  effectiveSampleSize,
  meanRewards,
  perDecisionDifference,
  trajectoryLogRatio,
  weightedMeanOfOthers,
  weightedReturn,
} from "./importance.ts";

/** How the return of the run without τ_j is estimated from the data already drawn. */
export type JackknifeForm =
  /** Whole-trajectory weights on the next data, D_{t+1} (D_o at the last step). */
  | "next-step"
  /** The run without τ_j is carried through all later steps; whole-path weights on D_o. */
  | "whole-path"
  /** As whole-path, but each reward, minus a baseline, is weighted only up to its own time. */
  | "per-decision"
  /** The run without τ_j is simulated with the same random numbers as the run itself. */
  | "coupled";

/**
 * The jackknife: the return of the run without τ_j is the baseline for τ_j's own score.
 *                                                                                       [eq:multiplier-jackknife]
 *   m_j = Ĵ − b_{t,j},   b_{t,j} an estimate of the return after adapting on D_t \ {τ_j}
 *
 * Given D_t \ {τ_j}, the mean of b_{t,j} does not depend on τ_j, and E[s(τ_j)] = 0: the baseline adds no bias at all,
 * while Ĵ − b_{t,j} is of order α/N. With `groups` = K, one of K groups of trajectories is left out at a time, for K
 * evaluations instead of N. Without the only trajectory of a batch, θ_{t−1} does not change.
 *
 * Errors  RangeError for a number of groups that is none
 */
export function jackknife(
  form: JackknifeForm,
  groups?: number,
  atOnce: number = pieceNumbers,
): ScoreRule<Multipliers> {
  if (groups !== undefined && !(Number.isInteger(groups) && groups >= 1))
    throw new RangeError(`estimator.groups: expected a whole number, 1 or more; got ${groups}.`);
  return ({ t, step, ...run }) => {
    const N = step.batch.trajectories;
    const K = Math.min(groups ?? N, N);
    const groupOf = (j: number): number => Math.floor((j * K) / N);
    const leftOut = Array.from({ length: K }, (): number[] => []);
    for (let j = 0; j < N; j++) leftOut[groupOf(j)]!.push(j);
    const estimate = estimateWithout(form, run, t);
    const without = inPieces(leftOut, step, atOnce).flatMap((piece) =>
      estimate(adaptWithoutEach(run.update, step, piece)),
    );
    return {
      multipliers: Float64Array.from({ length: N }, (_, j) => without[groupOf(j)]!.multiplier),
      effectiveSampleSize: without.reduce((smallest, { ess }) => Math.min(smallest, ess), 1),
    };
  };
}

/**
 * m_j of the coupled jackknife for some trajectories of D_t only, 0 for the rest: one rerun for each.  [eq:jackknife-coupled]
 */
export function coupledMultipliers(
  { t, step, ...run }: ScoreRuleInput,
  chosen: readonly number[],
): Float64Array {
  const multipliers = new Float64Array(step.batch.trajectories);
  if (chosen.length === 0) return multipliers;
  const groups = chosen.map((j) => [j]);
  const without = inPieces(groups, step, pieceNumbers).flatMap((piece) =>
    coupled(run, t, adaptWithoutEach(run.update, step, piece)),
  );
  without.forEach(({ multiplier }, k) => {
    multipliers[chosen[k]!] = multiplier;
  });
  return multipliers;
}

/** The numbers that a piece may hold, apart from the policy's activations: 64 MB in float64. */
export const pieceNumbers: number = 2 ** 23;

/**
 * Groups in pieces of about one size: weights, parameters and trajectories drawn again are computed for one piece at a
 * time, so that memory does not grow with N (rows + d).
 */
function inPieces(
  groups: readonly (readonly number[])[],
  { theta, batch: { observations, actions, rewards } }: AdaptationStep,
  atOnce: number,
): (readonly number[])[][] {
  const numbers = observations.length + actions.length + rewards.length + theta.length;
  const most = Math.max(1, Math.floor(atOnce / numbers));
  const size = Math.ceil(groups.length / Math.ceil(groups.length / most));
  return Array.from({ length: Math.ceil(groups.length / size) }, (_, i) =>
    groups.slice(i * size, (i + 1) * size),
  );
}

/**
 * θ_t^{−G} = U(θ_{t−1}; D_t \ G) for each group G; θ_{t−1} if nothing is left.
 *
 * All steps start at the same θ, on rows of one batch; rows left out have weight 0.
 */
function adaptWithoutEach(
  { model, stepSize }: InnerUpdate,
  { theta, batch, surrogate }: AdaptationStep,
  groups: readonly (readonly number[])[],
): Float64Array[] {
  const W = groups.map((group) => surrogate.rows(group));
  return model.gradients(theta, batch, W).map((gradient) => addScaled(theta, stepSize, gradient));
}

interface Without {
  /** Ĵ − b. */
  readonly multiplier: number;
  readonly ess: number;
}

/** Ĵ − b at step t as a function of each θ_t^{−G}. */
type EstimateWithout = (thetas: readonly Float64Array[]) => Without[];

function estimateWithout(form: JackknifeForm, run: TaskRun, t: number): EstimateWithout {
  if (form === "coupled") return (thetas) => coupled(run, t, thetas);
  // At the last step no step is left to carry θ^{−G} through: the next data are D_o.
  if (form === "next-step" && t < run.adaptation.steps.length) return nextStep(run, t);
  return wholePath(form === "per-decision", run, t);
}

/** b from D_{t+1} alone: the return of the run, each trajectory of D_{t+1} weighted by q(τ; θ^{−G}) / q(τ; θ_t). */
function nextStep({ update, adaptation: { steps }, outer }: TaskRun, t: number): EstimateWithout {
  const { model, discount } = update;
  const { theta: from, batch } = steps[t]!;
  const logP = model.logProbability(from, batch);
  const estimate = (theta: Float64Array): Without => {
    const logWeights = trajectoryLogRatio(batch, cumulativeLogRatio(model, batch, logP, theta));
    return {
      multiplier: outer.meanReturn - weightedReturn(batch, discount, logWeights),
      ess: effectiveSampleSize(logWeights),
    };
  };
  return (thetas) => thetas.map(estimate);
}

/**
 * θ^{−G} carried through steps t + 1 … ζ on the data that the run itself drew.             [eq:jackknife-whole-path]
 *
 *   W = Π_{s=t+1..ζ} Π_{τ ∈ D_s} q(τ; θ^{−G}_{s−1}) / q(τ; θ_{s−1}),   b = W (1/M) Σ_o R(τ_o) q(τ_o; θ^{−G}_ζ) / q(τ_o; θ_ζ)
 *
 * In the per-decision form w_{o,h} is the ratio of τ_o up to time h, and c a baseline:
 *
 *   Ĵ − b = −(1/M) Σ_o Σ_h (W w_{o,h} − 1) (γ^h r_{o,h} − c_{o,h})
 *
 * E[W w_{o,h} | D_t] = 1, so c adds no bias where it is a function of D_t. At the last step, where W = 1, it may depend on
 * the other trajectories of D_o, too. (Before, it may not: they depend on the same data as W.)
 */
function wholePath(perDecision: boolean, run: TaskRun, t: number): EstimateWithout {
  const { update, outer } = run;
  const { steps, adapted } = run.adaptation;
  const { model, discount } = update;
  const later = steps
    .slice(t)
    .map((step) => ({ ...step, logP: model.logProbability(step.theta, step.batch) }));
  const outerLogP = model.logProbability(adapted, outer.batch);
  const difference = perDecisionDifference(outer.batch, discount);
  const baseline = perDecision ? perDecisionBaseline(run, t) : undefined;
  const estimate = (without: Float64Array): Without => {
    let theta = without;
    let logPathWeight = 0;
    for (const { batch, weights, logP } of later) {
      const ratio = trajectoryLogRatio(batch, cumulativeLogRatio(model, batch, logP, theta));
      logPathWeight += ratio.reduce((total, logRatio) => total + logRatio, 0);
      theta = adapt(update, theta, batch, weights);
    }
    const ratio = cumulativeLogRatio(model, outer.batch, outerLogP, theta).map((r) => r + logPathWeight);
    const logWeights = trajectoryLogRatio(outer.batch, ratio);
    const multiplier = baseline
      ? difference(ratio, baseline(without, ratio))
      : outer.meanReturn - weightedReturn(outer.batch, discount, logWeights);
    return { multiplier, ess: effectiveSampleSize(logWeights) };
  };
  return (thetas) => thetas.map(estimate);
}

/**
 * c_{o,h} of the per-decision form: a function of θ_t^{−G} and of the log-ratios of D_o.   [eq:jackknife-baseline]
 *
 *   t < ζ: the mean of γ^h r_h over D_t, 0 if N = 1
 *   t = ζ: the mean over D_ζ and the others of D_o with the weights
 *          v_h = (w_h − 1)² / (N/ρ_h + M − 1),   w_h = q_h(τ; θ_ζ^{−G}) / q_h(τ; θ_ζ),   ρ_h = q_h(τ; θ_ζ) / q_h(τ; θ_{ζ−1})
 *
 * The variance of one term is least at c_h = E[(w − 1)² γ^h r_h] / E[(w − 1)²], given D_ζ; covariances between times and
 * between the τ_j are left out. The denominator of v weights D_ζ and D_o as one sample from the mixture of their two
 * policies. Where nothing has a weight, or one overflows, the plain mean over D_ζ remains. D_ζ does not count if N = 1:
 * it is τ_j, and any mean of it adds its noise.
 *
 * Source  the best constant baseline: Greensmith, Bartlett & Baxter, JMLR 5, 2004; the denominator, called the balance
 *         heuristic: Veach & Guibas, SIGGRAPH 1995, doi:10.1145/218380.218498
 */
function perDecisionBaseline(
  { update: { model, discount }, adaptation: { steps, adapted }, outer }: TaskRun,
  t: number,
): (theta: Float64Array, outerLogRatio: Float64Array) => Float64Array {
  const { theta: from, batch: data } = steps[t - 1]!;
  const { trajectories: N, horizon } = data;
  const M = outer.batch.trajectories;
  const counts = N > 1;
  const plain = counts ? meanRewards(data, discount) : new Float64Array(horizon);
  if (t < steps.length) {
    const everywhere = Float64Array.from({ length: M * horizon }, (_, row) => plain[row % horizon]!);
    return () => everywhere;
  }
  const shares = (batch: TrajectoryBatch): Float64Array =>
    cumulativeLogRatio(model, batch, model.logProbability(from, batch), adapted).map(
      (logRho) => 1 / ((counts ? N * exp(-logRho) : 0) + M - 1),
    );
  const weigh = (logW: Float64Array, share: Float64Array): Float64Array =>
    logW.map((x, row) => expm1(x) ** 2 * share[row]!);
  const [ofData, ofOuter] = [shares(data), shares(outer.batch)];
  const logP = model.logProbability(adapted, data);
  return (theta, outerLogRatio) => {
    const v = counts
      ? weigh(cumulativeLogRatio(model, data, logP, theta), ofData)
      : new Float64Array(horizon);
    const others = { batch: outer.batch, v: weigh(outerLogRatio, ofOuter) };
    return weightedMeanOfOthers(others, { batch: data, v }, discount, plain);
  };
}

/**
 * θ^{−G} carried through steps t + 1 … ζ on new data, drawn with the random numbers of the run.
 *                                                                                       [eq:jackknife-coupled]
 *   b = mean return of θ^{−G}_ζ on trajectories that share their random numbers with D_o
 *
 * No importance weights: the two returns differ only because the policies differ, whatever the horizon.
 *
 * Source  common random numbers: Glasserman & Yao, Management Science 38(6), 1992, doi:10.1287/mnsc.38.6.884
 */
function coupled(
  { update, adaptation: { steps }, outer, sampler }: TaskRun,
  t: number,
  thetas: readonly Float64Array[],
): Without[] {
  if (sampler === undefined) {
    throw new RangeError(
      "jackknife-coupled: needs the sampler that drew the data, to draw it again; there is none. Use another jackknife.",
    );
  }
  let current = thetas;
  for (let s = t + 1; s <= steps.length; s++) {
    const batches = sampler.sampleEach(current, s);
    current = current.map((theta, k) =>
      adapt(update, theta, batches[k]!, update.surrogate(batches[k]!).rows()),
    );
  }
  return sampler.sampleEach(current, steps.length + 1).map((batch) => ({
    multiplier: outer.meanReturn - mean(returns(batch, update.discount)),
    ess: 1,
  }));
}

/**
 * The jackknife to first order: the change of θ_t without τ_j, times the gradient of the return in θ_t.
 *                                                                                       [eq:multiplier-jackknife-linear]
 *   m_j = λ_t · (θ_t − θ_t^{−j}),   θ_t^{−j} = U(θ_{t−1}; D_t \ {τ_j})
 *       = α Σ_r (w_r − w_r^{−j}) λ_t · ∇ℓ_r,   w^{−j} the weights of D_t \ {τ_j}, 0 on τ_j itself
 *
 * One tangent serves all j. It needs no importance weights and no new data, and is the same for any ζ. The weights are
 * recomputed without τ_j, so centring, standardising and fitting are accounted for. `linearisedReturn` takes w_r^{−j} =
 * w_r instead; where U does any of these, its bias is of the order of the term itself.
 *
 * The remainder, (θ_t − θ_t^{−j})ᵀ∇²V^{(t)}(θ_t − θ_t^{−j})/2, is of order α²/N²; over the N scores that is a bias of
 * order α²/N: `linearJackknifeBias` (exact/theory/estimator-bounds.ts) bounds it.
 */
export const linearJackknife: ScoreRule<Multipliers> = ({
  update: { stepSize },
  step: { batch, surrogate },
  lambda,
  derivatives,
}) => {
  const each = Array.from(batch.lengths, (_, j) => [j]);
  const [whole, ...without] = surrogate.products(derivatives.tangent(lambda), [[], ...each]);
  return { multipliers: Float64Array.from(without, (x) => stepSize * (whole! - x)) };
};
