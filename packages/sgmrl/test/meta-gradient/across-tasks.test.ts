import { describe, expect, it } from "vitest";
import { baselineOfOtherTasks, type TaskTerms } from "../../src/meta-gradient/across-tasks.ts";

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
