import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { baselineOfOtherTasks, shrunkScores, type TaskTerms } from "../../src/estimator/across-tasks.ts";
import { addScaled } from "../../src/vector.ts";
import { eighths } from "../support/batch.ts";

const d = 2;
const vectors = fc.array(eighths, { minLength: d, maxLength: d }).map((values) => Float64Array.from(values));
const terms: fc.Arbitrary<TaskTerms> = fc.record({ pathwise: vectors, score: vectors, meanReturn: eighths });
const tasks = (least: number): fc.Arbitrary<TaskTerms[]> =>
  fc.array(terms, { minLength: least, maxLength: 5 });

describe("[eq:multiplier-other-tasks] the baseline of the other tasks", () => {
  it("is the mean of their returns, and 0 for a task alone", () => {
    const task = (meanReturn: number): TaskTerms => ({
      pathwise: Float64Array.of(10, 0),
      score: Float64Array.of(1, 2),
      meanReturn,
    });
    expect(baselineOfOtherTasks([task(3)])).toEqual([Float64Array.of(13, 6)]);
    expect(baselineOfOtherTasks([task(3), task(5), task(9)])[1]).toEqual(Float64Array.of(10 - 1, -2)); // 5 − 6
  });
});

describe("[eq:shrinkage] shrunk scores", () => {
  /** c_i by its definition: mean and variance of the mean over the other tasks, coordinate by coordinate. */
  function coefficient(others: readonly Float64Array[]): number {
    const n = others.length;
    if (n < 2) return 0;
    const mean = others.reduce((sum, x) => addScaled(sum, 1 / n, x), new Float64Array(d));
    const squaredNorm = mean.reduce((sum, x) => sum + x * x, 0);
    const spread = others.reduce((sum, x) => sum + x.reduce((s, xi, i) => s + (xi - mean[i]!) ** 2, 0), 0);
    return squaredNorm === 0 ? 0 : Math.max(0, 1 - spread / (n - 1) / n / squaredNorm);
  }

  it("add c_i S_i, c_i = max(0, 1 − v/|S̄|²) from the other tasks", () => {
    fc.assert(
      fc.property(tasks(1), (drawn) => {
        shrunkScores(drawn).forEach((lambda, i) => {
          const others = drawn.filter((_, k) => k !== i).map(({ score }) => score);
          const expected = addScaled(drawn[i]!.pathwise, coefficient(others), drawn[i]!.score);
          lambda.forEach((value, k) => {
            expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-9);
          });
        });
      }),
    );
  });

  it("keep a score term that all tasks agree on, and drop one that averages to nothing", () => {
    const task = (x: number, y: number): TaskTerms => ({
      pathwise: new Float64Array(d),
      score: Float64Array.of(x, y),
      meanReturn: 0,
    });
    expect(shrunkScores([task(1, 2), task(1, 2), task(1, 2)])[0]).toEqual(Float64Array.of(1, 2));
    expect(shrunkScores([task(7, 7), task(1, 2), task(-1, -2)])[0]).toEqual(Float64Array.of(0, 0));
  });
});
