/**
 * Bandits: one state, one action and one reward per trajectory. The task is the arms' means.    [eq:bandits]
 *
 * The observation is the constant 1 (0 in pytorch-maml-rl): a linear policy on it is a vector of logits [K].
 */
import type { Environment } from "../framework/environment.ts";
import { EnvironmentError } from "../framework/errors.ts";
import type { Mdp } from "../framework/mdp.ts";
import { cubeFamily, finiteFamily, type TaskFamily, type WeightedTask } from "../framework/task-family.ts";
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
  const family = finiteFamily(
    "arm 0 or arm 1 pays 1, each with probability 1/2; arms 2 and 3 pay 0.45",
    needleTasks(0.45),
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
  const family = finiteFamily("door 0 pays 1 with probability 4/5, else door 1", doorTasks([4 / 5, 1 / 5]));
  return bandit(
    "two-doors-bandit",
    "a prize behind one of two doors, more often the first",
    2,
    family,
    "none",
  );
}

/** The tasks of the needle with any safe reward c: means (1, 0, c, c) or (0, 1, c, c), equally likely. */
export function needleTasks(safe: number): WeightedTask<BanditTask>[] {
  return [
    { weight: 1 / 2, task: { means: [1, 0, safe, safe] } },
    { weight: 1 / 2, task: { means: [0, 1, safe, safe] } },
  ];
}

/** The tasks of any number of doors: the prize is behind door i with probability `probabilities[i]`. */
export function doorTasks(probabilities: readonly number[]): WeightedTask<BanditTask>[] {
  return probabilities.map((weight, prize) => ({
    weight,
    task: { means: probabilities.map((_, door) => (door === prize ? 1 : 0)) },
  }));
}

/** A bandit's task as an MDP: one state, one step. */
export function banditMdp({ means }: BanditTask): Mdp {
  return { initial: [1], transitions: [means.map(() => [1])], rewards: [means], horizon: 1, discount: 1 };
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
    mdp: (task) => banditMdp(checked(name, arms, task)),
    rewardNoise,
    endsAtOnce: true,
  });
}

/** Refuses a task whose means are not as many finite numbers as there are arms. */
function checked(name: string, arms: number, task: BanditTask): BanditTask {
  const means = task?.means; // it may be anything
  if (Array.isArray(means) && means.length === arms && means.every(Number.isFinite)) return task;
  throw new EnvironmentError(name, "task.means", means, `${arms} finite numbers`);
}

function uniformMeans(arms: number): TaskFamily<BanditTask> {
  return cubeFamily("the mean of each arm is uniform on [0, 1]", arms, (u) => ({ means: Array.from(u) }));
}
