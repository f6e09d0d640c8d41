// The exact machinery against plain recursion over steps, actions and data sets, which shares no code with it.
import { array } from "@sgmrl/autodiff";
import { differentiateByDifferences } from "@sgmrl/autodiff/testing";
import type { Mdp } from "@sgmrl/envs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dataSets, trajectories } from "../../src/exact/enumerate.ts";
import { expectedReturn, expectedReturns } from "../../src/exact/expected-return.ts";
import { dataProbabilities } from "../../src/exact/histories.ts";
import { exactMaml, objective, valueAndGradient } from "../../src/exact/objective.ts";
import { logSoftmaxRows } from "../../src/exact/tabular-softmax.ts";
import { returns } from "../../src/trajectory.ts";
import { eighths } from "../support/batch.ts";
import { maxAbsDifference, mdps, twoStateProblem } from "../support/exact-problems.ts";

const sizes = { states: 2, actions: 2 };
const tables = fc.array(eighths, { minLength: 4, maxLength: 4 }).map((logits) => Float64Array.from(logits));

function softmax(theta: readonly number[], s: number): [number, number] {
  const [x, y] = [Math.exp(theta[2 * s]!), Math.exp(theta[2 * s + 1]!)];
  return [x / (x + y), y / (x + y)];
}

interface Path {
  readonly steps: readonly (readonly [s: number, a: number])[];
  readonly probability: number;
}

function paths(mdp: Mdp, theta: readonly number[]): Path[] {
  const extend = (path: Path, s: number, arrive: number): Path[] =>
    [0, 1].flatMap((a) => {
      const steps = [...path.steps, [s, a] as const];
      const probability = path.probability * arrive * softmax(theta, s)[a]!;
      if (steps.length === mdp.horizon) return [{ steps, probability }];
      return mdp.transitions[s]![a]!.flatMap((p, next) => extend({ steps, probability }, next, p));
    });
  return mdp.initial.flatMap((p, s) => extend({ steps: [], probability: 1 }, s, p));
}

function plainReturn(mdp: Mdp, { steps }: Path, from = 0): number {
  return steps.reduce((sum, [s, a], h) => sum + (h < from ? 0 : mdp.discount ** h * mdp.rewards[s]![a]!), 0);
}

function plainJ(mdp: Mdp, theta: readonly number[]): number {
  return paths(mdp, theta).reduce((sum, path) => sum + path.probability * plainReturn(mdp, path), 0);
}

/** θ + α (1/N) Σ_j Σ_h (e_a − π) R^h */
function plainStep(mdp: Mdp, theta: readonly number[], alpha: number, data: readonly Path[]): number[] {
  const next = [...theta];
  for (const path of data) {
    path.steps.forEach(([s, a], h) => {
      const weight = (alpha * plainReturn(mdp, path, h)) / data.length;
      [0, 1].forEach((b) => {
        next[2 * s + b]! += weight * ((a === b ? 1 : 0) - softmax(theta, s)[b]!);
      });
    });
  }
  return next;
}

function plainV(mdp: Mdp, theta: readonly number[], alpha: number, N: number, steps: number): number {
  if (steps === 0) return plainJ(mdp, theta);
  const all = paths(mdp, theta).filter(({ probability }) => probability > 0);
  const draw = (data: readonly Path[], probability: number): number =>
    data.length === N
      ? probability * plainV(mdp, plainStep(mdp, theta, alpha, data), alpha, N, steps - 1)
      : all.reduce((sum, path) => sum + draw([...data, path], probability * path.probability), 0);
  return draw([], 1);
}

describe("[eq:enumeration] trajectories and data sets", () => {
  it("have the probabilities and returns of plain recursion", () => {
    fc.assert(
      fc.property(mdps(2, 2, 3, 1), tables, (mdp, theta) => {
        const sets = dataSets(trajectories(mdp), mdp, sizes, 1);
        const probabilities = dataProbabilities(mdp, sizes, sets)(theta);
        const ours = sets.map(({ batch }, i) => [probabilities[i]!, returns(batch, mdp.discount)[0]!]);
        const plain = paths(mdp, [...theta])
          .filter(({ probability }) => probability > 0)
          .map((path) => [path.probability, plainReturn(mdp, path)]);
        const sorted = (rows: number[][]): number[] =>
          rows.toSorted(([p, R], [q, S]) => R! - S! || p! - q!).flat();
        expect(maxAbsDifference(sorted(ours), sorted(plain))).toBeLessThan(1e-12);
      }),
    );
  });
});

it("[eq:backward-induction] is the sum over trajectories, in both forms", () => {
  fc.assert(
    fc.property(mdps(2, 2, 3, 1), tables, (mdp, theta) => {
      const logPolicy = logSoftmaxRows(theta, sizes);
      const expected = plainJ(mdp, [...theta]);
      expect(expectedReturn(logPolicy, mdp, sizes)).toBeCloseTo(expected, 12);
      expect(expectedReturns(array(logPolicy, [1, 2, 2]), mdp, sizes).data[0]).toBeCloseTo(expected, 12);
    }),
  );
});

describe("[eq:objective] [eq:inner-step] the objective", () => {
  it.each([
    { steps: 1, trajectories: 1, horizon: 2 },
    { steps: 1, trajectories: 2, horizon: 2 },
    { steps: 2, trajectories: 2, horizon: 1 },
    { steps: 1, trajectories: 3, horizon: 1 },
  ])("is the plain sum over ordered data sets, %o", (size) => {
    const problem = twoStateProblem({ ...size, stepSize: 1.3 });
    const { mdp } = problem.tasks[0]!;
    const expected = plainV(mdp, problem.theta.flat(), 1.3, size.trajectories, size.steps);
    expect(objective(problem)).toBeCloseTo(expected, 13);
    expect(valueAndGradient(problem).value).toBeCloseTo(expected, 13);
  });
});

describe("[eq:exact-maml] the objective with exact steps", () => {
  const problem = twoStateProblem({ horizon: 2, steps: 1, stepSize: 1.3 });
  const { mdp } = problem.tasks[0]!;
  const value = (theta: readonly number[]): number => {
    const slopes = theta.map(
      (_, i) =>
        differentiateByDifferences((t) => Float64Array.of(plainJ(mdp, theta.with(i, theta[i]! + t))))
          .derivative[0]!,
    );
    return plainJ(
      mdp,
      theta.map((x, i) => x + 1.3 * slopes[i]!),
    );
  };

  it("is J after a step along differences of J, and differs from V", () => {
    expect(exactMaml(problem).value).toBeCloseTo(value(problem.theta.flat()), 9);
    expect(Math.abs(exactMaml(problem).value - objective(problem))).toBeGreaterThan(1e-2);
  });
});
