// [eq:interquartile-mean] [eq:performance-profile] [eq:probability-of-improvement] [eq:stratified-bootstrap]
import { fold, key, normal } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bootstrapInterval,
  interquartileMean,
  performanceProfile,
  probabilityOfImprovement,
  type Scores,
} from "../../src/statistics/run-statistics.ts";

const scores = (problems = fc.integer({ min: 1, max: 4 })): fc.Arbitrary<number[][]> =>
  problems.chain((m) =>
    fc.array(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 6 }), {
      minLength: m,
      maxLength: m,
    }),
  );
const mean = (values: readonly number[]): number => values.reduce((s, x) => s + x, 0) / values.length;

describe("numbers that others give", () => {
  it("the tests of rliable, the code of Agarwal et al.: interquartile means 3/2 and 2, improvement 1/3", () => {
    const x = [
      [1, 2, 1, 2],
      [2, 2, 1, 1],
    ];
    const y = [
      [1, 2, 3],
      [1, 2, 3],
    ];
    expect(interquartileMean(x)).toBe(1.5);
    expect(interquartileMean(y)).toBe(2);
    expect(probabilityOfImprovement(x, y)).toBeCloseTo(1 / 3, 12);
  });

  // trim_mean(…, 0.25, axis=None), and mannwhitneyu(…).statistic / 25 of each problem: rliable calls these.
  it("SciPy 1.17.1, of five runs on each of three problems", () => {
    const x = [
      [-14.2, -13.9, -20.5, -15.1, -14.8],
      [0.93, 0.91, 0.94, 0.9, 0.52],
      [128, 147, 66, 202, 183],
    ];
    const y = [
      [-16.2, -24.9, -13.8, -27.8, -14.8],
      [0.53, 0.5, 0.56, 0.52, 0.55],
      [128, 80, 183, 110, 95],
    ];
    expect(interquartileMean(x)).toBeCloseTo(18.9, 12);
    expect(interquartileMean(y)).toBeCloseTo(16.56222222222222, 12);
    [0.66, 0.86, 0.68].forEach((value, m) => {
      expect(probabilityOfImprovement([x[m]!], [y[m]!])).toBeCloseTo(value, 12);
    });
    expect(probabilityOfImprovement(x, y)).toBeCloseTo(0.7333333333333334, 12);
  });
});

describe("interquartileMean", () => {
  it("holds for numbers worked by hand", () => {
    expect(interquartileMean([[1, 2, 3, 4, 5, 6, 7, 1000]])).toBe(4.5); // 3, 4, 5, 6
    expect(interquartileMean([[9, 1], [5], [3, 1000]])).toBeCloseTo((3 + 5 + 9) / 3, 12); // ⌊5/4⌋ = 1 off each end
    expect(interquartileMean([[7]])).toBe(7);
  });

  it("moves and stretches with the scores, and does not see the outer quarters", () => {
    fc.assert(
      fc.property(
        scores(),
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        (x, shift, scale) => {
          const moved = x.map((runs) => runs.map((value) => scale * value + shift));
          expect(interquartileMean(moved)).toBeCloseTo(scale * interquartileMean(x) + shift, 9);
          const all = x.flat();
          const top = Math.max(...all);
          const raised = [all.map((value, i) => (i === all.indexOf(top) ? value + 1e6 : value))];
          if (all.length >= 4) expect(interquartileMean(raised)).toBeCloseTo(interquartileMean(x), 9);
        },
      ),
    );
  });
});

describe("performanceProfile", () => {
  it("falls from 1 to 0, and its integral is the mean over problems of the mean over runs", () => {
    fc.assert(
      fc.property(scores(), (x) => {
        // Whole scores: F̂ is constant on [k, k + 1), so that the integral from −20 is a sum.
        const integral = Array.from({ length: 41 }, (_, i) => performanceProfile(x, i - 20)).reduce(
          (s, p) => s + p,
        );
        expect(-20 + integral).toBeCloseTo(mean(x.map(mean)), 9);
        expect(performanceProfile(x, -21)).toBe(1);
        expect(performanceProfile(x, 20)).toBe(0);
      }),
    );
  });
});

describe("probabilityOfImprovement", () => {
  it("gives the Mann–Whitney statistic of the tortoise and the hare", () => {
    // The textbook race, first to last T H H H H H T T T T T H: U = 11 for the tortoises' 6 × 6 pairs.
    const order = "THHHHHTTTTTH";
    const places = (who: string): Scores => [[...order].flatMap((c, i) => (c === who ? [12 - i] : []))];
    expect(36 * probabilityOfImprovement(places("T"), places("H"))).toBeCloseTo(11, 12);
  });

  it("is 1/2 of itself, sums to 1 with the other way round, and counts pairs", () => {
    fc.assert(
      fc.property(
        scores(fc.constant(2)),
        scores(fc.constant(2)),
        fc.integer({ min: 1, max: 9 }),
        (x, y, shift) => {
          expect(probabilityOfImprovement(x, x)).toBeCloseTo(0.5, 12);
          expect(probabilityOfImprovement(x, y) + probabilityOfImprovement(y, x)).toBeCloseTo(1, 12);
          const better = x.map((runs) => runs.map((value) => value + shift));
          expect(probabilityOfImprovement(better, y)).toBeGreaterThanOrEqual(probabilityOfImprovement(x, y));
        },
      ),
    );
    expect(() => probabilityOfImprovement([[1]], [[1], [2]])).toThrow("equal numbers of problems");
  });
});

describe("bootstrapInterval", () => {
  it("has the quantiles of every way to draw 3 of 3 runs", () => {
    // Of the 27 draws of {0, 1, 3}: the mean is 0 in one, 1/3 in three, … ; each step holds far more than 20 of 20,000.
    const runs = [0, 1, 3];
    const means = runs
      .flatMap((a) => runs.flatMap((b) => runs.map((c) => (a + b + c) / 3)))
      .sort((a, b) => a - b);
    for (const confidence of [0.5, 0.8]) {
      const { value, low, high } = bootstrapInterval([[runs]], (x) => mean(x[0]!), key(3), {
        confidence,
        resamples: 20000,
      });
      expect(value).toBeCloseTo(4 / 3, 12);
      expect(low).toBeCloseTo(means[Math.floor((27 * (1 - confidence)) / 2)]!, 9);
      expect(high).toBeCloseTo(means[Math.floor((27 * (1 + confidence)) / 2)]!, 9);
    }
  });

  // Two strata: 27 × 27 draws. Of 20,000 draws a share has a standard deviation of at most 0.0035, so only quantiles
  // 0.01 or more from the next step of the distribution are compared.
  it.each([
    [
      "interquartileMean",
      [
        [
          [0, 1, 3],
          [10, 12, 19],
        ],
      ],
      interquartileMean,
    ],
    ["probabilityOfImprovement", [[[0, 4, 9]], [[1, 3, 8]]], probabilityOfImprovement],
  ] as const)("has the quantiles of every stratified draw: %s", (_, algorithms, statistic) => {
    const apply = statistic as (...resampled: readonly Scores[]) => number;
    const triples = ([a, b, c]: readonly number[]): number[][] => {
      const of = [a!, b!, c!];
      return of.flatMap((x) => of.flatMap((y) => of.map((z) => [x, y, z])));
    };
    const [first, second] = algorithms.flat().map(triples) as [number[][], number[][]];
    const exact = first
      .flatMap((x) => second.map((y) => (algorithms.length === 1 ? apply([x, y]) : apply([x], [y]))))
      .sort((a, b) => a - b);
    const at = (p: number): number => exact[Math.round(p * (exact.length - 1))]!;
    let compared = 0;
    for (const confidence of [0.3, 0.5, 0.6, 0.8, 0.9, 0.95]) {
      const { low, high } = bootstrapInterval<readonly Scores[]>(algorithms, apply, key(5), {
        confidence,
        resamples: 20000,
      });
      for (const [p, found] of [
        [(1 - confidence) / 2, low],
        [(1 + confidence) / 2, high],
      ] as const) {
        if (at(p - 0.01) !== at(p + 0.01)) continue;
        compared++;
        expect(found).toBeCloseTo(at(p), 9);
      }
    }
    expect(compared).toBeGreaterThan(4);
  });

  it("keeps the runs of a problem together, and draws each algorithm apart", () => {
    const apart: Scores = [[1, 2], [100, 200], [7]];
    const seen = new Set<string>();
    bootstrapInterval(
      [apart, apart],
      (x, y) => {
        for (const resampled of [x, y])
          for (const [m, runs] of resampled.entries()) {
            expect(runs).toHaveLength(apart[m]!.length);
            for (const score of runs) expect(apart[m]).toContain(score);
          }
        seen.add(JSON.stringify([x, y]));
        return 0;
      },
      key(1),
      { resamples: 500 },
    );
    expect(seen.size).toBeGreaterThan(100); // of 2⁸
    expect([...seen].some((pair) => JSON.parse(pair)[0][0][0] !== JSON.parse(pair)[1][0][0])).toBe(true);
  });

  it("gives the same interval for the same key, and another for another", () => {
    const x: Scores = [[1, 4, 2, 8, 5, 7]];
    const of = (seed: number) => bootstrapInterval([x], interquartileMean, key(seed), { resamples: 50 });
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  // As the docstring says of 5 normal scores. 800 experiments: the standard deviation of a share is at most 0.014.
  it("covers too little with 5 runs, and more with 30", () => {
    const coverage = (n: number): number => {
      const experiments = 800;
      const values = normal(fold(key(11), n), experiments * n);
      let covered = 0;
      for (let i = 0; i < experiments; i++) {
        const runs = [...values.subarray(i * n, (i + 1) * n)];
        const { low, high } = bootstrapInterval([[runs]], (x) => mean(x[0]!), fold(key(12), i), {
          resamples: 200,
        });
        if (low <= 0 && 0 <= high) covered++;
      }
      return covered / experiments;
    };
    const [few, more] = [coverage(5), coverage(30)];
    console.log(`percentile bootstrap, 95%: covers in ${few} with 5 scores, ${more} with 30`);
    expect(Math.abs(few - 0.83)).toBeLessThan(0.045);
    expect(more).toBeGreaterThan(few + 0.04);
    expect(more).toBeLessThan(0.965);
  });

  it("names the score that is not one", () => {
    expect(() => interquartileMean([])).toThrow("at least 1 problem");
    expect(() => performanceProfile([[1], []], 0)).toThrow("problem 1 has no run");
    expect(() => bootstrapInterval([[[1, Number.NaN]]], interquartileMean, key(1))).toThrow(
      "run 1 of problem 0 has the score NaN",
    );
  });
});
