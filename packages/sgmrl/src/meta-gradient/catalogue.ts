import { unknownName } from "../wording.ts";
import { returnLessOtherTasks } from "./combine.ts";
import { dice, loadedDice, lowVarianceCurvature, surrogateHessian, tamedDice } from "./curvature.ts";
import type { Estimator } from "./estimator.ts";
import { jackknife, linearJackknife } from "./jackknife.ts";
import {
  firstStepReturn,
  leaveOneOutReturn,
  linearisedReturn,
  meanOverRows,
  meanScaledReturn,
  meanStandardisedAdvantage,
  rawReturn,
  rewardFigures,
  standardisedOverTasks,
  unitMultiplier,
} from "./multipliers.ts";
import { type Damping, defaultDamping } from "./reparameterised/damped-sweep.ts";
import { dampedScore, reparameterisedScore, warpedScore } from "./reparameterised/score.ts";

const fallah = "Fallah, Georgiev, Mokhtari & Ozdaglar, NeurIPS 2021, arXiv:2002.05135";

/** Every estimator by name. `groups` affects only the jackknife, `damping` only `reparameterised-damped`. */
export function estimatorTable(
  groups?: number,
  damping: Partial<Damping> = {},
): Readonly<Record<string, Estimator>> {
  const leavingOut = { groups: groups ?? Number.POSITIVE_INFINITY };
  const damped = { ...defaultDamping, ...damping };
  const all: readonly Estimator[] = [
    {
      name: "sgmrl",
      summary: "SG-MRL as published: scores multiplied by the mean return after adaptation",
      unbiasedFor: "∇V",
      source: fallah,
      curvature: surrogateHessian,
      score: rawReturn,
    },
    {
      name: "sgmrl-leave-one-out",
      summary: "SG-MRL with a baseline: the return of the other trajectories before adaptation",
      unbiasedFor: "∇V",
      source: `${fallah}; baseline: docs/math/estimators.md`,
      curvature: surrogateHessian,
      score: leaveOneOutReturn,
      comparesTrajectories: true,
    },
    {
      name: "sgmrl-other-tasks",
      summary: "SG-MRL with a baseline: the mean return of the other tasks of the batch after adaptation",
      unbiasedFor: "∇V",
      source: `${fallah}; baseline: docs/math/estimators.md`,
      curvature: surrogateHessian,
      score: unitMultiplier,
      taskMultipliers: returnLessOtherTasks,
    },
    {
      name: "jackknife-next-step",
      summary: "SG-MRL minus the return without each trajectory, by importance weights on the next data",
      unbiasedFor: "∇V",
      source: "docs/math/estimators.md",
      curvature: surrogateHessian,
      score: jackknife("next-step", groups),
      ...leavingOut,
    },
    {
      name: "jackknife-whole-path",
      summary: "SG-MRL minus the return without each trajectory, by weights along all later steps",
      unbiasedFor: "∇V",
      source: "docs/math/estimators.md",
      curvature: surrogateHessian,
      score: jackknife("whole-path", groups),
      ...leavingOut,
    },
    {
      name: "jackknife-per-decision",
      summary: "SG-MRL minus the return without each trajectory, each reward weighted up to its own time",
      unbiasedFor: "∇V",
      source: "docs/math/estimators.md",
      curvature: surrogateHessian,
      score: jackknife("per-decision", groups),
      ...leavingOut,
    },
    {
      name: "jackknife-coupled",
      summary: "SG-MRL minus the return without each trajectory, rerun with the same random numbers",
      unbiasedFor: "∇V",
      source: "docs/math/estimators.md",
      curvature: surrogateHessian,
      score: jackknife("coupled", groups),
      ...leavingOut,
      redraws: true,
    },
    {
      name: "jackknife-linear",
      summary: "SG-MRL minus the return without each trajectory, to first order: no weights, no new data",
      unbiasedFor: "∇V up to a bias of order α²/N",
      source: "docs/math/estimators.md",
      curvature: surrogateHessian,
      score: linearJackknife,
      ofGradientScale: true,
    },
    {
      name: "reparameterised",
      summary: "SG-MRL with the score term as a derivative of the data through the simulator",
      unbiasedFor: "∇V, where the data are Lipschitz in θ",
      source: "docs/math/reparameterised.md",
      curvature: surrogateHessian,
      score: reparameterisedScore,
      redraws: true,
      differentiates: true,
    },
    {
      name: "reparameterised-damped",
      summary:
        "reparameterised, clipped back in time, through softer contacts: biased, bounded for chaotic gaits",
      unbiasedFor: "nothing in general",
      source: "docs/math/reparameterised.md",
      curvature: surrogateHessian,
      score: dampedScore(damped),
      damping: damped,
      redraws: true,
      differentiates: true,
    },
    {
      name: "reparameterised-warped",
      summary: "reparameterised, with scores instead of derivatives near jumps of the data",
      unbiasedFor:
        "∇V, where the environment says where its data jump and nothing crosses there while it is clipped",
      source: "docs/math/reparameterised.md",
      curvature: surrogateHessian,
      score: warpedScore,
      redraws: true,
      differentiates: true,
      warps: true,
    },
    {
      name: "maml",
      summary: "MAML as run in practice: differentiates the update, not the sampling of its data",
      unbiasedFor: "nothing in general",
      source: "Finn, Abbeel & Levine, ICML 2017, arXiv:1703.03400",
      curvature: surrogateHessian,
      score: null,
    },
    {
      name: "fomaml",
      summary: "first-order MAML: the policy gradient after adaptation",
      unbiasedFor: "nothing in general",
      source: "Finn, Abbeel & Levine, ICML 2017, arXiv:1703.03400",
      curvature: null,
      score: null,
    },
    {
      name: "emaml",
      summary: "E-MAML with the score term as a mean over trajectories; published code: emaml-published",
      unbiasedFor: "∇V if N = 1, nothing otherwise",
      source: "Stadie et al., 2018, arXiv:1803.01118",
      curvature: surrogateHessian,
      score: meanScaledReturn,
    },
    {
      name: "emaml-sum",
      summary: "E-MAML with the score as a sum, of the data drawn at the initial policy only",
      unbiasedFor: "∇V if ζ = 1, nothing otherwise",
      source: "Stadie et al., 2018, arXiv:1803.01118",
      curvature: surrogateHessian,
      score: firstStepReturn,
    },
    {
      name: "emaml-published",
      summary:
        "E-MAML as public code has it: a mean over all rows, times rewards standardised over the meta-batch",
      unbiasedFor: "nothing in general",
      source: `public code of ${fallah}`,
      curvature: surrogateHessian,
      score: meanOverRows,
      ofGradientScale: true,
      taskFigures: rewardFigures,
      taskMultipliers: standardisedOverTasks,
    },
    {
      name: "lsf",
      summary:
        "linearised score function: each score multiplies the first-order effect of its own trajectory",
      unbiasedFor: "∇V up to a bias of order α²/N, with plain weights",
      source: "Tang, ICML 2022, arXiv:2112.07328",
      curvature: surrogateHessian,
      score: linearisedReturn,
      ofGradientScale: true,
    },
    {
      name: "reference-2021",
      summary: "as coded in 2021: the score of D_1 times the mean of standardised advantages, which is 0",
      unbiasedFor: "nothing in general",
      source: `public code of ${fallah}`,
      curvature: surrogateHessian,
      score: meanStandardisedAdvantage,
      ofGradientScale: true,
    },
    {
      name: "dice",
      summary: "MAML with an unbiased estimate of the curvature of J: DiCE inside",
      unbiasedFor: "∇V up to a bias of order α²/N, with plain weights",
      source: "Foerster et al., ICML 2018, arXiv:1802.05098",
      curvature: dice,
      score: null,
    },
    {
      name: "loaded-dice",
      summary: "DiCE of advantages over the other trajectories",
      unbiasedFor: "∇V up to a bias of order α²/N, with plain weights",
      source: "Farquhar, Whiteson & Foerster, NeurIPS 2019, arXiv:1909.10549",
      curvature: loadedDice,
      score: null,
    },
    {
      name: "tmaml",
      summary: "DiCE with control variates on its products of scores",
      unbiasedFor: "∇V up to a bias of order α²/N, with plain weights",
      source: "Liu, Socher & Xiong, ICML 2019, PMLR 97",
      curvature: tamedDice,
      score: null,
    },
    {
      name: "lvc",
      summary: "MAML with the low-variance curvature of ProMP",
      unbiasedFor: "nothing in general",
      source: "Rothfuss et al., ICLR 2019, arXiv:1810.06784",
      curvature: lowVarianceCurvature,
      score: null,
    },
  ];
  return Object.fromEntries(all.map((estimator) => [estimator.name, estimator]));
}

/** Every estimator by name, the jackknife leaving out one trajectory at a time. */
export const estimators: Readonly<Record<string, Estimator>> = estimatorTable();

/**
 * The estimator of that name. The error for an unknown name lists the known ones.
 *
 * Errors  RangeError for a name that is not in the catalogue, or a number of groups that is none
 */
export function findEstimator(name: string, groups?: number, damping?: Partial<Damping>): Estimator {
  const table = estimatorTable(groups, damping);
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  throw new RangeError(unknownName("estimator.name", name, Object.keys(table)));
}
