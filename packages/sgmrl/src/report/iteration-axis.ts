import type * as Plot from "@observablehq/plot";
import type { Group } from "./runs.ts";

/** Iterations on the x-axis: a few integer ticks, even for a run of one or two iterations. */
export function iterationAxis(groups: readonly Group[]): Plot.ScaleOptions {
  const iterations = groups.flatMap(({ runs }) =>
    runs.flatMap(({ metrics, evaluations }) => [metrics.length - 1, evaluations.at(-1)?.iteration ?? 0]),
  );
  const last = Math.max(1, ...iterations);
  return { label: "iteration", domain: [0, last], ticks: wholeTicks(last), tickFormat: String };
}

/** 0, s, 2 s, … up to `last`, with the smallest step s of 1, 2, 5, 10, 20, … that gives at most 7 ticks. */
export function wholeTicks(last: number): number[] {
  let step = 1;
  for (let decade = 1; last / step > 6; decade *= 10)
    step = [decade, 2 * decade, 5 * decade, 10 * decade].find((candidate) => last / candidate <= 6) ?? step;
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step);
}
