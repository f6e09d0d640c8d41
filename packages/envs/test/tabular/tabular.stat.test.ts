import { fold, key, split } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import {
  bernoulliBandit,
  dirichlet,
  type Environment,
  finiteEnvironment,
  finiteFamily,
  gaussianBandit,
  type Mdp,
  needleBandit,
  tabularDense,
  tabularSparse,
} from "../../src/index.ts";

// What the samplers draw against what the data say. Thresholds: |z| < 5 (5.7e-7), chi-square tails of 1e-6; fewer
// than 40 checks, so the keys below had a chance under 4e-5 to raise a false alarm.
const zLimit = 5;

// [eq:finite-mdp]
describe("a tabular environment", () => {
  const environment = tabularDense();
  const mdp = environment.family.sample(key(11));

  it("starts, moves and pays as its MDP says", () => {
    const n = 20_000;
    const [from, action] = [3, 2];
    const counts = Array<number>(10).fill(0);
    const rewards: number[] = [];
    for (const k of split(key(12), n)) {
      expect([...environment.reset(k, mdp).values]).toEqual([0]);
      const { state, reward } = environment.step(
        { values: Float64Array.of(from), key: k, time: 4 },
        action,
        mdp,
      );
      counts[state.values[0]!]! += 1;
      rewards.push(reward);
    }
    const row = mdp.transitions[from]![action]!;
    const chiSquare = counts.reduce((sum, count, i) => sum + (count - n * row[i]!) ** 2 / (n * row[i]!), 0);
    expect(chiSquare).toBeLessThan(46); // 9 degrees of freedom: 6e-7
    const mean = mdp.rewards[from]![action]!;
    expect(zScore(rewards, mean, 1)).toBeLessThan(zLimit);
    expect(
      zScore(
        rewards.map((r) => (r - mean) ** 2),
        1,
        2,
      ),
    ).toBeLessThan(zLimit);
  });

  it("draws reward noise apart from the transition, and anew at each time", () => {
    const n = 20_000;
    const at = (k: ReturnType<typeof key>, time: number) =>
      environment.step({ values: Float64Array.of(3), key: k, time }, 2, mdp);
    const mean = mdp.rewards[3]![2]!;
    const transitionMean = mdp.transitions[3]![2]!.reduce((sum, p, i) => sum + p * i, 0);
    const transitionVariance = mdp.transitions[3]![2]!.reduce(
      (sum, p, i) => sum + p * (i - transitionMean) ** 2,
      0,
    );
    const withTransition: number[] = [];
    const acrossTime: number[] = [];
    for (const k of split(key(13), n)) {
      const [now, later] = [at(k, 0), at(k, 1)];
      withTransition.push((now.reward - mean) * (now.state.values[0]! - transitionMean));
      acrossTime.push((now.reward - mean) * (later.reward - mean));
    }
    expect(zScore(withTransition, 0, transitionVariance)).toBeLessThan(zLimit);
    expect(zScore(acrossTime, 0, 1)).toBeLessThan(zLimit);
  });
});

describe("a Bernoulli reward", () => {
  it("is drawn apart from the transition", () => {
    const half = [
      [0.5, 0.5],
      [0.5, 0.5],
    ];
    const coins = finiteEnvironment<null>({
      name: "two-coins",
      summary: "a fair coin moves, another one pays",
      states: 2,
      actions: 2,
      horizon: 1,
      discount: 1,
      family: finiteFamily("one task", [{ weight: 1, task: null }]),
      mdp: () => ({ initial: [1, 0], transitions: [half, half], rewards: half, horizon: 1, discount: 1 }),
      rewardNoise: "bernoulli",
      endsAtOnce: false,
    });
    const products = split(key(19), 20_000).map((k) => {
      const { state, reward } = coins.step(coins.reset(k, null), 0, null);
      return (2 * state.values[0]! - 1) * (2 * reward - 1);
    });
    expect(zScore(products, 0, 1)).toBeLessThan(zLimit);
  });
});

// [eq:dirichlet]
describe("dirichlet", () => {
  // E p_i = 1/n,   Var p_i = (1/n)(1 - 1/n) / (n alpha + 1)
  it.each([
    { alpha: 1, n: 10 },
    { alpha: 0.001, n: 20 },
    { alpha: 0.5, n: 3 },
    { alpha: 3.5, n: 4 },
  ])("has the mean and variance of Dirichlet($alpha) on $n categories", ({ alpha, n }) => {
    const draws = split(key(14), 20_000).map((k) => dirichlet(k, alpha, n));
    const variance = ((1 / n) * (1 - 1 / n)) / (n * alpha + 1);
    for (const i of [0, n - 1]) {
      const p = draws.map((draw) => draw[i]!);
      expect(zScore(p, 1 / n, variance)).toBeLessThan(zLimit);
      const squares = p.map((x) => (x - 1 / n) ** 2);
      expect(zScore(squares, variance, sampleVariance(squares))).toBeLessThan(zLimit);
    }
    for (const draw of draws) expect(Math.abs(draw.reduce((sum, x) => sum + x, 0) - 1)).toBeLessThan(1e-14);
  });
});

describe("tabular families", () => {
  it("dense: mean rewards ~ N(1, 1)", () => {
    const rewards = split(key(15), 200).flatMap((k) => tabularDense().family.sample(k).rewards.flat());
    expect(zScore(rewards, 1, 1)).toBeLessThan(zLimit);
    expect(
      zScore(
        rewards.map((r) => (r - 1) ** 2),
        1,
        2,
      ),
    ).toBeLessThan(zLimit);
  });

  it("sparse: rewards ~ U[0, 1], paid without noise, in almost deterministic MDPs", () => {
    const environment = tabularSparse();
    const mdps = split(key(16), 100).map((k) => environment.family.sample(k));
    const rewards = mdps.flatMap((mdp) => mdp.rewards.flat());
    expect(rewards.every((r) => r >= 0 && r < 1)).toBe(true);
    expect(zScore(rewards, 1 / 2, 1 / 12)).toBeLessThan(zLimit);
    const mdp = mdps[0]!;
    expect(environment.step(environment.reset(key(1), mdp), 3, mdp).reward).toBe(mdp.rewards[0]![3]);
    // E max_i p_i >= E sum_i p_i^2 = 1/n + (n - 1) Var-part: (alpha + 1) / (n alpha + 1) = 0.981 here.
    const largest = mdps.flatMap((m) => m.transitions.flat().map((row) => Math.max(...row)));
    expect(largest.reduce((sum, p) => sum + p, 0) / largest.length).toBeGreaterThan(0.97);
  });
});

// [eq:bandits] [eq:needle]
describe("bandits", () => {
  it("pay with the means of the task, end at once, and have the MDP that says so", () => {
    const cases: {
      environment: Environment<{ means: readonly number[] }>;
      variance: (mean: number) => number;
    }[] = [
      { environment: bernoulliBandit(5), variance: (mean) => mean * (1 - mean) },
      { environment: gaussianBandit(5), variance: () => 1 },
    ];
    for (const { environment, variance } of cases) {
      const task = environment.family.sample(key(17));
      for (const [arm, mean] of task.means.entries()) {
        const steps = split(fold(key(18), arm), 5000).map((k) =>
          environment.step(environment.reset(k, task), arm, task),
        );
        expect(
          zScore(
            steps.map(({ reward }) => reward),
            mean,
            variance(mean),
          ),
        ).toBeLessThan(zLimit);
        expect(steps.every(({ terminated }) => terminated)).toBe(true);
      }
      const mdp: Mdp = environment.mdp!(task);
      expect(mdp).toMatchObject({ initial: [1], rewards: [task.means], horizon: 1, discount: 1 });
    }
  });

  it("needle: two tasks, the good arm first or second, rewards without noise", () => {
    const environment = needleBandit();
    expect(environment.family.tasks).toEqual([
      { weight: 0.5, task: { means: [1, 0, 0.45, 0.45] } },
      { weight: 0.5, task: { means: [0, 1, 0.45, 0.45] } },
    ]);
    const paid = [0, 1, 2, 3].map((arm) => {
      const task = { means: [0, 1, 0.45, 0.45] };
      return environment.step(environment.reset(key(arm), task), arm, task).reward;
    });
    expect(paid).toEqual([0, 1, 0.45, 0.45]);
  });
});

function zScore(x: readonly number[], mean: number, variance: number): number {
  const sampleMean = x.reduce((sum, xi) => sum + xi, 0) / x.length;
  return Math.abs(sampleMean - mean) / Math.sqrt(variance / x.length);
}

function sampleVariance(x: readonly number[]): number {
  const mean = x.reduce((sum, xi) => sum + xi, 0) / x.length;
  return x.reduce((sum, xi) => sum + (xi - mean) ** 2, 0) / (x.length - 1);
}
