/** Problems small enough to enumerate: two fixed ones, and random ones of every kind. */
import type { Mdp } from "@sgmrl/envs";
import fc from "fast-check";
import { dataSets, trajectories } from "../../src/exact/enumerate.ts";
import { termCount } from "../../src/exact/histories.ts";
import { type ExactProblem, sizesOf } from "../../src/exact/problem.ts";
import { auditNeedle, twoStateMdp } from "../../src/experiments/audit/default-problems.ts";
import type { AdvantageName } from "../../src/settings.ts";
import type { TrajectoryBatch } from "../../src/trajectory.ts";

/** Two states, two actions, every transition possible: the smallest MDP in which each term of the recursion shows. */
export function twoState(horizon: number, discount: number = 0.9): Mdp {
  return { ...twoStateMdp, initial: [0.6, 0.4], horizon, discount };
}

export interface Setting {
  readonly horizon?: number;
  readonly discount?: number;
  readonly stepSize?: number;
  readonly steps?: number;
  readonly trajectories?: number;
  readonly outerTrajectories?: number;
  readonly advantage?: AdvantageName;
}

/** The two-state MDP as a problem. */
export function twoStateProblem({
  horizon = 2,
  discount = 0.9,
  stepSize = 0.7,
  steps = 1,
  trajectories = 1,
  outerTrajectories = 1,
  advantage = "reward-to-go",
}: Setting = {}): ExactProblem {
  return {
    tasks: [{ weight: 1, mdp: twoState(horizon, discount) }],
    theta: [
      [0.3, -0.2],
      [0.1, 0.5],
    ],
    inner: { stepSize, steps, trajectories, advantage },
    outerTrajectories,
  };
}

/** The needle, with another step size. */
export function needleProblem(
  trajectories: number,
  stepSize: number = 10,
  theta: readonly number[] = [0, 0, 0, 0],
): ExactProblem {
  const problem = auditNeedle(trajectories, theta);
  return { ...problem, inner: { ...problem.inner, stepSize } };
}

export const advantageNames: readonly AdvantageName[] = [
  "reward-to-go",
  "centred",
  "standardised",
  "leave-one-out",
  "gae",
  "standardised-gae",
];

/** Multiples of 1/8 in [-2, 2]. */
const eighths: fc.Arbitrary<number> = fc.integer({ min: -16, max: 16 }).map((n) => n / 8);

/** A row of probabilities, with zeros more often than not. */
function distribution(n: number): fc.Arbitrary<number[]> {
  return fc.array(fc.constantFrom(0, 0, 1, 2, 5), { minLength: n, maxLength: n }).map((weights) => {
    const total = weights.reduce<number>((sum, w) => sum + w, 0);
    return total === 0 ? weights.map((_, i): number => (i === 0 ? 1 : 0)) : weights.map((w) => w / total);
  });
}

function table<T>(S: number, A: number, entry: fc.Arbitrary<T>): fc.Arbitrary<T[][]> {
  return fc.array(fc.array(entry, { minLength: A, maxLength: A }), { minLength: S, maxLength: S });
}

/** An MDP with rewards of the given scale. */
export function mdps(S: number, A: number, horizon: number, scale: number): fc.Arbitrary<Mdp> {
  return fc.record({
    initial: distribution(S),
    transitions: table(S, A, distribution(S)),
    rewards: table(
      S,
      A,
      eighths.map((r) => r * scale),
    ),
    horizon: fc.constant(horizon),
    discount: fc.constantFrom(1, 0.9, 0.5, 0),
  });
}

/**
 * Random problems: states, actions and horizon; transitions with zeros; rewards of any sign and of scale 1/1000 to 1000;
 * one task or two; α of both signs; ζ, N ∈ {1, 2, 3}, M ∈ {1, 2}; every inner rule. As many of them as fit the budget
 * of terms, which is a limit on time alone.
 */
export function problems(budget: number): fc.Arbitrary<ExactProblem> {
  const shape = fc.record({
    S: fc.integer({ min: 1, max: 3 }),
    A: fc.integer({ min: 2, max: 3 }),
    H: fc.integer({ min: 1, max: 3 }),
    scale: fc.constantFrom(0.001, 1, 1, 1000),
    tasks: fc.constantFrom(1, 1, 2),
    size: fc.record({
      steps: fc.integer({ min: 1, max: 3 }),
      trajectories: fc.integer({ min: 1, max: 3 }),
      outerTrajectories: fc.integer({ min: 1, max: 2 }),
    }),
    alpha: fc.integer({ min: -8, max: 8 }).map((n) => n / 4),
    advantage: fc.constantFrom(...advantageNames),
    convention: fc.constantFrom("paper" as const, "timestep-mean" as const),
    gaeLambda: fc.constantFrom(0, 0.9, 1),
  });
  return shape
    .chain(({ S, A, H, scale, tasks, size, alpha, advantage, convention, gaeLambda }) => {
      const standardised = advantage.startsWith("standardised");
      return fc.record<ExactProblem>({
        tasks: fc.array(fc.record({ weight: fc.constantFrom(1, 3), mdp: mdps(S, A, H, scale) }), {
          minLength: tasks,
          maxLength: tasks,
        }),
        theta: table(S, A, eighths),
        inner: fc.constant({
          stepSize: standardised ? alpha : alpha / scale,
          steps: size.steps,
          trajectories: size.trajectories,
          advantage,
          convention,
          gaeLambda,
        }),
        outerTrajectories: fc.constant(size.outerTrajectories),
      });
    })
    .filter((problem) => termsOf(problem) <= budget);
}

/**
 * Problems of the kinds that small random ones seldom are: ζ = 2 or 3 with N = 2 and H = 2, trajectories that end early,
 * a policy whose states share parameters, rewards with a coin that the policy does not see.
 */
export function rareProblems(budget: number): fc.Arbitrary<ExactProblem> {
  return fc
    .record({
      deep: fc.constantFrom(0, 0, 0, 0, 2, 3),
      sharing: fc.constantFrom(
        "none" as const,
        "features" as const,
        "coin" as const,
        "coin" as const,
        "coin" as const,
      ),
      ends: fc.boolean(),
      alpha: fc.integer({ min: -8, max: 8 }).map((n) => n / 4),
      advantage: fc.constantFrom(...advantageNames),
      shallow: fc.record({
        H: fc.integer({ min: 1, max: 3 }),
        steps: fc.integer({ min: 1, max: 2 }),
        trajectories: fc.integer({ min: 1, max: 2 }),
      }),
      discount: fc.constantFrom(1, 0.9, 0.5),
    })
    .chain(({ deep, sharing, ends, alpha, advantage, shallow, discount }) => {
      const { H, steps, trajectories: N } = deep > 0 ? { H: 2, steps: deep, trajectories: 2 } : shallow;
      // With T trajectories there are (T(T+1)/2)^ζ T terms: one successor a pair, and for ζ = 3 an early end, keep T small.
      const early = ends || deep === 3;
      const coin = sharing === "coin" && deep === 0;
      const S = coin ? 1 : 2;
      const features =
        sharing !== "none" && !coin ? fc.constantFrom<number[][][]>([[1], [2]], [[0.5], [-1]]) : undefined;
      return fc
        .record({
          next: table(2, 2, fc.integer({ min: 0, max: S - 1 })),
          rewards: table(2, 2, eighths),
          spread: fc.integer({ min: 1, max: 8 }).map((n) => n / 8),
          features: features ?? fc.constant(undefined),
          theta: table(features === undefined ? S : 1, 2, eighths),
        })
        .map(({ next, rewards, spread, features, theta }): ExactProblem => {
          const base = oneSuccessor(S, next, rewards, { horizon: H, discount, early });
          const mdp = coin ? withCoin(base, spread) : base;
          const rows = (own: readonly number[][]): number[][] => [
            ...own,
            ...(early ? [own[0]!.map(() => 0)] : []),
          ];
          const phi = coin ? [[1], [1]] : features; // both sides of the coin look alike
          return {
            tasks: [{ weight: 1, mdp }],
            theta: phi === undefined ? rows(theta) : theta,
            ...(phi === undefined ? {} : { features: rows(phi) }),
            inner: { stepSize: alpha, steps, trajectories: N, advantage },
            outerTrajectories: 1,
          };
        });
    })
    .filter((problem) => termsOf(problem) <= budget);
}

/** One successor for each (s, a); with `early`, action 1 of state 0 ends the trajectory in a state of its own. */
function oneSuccessor(
  S: number,
  next: readonly number[][],
  rewards: readonly number[][],
  {
    horizon,
    discount,
    early,
  }: { readonly horizon: number; readonly discount: number; readonly early: boolean },
): Mdp {
  const states = early ? S + 1 : S;
  const unit = (to: number): number[] => Array.from({ length: states }, (_, s) => (s === to ? 1 : 0));
  const rowsOf = (s: number): number[][] =>
    [0, 1].map((a) => unit(early && (s >= S || (s === 0 && a === 1)) ? S : next[s]![a]!));
  return {
    initial: unit(0),
    transitions: Array.from({ length: states }, (_, s) => rowsOf(s)),
    rewards: Array.from({ length: states }, (_, s) => (s < S ? rewards[s]! : [0, 0])),
    ...(early ? { terminal: Array.from({ length: states }, (_, s) => s === S) } : {}),
    horizon,
    discount,
  };
}

/** Of an MDP of one state (and perhaps an end): a fair coin, thrown at each step, adds ± spread to the rewards. */
function withCoin({ initial, transitions, rewards, terminal, ...rest }: Mdp, spread: number): Mdp {
  const split = ([p = 0, ...end]: readonly number[]): number[] => [p / 2, p / 2, ...end];
  const [own, ...end] = transitions;
  const rows = own!.map(split);
  const shifted = (sign: number): number[] => rewards[0]!.map((r, a) => r + sign * (a + 1) * spread);
  return {
    initial: split(initial),
    transitions: [rows, rows, ...end.map((after) => after.map(split))],
    rewards: [shifted(1), shifted(-1), ...rewards.slice(1)],
    ...(terminal === undefined ? {} : { terminal: [false, ...terminal] }),
    ...rest,
  };
}

/** What is asked of a set of random problems: that it has many of each of these. */
export const kinds: Readonly<Record<string, (problem: ExactProblem) => boolean>> = {
  "ζ = 2, N ≥ 2, H ≥ 2": (problem) => isDeep(problem, 2),
  "ζ = 3, N ≥ 2, H ≥ 2": (problem) => isDeep(problem, 3),
  "states share parameters": ({ features, tasks }) =>
    features !== undefined && !tasks.some(({ mdp }) => hasCoin(features, mdp)),
  "trajectories that end early": ({ tasks }) =>
    tasks.some(({ mdp }) => trajectories(mdp).some(({ actions }) => actions.length < mdp.horizon)),
  "random rewards": ({ features, tasks }) =>
    features !== undefined && tasks.some(({ mdp }) => hasCoin(features, mdp)),
  "γ < 1, H ≥ 2": ({ tasks }) => tasks.some(({ mdp }) => mdp.discount < 1 && mdp.horizon >= 2),
};

function isDeep({ tasks, inner: { steps, trajectories: N } }: ExactProblem, zeta: number): boolean {
  return steps === zeta && N >= 2 && tasks.every(({ mdp }) => mdp.horizon >= 2);
}

/** Two states that look alike to the policy and pay differently. */
function hasCoin([first, second]: readonly (readonly number[])[], { rewards }: Mdp): boolean {
  return String(first) === String(second) && String(rewards[0]) !== String(rewards[1]);
}

export function termsOf(problem: ExactProblem): number {
  return problem.tasks.reduce((sum, { mdp }) => sum + termCount(problem, mdp).outcomes, 0);
}

export function maxAbsDifference(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = Math.abs(x[i]! - y[i]!);
    if (!(difference <= largest)) largest = difference; // NaN counts as large
  }
  return largest;
}

/** One of the data sets of inner steps of a problem's first task. */
export function enumeratedBatch(problem: ExactProblem, choice: number): TrajectoryBatch {
  const { mdp } = problem.tasks[0]!;
  const sets = dataSets(trajectories(mdp), mdp, sizesOf(problem), problem.inner.trajectories);
  return sets[choice % sets.length]!.batch;
}
