/**
 * Bandits: one state, one action and one reward per trajectory. The task is the arms' means.    [eq:bandits]
 *
 * The observation is the constant 1 (0 in pytorch-maml-rl): a linear policy on it is a vector of logits [K].
 */
import type { Environment } from "../framework/environment.ts";
import { EnvironmentError } from "../framework/errors.ts";
import type { Mdp } from "../framework/mdp.ts";
import { cubeFamily, finiteFamily, type TaskFamily } from "../framework/task-family.ts";
import { listed } from "../render/decimals.ts";
import { finiteEnvironment, type RewardNoise } from "./finite-environment.ts";

/** A bandit's task: the mean rewards of its arms. */
export interface BanditTask {
  /** E[r] of each arm, [K]. */
  readonly means: readonly number[];
}

/**
 *   means_k ~ U[0, 1],   r ~ Bernoulli(means_a)
 *
 * Errors  EnvironmentError from `dynamics` for a task whose means are not `arms` finite numbers
 * Source  Duan et al., RL^2, 2016, arXiv:1611.02779
 */
export function bernoulliBandit(arms: number): Environment<BanditTask> {
  const summary = `${arms} arms that pay 1 with unknown probabilities`;
  return bandit(`bernoulli-bandit-${arms}`, summary, arms, uniformMeans(arms), "bernoulli");
}

/**
 *   means_k ~ U[0, 1],   r ~ N(means_a, 1)
 *
 * Errors  EnvironmentError from `dynamics` for a task whose means are not `arms` finite numbers
 */
export function gaussianBandit(arms: number): Environment<BanditTask> {
  const summary = `${arms} arms that pay an unknown mean with standard deviation 1`;
  return bandit(`gaussian-bandit-${arms}`, summary, arms, uniformMeans(arms), "normal");
}

/**
 * The needle: two safe arms, and one good arm, which differs between two equally likely tasks:   [eq:needle]
 *
 *   r = (1, 0, 0.45, 0.45)   or   r = (0, 1, 0.45, 0.45),   without noise
 *
 * Only data that tried arms 0 and 1 reveal which is good. The score term of the meta-gradient rewards the
 * initial policy for trying them; without it (MAML), ascent settles on the safe arms.
 *
 * Errors  EnvironmentError from `dynamics` for a task whose means are not finite numbers, one an arm
 */
export function needleBandit(): Environment<BanditTask> {
  const safe = 0.45;
  const family = finiteFamily<BanditTask>(
    "arm 0 or arm 1 pays 1, each with probability 1/2; arms 2 and 3 pay 0.45",
    [
      { weight: 1 / 2, task: { means: [1, 0, safe, safe] } },
      { weight: 1 / 2, task: { means: [0, 1, safe, safe] } },
    ],
  );
  return bandit(
    "needle-bandit",
    "one good arm to be found among the first two, two safe arms",
    4,
    family,
    "none",
  );
}

/**
 * Two doors: the prize is behind the first with probability 4/5, else behind the second.                [eq:two-doors]
 *
 *   r = (1, 0)   or   r = (0, 1),   without noise
 *
 * Data that tried both doors reveal where the prize is. With a large step on standardised advantages, an exact
 * meta-gradient rewards the initial policy for trying both; every first-order correction of MAML settles on
 * the first.
 *
 * Errors  EnvironmentError from `dynamics` for a task whose means are not finite numbers, one an arm
 */
export function twoDoorsBandit(): Environment<BanditTask> {
  const family = finiteFamily<BanditTask>("door 0 pays 1 with probability 4/5, else door 1", [
    { weight: 4 / 5, task: { means: [1, 0] } },
    { weight: 1 / 5, task: { means: [0, 1] } },
  ]);
  return bandit(
    "two-doors-bandit",
    "a prize behind one of two doors, more often the first",
    2,
    family,
    "none",
  );
}

function bandit(
  name: string,
  summary: string,
  arms: number,
  family: TaskFamily<BanditTask>,
  rewardNoise: RewardNoise,
): Environment<BanditTask> {
  return finiteEnvironment({
    name,
    summary,
    states: 1,
    actions: arms,
    horizon: 1,
    discount: 1,
    family,
    inWords: ({ means }) => `the arms pay ${listed(means)} on average`,
    mdp: (task) => banditMdp(name, arms, task),
    rewardNoise,
    endsAtOnce: true,
  });
}

function banditMdp(name: string, arms: number, task: BanditTask): Mdp {
  const means = task?.means; // it may be anything
  if (!Array.isArray(means) || means.length !== arms || !means.every(Number.isFinite)) {
    throw new EnvironmentError(name, "task.means", means, `${arms} finite numbers`);
  }
  return { initial: [1], transitions: [means.map(() => [1])], rewards: [means], horizon: 1, discount: 1 };
}

function uniformMeans(arms: number): TaskFamily<BanditTask> {
  return cubeFamily("the mean of each arm is uniform on [0, 1]", arms, (u) => ({ means: Array.from(u) }));
}
