import { fold, type Key, normalAt, split, uniformAt } from "@sgmrl/autodiff/random";
import type { Environment } from "../framework/environment.ts";
import type { Mdp } from "../framework/mdp.ts";
import { range } from "../render/decimals.ts";
import { dirichlet } from "./dirichlet.ts";
import { finiteEnvironment } from "./finite-environment.ts";

/**
 * Random MDPs with dense transitions and noisy rewards.
 *
 *   10 states, 5 actions, horizon 10, start in state 0
 *   transitions[s][a] ~ Dirichlet(1, ..., 1),   mean reward m(s, a) ~ N(1, 1),   r ~ N(m(s, a), 1)
 *
 * The source states no discount; 0.95 is the discount of its bandits.
 *
 * Source  Duan et al., RL^2, 2016, arXiv:1611.02779: the distribution; sizes of the TabularMDP of pytorch-maml-rl
 */
export function tabularDense(): Environment<Mdp> {
  const [states, actions, horizon, discount] = [10, 5, 10, 0.95];
  return finiteEnvironment({
    name: "tabular-dense",
    summary: "random MDPs of 10 states and 5 actions, every state within reach, noisy rewards",
    states,
    actions,
    horizon,
    discount,
    family: {
      description: "transition rows ~ Dirichlet(1), mean rewards ~ N(1, 1)",
      sample: (key) =>
        randomMdp(key, { states, actions, horizon, discount, concentration: 1, reward: meanNormal1 }),
    },
    inWords,
    mdp: (task) => task,
    rewardNoise: "normal",
    endsAtOnce: false,
  });
}

/**
 * Random MDPs that are almost deterministic: a row of Dirichlet(0.001) has nearly all its mass on one state.
 *
 *   20 states, 5 actions, horizon 20, discount 0.8, start in state 0
 *   transitions[s][a] ~ Dirichlet(0.001, ..., 0.001),   r = rewards[s][a] ~ U[0, 1], without noise
 *
 * Source  Liu, Feng, Ren, Mai, Zhu, Zhang, Wang & Yang, A Theoretical Understanding of Gradient Bias in
 *         Meta-Reinforcement Learning, NeurIPS 2022, arXiv:2112.15400: the sizes of its tabular code
 */
export function tabularSparse(): Environment<Mdp> {
  const [states, actions, horizon, discount] = [20, 5, 20, 0.8];
  return finiteEnvironment({
    name: "tabular-sparse",
    summary: "random, almost deterministic MDPs of 20 states and 5 actions, noise-free rewards",
    states,
    actions,
    horizon,
    discount,
    family: {
      description: "transition rows ~ Dirichlet(0.001), rewards ~ U[0, 1]",
      sample: (key) =>
        randomMdp(key, { states, actions, horizon, discount, concentration: 0.001, reward: uniformAt }),
    },
    inWords,
    mdp: (task) => task,
    rewardNoise: "none",
    endsAtOnce: false,
  });
}

/** What differs between the tasks, whose sizes are the same. */
const inWords = ({ rewards }: Mdp): string => `mean rewards between ${range(rewards.flat())}`;

interface RandomMdp {
  readonly states: number;
  readonly actions: number;
  readonly horizon: number;
  readonly discount: number;
  readonly concentration: number;
  /** Reward `index`, drawn from the key. */
  reward(key: Key, index: number): number;
}

function randomMdp(key: Key, { states, actions, horizon, discount, concentration, reward }: RandomMdp): Mdp {
  const table = <T>(entry: (s: number, a: number) => T): T[][] =>
    Array.from({ length: states }, (_, s) => Array.from({ length: actions }, (_, a) => entry(s, a)));
  const rowKeys = split(fold(key, 0), states * actions);
  const rewardKey = fold(key, 1);
  return {
    initial: Array.from({ length: states }, (_, s) => (s === 0 ? 1 : 0)),
    transitions: table((s, a) => dirichlet(rowKeys[s * actions + a]!, concentration, states)),
    rewards: table((s, a) => reward(rewardKey, s * actions + a)),
    horizon,
    discount,
  };
}

function meanNormal1(key: Key, index: number): number {
  return 1 + normalAt(key, index);
}
