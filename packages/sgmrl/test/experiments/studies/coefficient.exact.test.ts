/** The coefficient as training chooses it, and the error of a batch with it. */
import { fold, key } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addScaled, dot, sub } from "../../../src/arithmetic.ts";
import { parseConfig } from "../../../src/config/parse-config.ts";
import { moments } from "../../../src/exact/moments.ts";
import { gradient } from "../../../src/exact/objective.ts";
import type { ExactProblem } from "../../../src/exact/problem.ts";
import { samples } from "../../../src/exact/sampling.ts";
import { needle, rivals, twoDoors } from "../../../src/experiments/problems.ts";
import { exactRun } from "../../../src/experiments/studies/coefficient/coefficient.ts";
import { batchError } from "../../../src/experiments/studies/coefficient/enumerable.ts";
import { bestOfQuadratic, rowOf } from "../../../src/experiments/studies/coefficient/errors.ts";
import { sampledRun } from "../../../src/experiments/studies/coefficient/sampled.ts";
import { findEstimator } from "../../../src/meta-gradient/catalogue.ts";
import { readLines } from "../../../src/training/store/run-directory.ts";
import { train } from "../../../src/training/train.ts";
import { emptyFolder } from "../../support/runs.ts";

const [maml, linear] = ["maml", "jackknife-linear"].map((name) => findEstimator(name));
const problems: readonly ExactProblem[] = [
  { ...needle(0.45, { stepSize: 10, trajectories: 2 }), theta: [[0.3, -0.2, 0.1, 0]] },
  twoDoors(0.8, { stepSize: 10, trajectories: 3 }, 0.4),
  rivals(),
];

describe("[eq:batch-error] the error of P̄ + c S̄", () => {
  it("of independent tasks is that of the whole family's moments", () => {
    const cases = fc.record({
      problem: fc.constantFrom(...problems),
      c: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 50 }), ({ problem, c }, batch) => {
        const [whole] = moments(problem, [linear!], { scoreCoefficient: c });
        const bias = sub(whole!.mean, gradient(problem));
        const found = batchError(problem, "independent", batch, c);
        expect(Math.abs(found.squaredBias - dot(bias, bias))).toBeLessThan(1e-12);
        expect(found.variance).toBeCloseTo(whole!.variance / batch, 12);
      }),
      { numRuns: 30 },
    );
  });

  it("with c = 0 is MAML's", () => {
    for (const problem of problems) {
      const [whole] = moments(problem, [maml!]);
      expect(batchError(problem, "independent", 20, 0).variance).toBeCloseTo(whole!.variance / 20, 12);
    }
  });

  it("of stratified tasks is what batches of them show", () => {
    // Two tasks of weight ½, a batch of one each: 2000 batches, a standard error of some 3%.
    const problem = {
      ...rivals(),
      inner: { stepSize: 0.5, steps: 1, trajectories: 2 },
      theta: [[0.2, -0.2]],
    };
    const c = 0.6;
    const parts = problem.tasks.map(({ mdp }) => ({ ...problem, tasks: [{ weight: 1, mdp }] }));
    const drawn = parts.map((part, i) => [...samples(part, [maml!, linear!], fold(key(5), i), 2000)]);
    const truth = gradient(problem);
    let total = 0;
    for (let b = 0; b < 2000; b++) {
      const mean = drawn.reduce<Float64Array>((sum, each) => {
        const [P, whole] = each[b]!.gradients as [Float64Array, Float64Array];
        return addScaled(addScaled(sum, 1 / 2, P), c / 2, sub(whole, P));
      }, new Float64Array(2));
      const error = sub(mean, truth);
      total += dot(error, error) / 2000;
    }
    const { squaredBias, variance } = batchError(problem, "stratified", 2, c);
    expect(Math.abs(total / (squaredBias + variance) - 1)).toBeLessThan(0.15); // 5 standard errors
    // The tasks differ: independent draws are noisier, by more than that.
    const independent = batchError(problem, "independent", 2, c);
    expect((independent.squaredBias + independent.variance) / (squaredBias + variance)).toBeGreaterThan(1.2);
  });

  it("refuses a batch that cannot be stratified", () => {
    expect(() => exactRun(twoDoors(0.77, { stepSize: 1, trajectories: 2 }), "stratified", [1], 0)).toThrow(
      /20 tasks of weight 0.77/,
    );
  });
});

it("the best constant is no worse than any other", () => {
  const number = fc.double({ min: -5, max: 5, noNaN: true });
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(number, number, number, unit, (a, b, d, c) => {
      const error = (x: number) => a * x * x + b * x + d;
      expect(error(bestOfQuadratic(error))).toBeLessThanOrEqual(error(c) + 1e-9);
    }),
  );
});

describe("a run's coefficient", () => {
  it("is 0 until two batches are known, and its error is not below the best constant's", () => {
    const runs = [0, 1].map((seed) => exactRun(rivals(), "stratified", [0, 1, 2, 12], seed));
    for (const run of runs) {
      expect(run.slice(0, 2).map(({ coefficient }) => coefficient)).toEqual([0, 0]);
      expect(run[0]!.chosen).toEqual(run[0]!.maml);
      for (const { chosen, best, maml: plain } of run) {
        const total = ({ squaredBias, variance }: typeof chosen) => squaredBias + variance;
        expect(total(best)).toBeLessThanOrEqual(total(chosen) * (1 + 1e-9));
        expect(total(best)).toBeLessThanOrEqual(total(plain) * (1 + 1e-9));
      }
    }
    expect(runs.some((run) => run[3]!.coefficient > 0)).toBe(true);
    expect(runs[0]![3]).not.toEqual(runs[1]![3]);
  });

  it("is the one that training chooses, from the same keys", async () => {
    const config = parseConfig({
      preset: "quick",
      file: {
        experiment: {
          estimator: { name: "jackknife-linear", scoreCoefficient: "auto" },
          inner: { trajectories: 3 },
          outer: { trajectories: 3 },
          policy: { hidden: [4] },
          horizon: 6,
        },
        optimizer: { learningRate: 0.01 },
        seed: 3,
        iterations: 6,
        tasks: 20,
        taskSampling: "lattice",
        evaluation: { every: 100, tasks: 2, finalTasks: 2, steps: 1 },
      },
    });
    const run = await train(config, `${emptyFolder()}/run`, { workers: 0 });
    const logged = readLines<{ scoreCoefficient: number }>(run.files.metrics, () => "").lines.map(
      (line) => line.scoreCoefficient,
    );
    const family = { name: "small", experiment: config.experiment, learningRate: 0.01 };
    const found = sampledRun(family, "lattice", [0, 1, 2, 3, 4, 5, 6], 3);
    found.slice(0, 6).forEach(({ coefficient }, k) => {
      expect(coefficient).toBeCloseTo(logged[k]!, 9);
    });
    expect(logged.some((c) => c > 0)).toBe(true);
    expect(Math.max(...sub(found[6]!.theta, run.state.theta).map(Math.abs))).toBeLessThan(1e-9);
  });
});

it("a row is the ratio of sums over runs, with an interval over runs", () => {
  const terms = (squaredBias: number, variance: number) => ({ squaredBias, variance });
  const runs = [1, 2, 3].map((x) => ({
    coefficient: x / 4,
    chosen: terms(1, x),
    maml: terms(4, 19 * x),
    best: terms(1, 0),
  }));
  const row = rowOf({ problem: "p", tasks: "independent", iteration: 1 }, runs);
  expect(row.coefficient.mean).toBeCloseTo(0.5, 12);
  expect(row.overMaml.mean).toBeCloseTo(9 / 126, 12);
  expect(row.averagedOverMaml.mean).toBeCloseTo((3 + 6 / 19) / 18, 12);
  expect(row.bestOverMaml.mean).toBeCloseTo(3 / 126, 12);
  expect(row.overMaml.margin).toBeGreaterThan(0);
});
