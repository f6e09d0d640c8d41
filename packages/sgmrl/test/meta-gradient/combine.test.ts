/** How the terms of a batch become one gradient, against the formula written out. */
import { type Key, key } from "@sgmrl/autodiff/random";
import { latticeTaskKeys, type TaskKey } from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { blocksOf } from "../../src/execution/block.ts";
import { findEstimator } from "../../src/meta-gradient/catalogue.ts";
import {
  type Combination,
  compared,
  computesScore,
  meanGradient,
  returnLessOtherTasks,
  type Terms,
  weighed,
} from "../../src/meta-gradient/combine.ts";
import type { UnitResult } from "../../src/meta-gradient/contribution.ts";
import { partsOf } from "../../src/meta-gradient/parts.ts";
import { leastErrorCoefficient, remember } from "../../src/meta-gradient/score-coefficient.ts";
import { createUnit } from "../../src/meta-gradient/unit.ts";
import { trainingKeys } from "../../src/training/keys.ts";

const B = 5;
const d = 3;
const places: TaskKey[] = latticeTaskKeys(key(1), 0, B);
const terms: Terms[] = Array.from({ length: B }, (_, i) => ({
  pathwise: Float64Array.from({ length: d }, (_, k) => Math.sin(i + 2 * k)),
  score: Float64Array.from({ length: d }, (_, k) => Math.cos(3 * i - k)),
  meanReturn: i ** 2 - 3,
}));

/** (1/B) Σ_i (P_i + c k_i m_i S_i), with S_i = 0 where it is not computed. */
function writtenOut(c: number, k: readonly number[], m: readonly number[]): number[] {
  return Array.from({ length: d }, (_, q) =>
    terms.reduce(
      (sum, { pathwise, score }, i) => sum + (pathwise[q]! + c * k[i]! * m[i]! * score![q]!) / B,
      0,
    ),
  );
}

/** As a run does it: each task's terms weighed, tasks compared, the mean taken. */
function combined(combination: Combination, memory = remembered) {
  const sums = terms.map((each, i) => {
    const score = computesScore(combination, places[i]!) ? each.score : null;
    return weighed(combination, places[i]!, { ...each, score });
  });
  return meanGradient(combination, compared(combination, sums), B, memory, 2);
}

const one = [1, 1, 1, 1, 1];
const remembered = [1, 2, 3].reduce<ReturnType<typeof remember> | undefined>(
  (memory, x) => remember(memory, Float64Array.of(x, 1, 0), Float64Array.of(1, x / 4, 1)),
  undefined,
)!;
const meanOfOthers = (i: number): number =>
  (terms.reduce((sum, { meanReturn }) => sum + meanReturn, 0) - terms[i]!.meanReturn) / (B - 1);
const m = terms.map(({ meanReturn }, i) => meanReturn - meanOfOthers(i));
/** c of "auto" does not depend on the batch. */
const auto = meanGradient(
  { estimator: findEstimator("sgmrl"), scoreCoefficient: "auto" },
  terms,
  B,
  remembered,
  2,
).chosen!.scoreCoefficient;

const every = { 1: one, 2: [5 / 3, 0, 5 / 3, 0, 5 / 3] } as const;
const cases = [1, 0.5, 0, "auto" as const].flatMap((c) =>
  ([1, 2] as const).flatMap((K) =>
    (["jackknife-linear", "sgmrl-other-tasks"] as const).map((name) => ({ c, K, name })),
  ),
);

describe("[eq:score-coefficient] [eq:score-share] [eq:multiplier-other-tasks] the terms meet", () => {
  it.each(cases)("c = $c, K = $K, $name", ({ c, K, name }) => {
    const { gradient, chosen } = combined({
      estimator: findEstimator(name),
      scoreCoefficient: c,
      scoreEvery: K,
    });
    const expected = writtenOut(c === "auto" ? auto : c, every[K], name === "jackknife-linear" ? one : m);
    gradient.forEach((x, q) => {
      expect(x).toBeCloseTo(expected[q]!, 13);
    });
    expect(chosen?.scoreCoefficient).toBe(c === "auto" ? auto : undefined);
  });

  it("by default c = 1 and every task computes its score term", () => {
    const { gradient } = combined({ estimator: findEstimator("sgmrl") });
    gradient.forEach((x, q) => {
      expect(x).toBeCloseTo(writtenOut(1, one, one)[q]!, 13);
    });
  });

  it("auto weighs the score term as it enters the mean, other tasks' baseline included", () => {
    const estimator = findEstimator("sgmrl-other-tasks");
    const { chosen } = combined({ estimator, scoreCoefficient: "auto" });
    const score = Array.from({ length: d }, (_, q) =>
      terms.reduce((sum, each, i) => sum + (m[i]! * each.score![q]!) / B, 0),
    );
    chosen!.scoreMemory.score.forEach((x, q) => {
      expect(x).toBeCloseTo(0.9 * remembered.score[q]! + score[q]!, 13);
    });
    expect(leastErrorCoefficient(1, 1, 0)).toBe(0.5);
  });

  it("in blocks of tasks as one by one", () => {
    const asResults = terms.map(
      (each): UnitResult => ({ ...each, statistics: {}, seconds: { rollout: 0, adapt: 0, metaGradient: 0 } }),
    );
    const keys = places.map((task) => ({ task, noise: key(0) as Key }));
    for (const { c, K, name } of cases) {
      const combination = { estimator: findEstimator(name), scoreCoefficient: c, scoreEvery: K };
      const blocks = [
        ...blocksOf(combination, keys.slice(0, 4), asResults.slice(0, 4)),
        ...blocksOf(combination, keys.slice(4), asResults.slice(4)),
      ];
      expect(blocks).toHaveLength(name === "sgmrl-other-tasks" ? B : 2);
      const sums = compared(
        combination,
        blocks.map(({ sum }) => sum),
      );
      const whole = compared(
        combination,
        keys.flatMap((k, i) => blocksOf(combination, [k], [asResults[i]!])).map(({ sum }) => sum),
      );
      expect(meanGradient(combination, sums, B, remembered, 2)).toEqual(
        meanGradient(combination, whole, B, remembered, 2),
      );
    }
  });
});

describe("the figures of the score terms", () => {
  const figures = (i: number) => ({
    scoreNorm: 2 + i,
    multiplierMean: 1,
    multiplierStd: i,
    effectiveSampleSize: 0.5,
  });
  const means = (combination: Combination): Record<string, number> => {
    const sums = terms.map((each, i) => {
      const scored = computesScore(combination, places[i]!);
      const none = { scoreNorm: 0, multiplierMean: 0, multiplierStd: 0, effectiveSampleSize: 1 };
      const score = scored ? each.score : null;
      const statistics: Record<string, number> = { pathwiseNorm: 7, ...(scored ? figures(i) : none) };
      return weighed(combination, places[i]!, { ...each, score, statistics });
    });
    const all = compared(combination, sums).map(({ statistics }) => statistics);
    return Object.fromEntries(
      Object.keys(all[0]!).map((name) => [name, all.reduce((sum, one) => sum + one[name]!, 0) / B]),
    );
  };

  it("[eq:score-share] are means over the tasks that compute one", () => {
    const of = [0, 2, 4].map(figures);
    const { pathwiseNorm, ...score } = means({ estimator: findEstimator("jackknife-linear"), scoreEvery: 2 });
    expect(pathwiseNorm).toBe(7);
    for (const name of ["scoreNorm", "multiplierMean", "multiplierStd", "effectiveSampleSize"] as const)
      expect(score[name]).toBeCloseTo(of.reduce((sum, one) => sum + one[name], 0) / 3, 14);
  });

  it("[eq:multiplier-other-tasks] are of the factors that tasks are multiplied by", () => {
    const found = means({ estimator: findEstimator("sgmrl-other-tasks") });
    const mean = (of: (i: number) => number) => m.reduce((sum, _, i) => sum + of(i), 0) / B;
    expect(found.multiplierMean).toBeCloseTo(
      mean((i) => m[i]!),
      14,
    );
    expect(found.multiplierStd).toBeCloseTo(
      mean((i) => Math.abs(m[i]!) * i),
      14,
    );
    expect(found.scoreNorm).toBeCloseTo(
      mean((i) => Math.abs(m[i]!) * (2 + i)),
      14,
    );
    expect(found.effectiveSampleSize).toBe(0.5);
    expect(found.pathwiseNorm).toBe(7);
  });
});

it("an estimator's own figures cannot replace those of every task", () => {
  const config = parseConfig({ file: { experiment: { horizon: 3, policy: { hidden: [2] } } } });
  const { task, noise } = trainingKeys(config, 0)[0]!;
  const contribute = (name: string) => {
    const estimator = { ...findEstimator("emaml-published"), taskFigures: () => ({ [name]: 7 }) };
    const unit = createUnit({ ...partsOf(config.experiment), estimator });
    return unit.contribute(unit.initialize(key(4)), task, noise).statistics;
  };
  expect(contribute("own").own).toBe(7);
  for (const name of ["scoreNorm", "pathwiseNorm", "multiplierMean", "postReturn"])
    expect(() => contribute(name)).toThrow(
      `emaml-published: taskFigures: "${name}" is a statistic of every task; choose another name.`,
    );
});

it("[eq:multiplier-other-tasks] m_i = Ĵ_i less the mean of the others; Ĵ for a task alone", () => {
  expect(returnLessOtherTasks([3])).toEqual([3]);
  expect(returnLessOtherTasks([3, 5, 9])).toEqual([3 - 7, 5 - 6, 9 - 4]);
});

it("[eq:score-share] a unit computes the score term of every K-th task of a lattice only, and gives both terms", () => {
  const config = parseConfig({
    file: {
      experiment: {
        estimator: { name: "jackknife-linear", scoreEvery: 2, scoreCoefficient: 0.5 },
        inner: { trajectories: 3, steps: 2 },
        outer: { trajectories: 3 },
        policy: { hidden: [4] },
        horizon: 6,
        precision: "float64",
      },
      tasks: B,
      taskSampling: "lattice",
    },
  });
  const results = (scoreEvery: number): UnitResult[] => {
    const unit = createUnit({ ...partsOf(config.experiment), scoreEvery });
    const theta = unit.initialize(key(4));
    return trainingKeys(config, 0).map(({ task, noise }) => unit.contribute(theta, task, noise));
  };
  const [all, some] = [results(1), results(2)];
  some.forEach(({ pathwise, score }, i) => {
    expect(pathwise).toEqual(all[i]!.pathwise);
    expect(score).toEqual(i % 2 === 0 ? all[i]!.score : null);
  });
  expect(all.every(({ score }) => score!.some((x) => x !== 0))).toBe(true);
});
