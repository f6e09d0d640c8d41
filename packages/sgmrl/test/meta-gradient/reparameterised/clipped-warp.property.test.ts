/** [eq:warp] where actions are clipped within δ of a jump: random problems of one and two steps. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import {
  type Change,
  type ClippedProblem,
  crossedWhileClipped,
  drift,
  exactGradient,
  shrink,
  warped,
} from "../../support/clipped-jump.ts";
import { maxAbsDifference } from "../../support/exact-problems.ts";

const between = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 64 }).map((k) => min + ((max - min) * k) / 64);
const shared = {
  push: between(0.4, 0.9),
  bound: between(0.5, 1.2),
  threshold: between(0.1, 1),
  width: between(0.2, 0.6),
};
const onTheLine: fc.Arbitrary<ClippedProblem> = fc.record({
  ...shared,
  steps: fc.constant(2),
  start: fc.tuple(between(-0.5, 0.5)),
  normal: fc.constantFrom([1], [-1]),
  theta: fc.tuple(between(-0.5, 0.5), between(-1, 0), between(-0.5, 1)),
});
const inThePlane: fc.Arbitrary<ClippedProblem> = fc.record({
  ...shared,
  steps: fc.constant(1),
  start: fc.tuple(between(-0.5, 0.5), between(-0.5, 0.5)),
  normal: between(0.7, 1.1).map((angle) => [Math.cos(angle), Math.sin(angle)]),
  theta: fc.tuple(between(-0.5, 0.5), between(-1, 0), between(-0.5, 1), between(-0.5, 1)),
});
const alongOneAxis: fc.Arbitrary<ClippedProblem> = fc
  .record({
    ...shared,
    steps: fc.constant(2),
    freeFirstStep: fc.constant(true),
    start: fc.constant([-3, -3]),
    normal: fc.constant([1, 0]),
    theta: fc.tuple(between(0.1, 0.4), between(-1, -0.5), between(0.5, 1.5), between(0.5, 1.5)),
  })
  // The states of ε = ±1 carry mass: clipped, they may not cross while ∇J is taken by differences.
  .filter(({ push, bound, threshold, theta: [w, l, b] }) =>
    [-1, 1].every((epsilon) => {
      const from = drift * shrink * (-3 * w + b + Math.exp(l) * epsilon);
      return [-1, 1].every((side) => Math.abs(from + side * push * bound - threshold) > 0.05);
    }),
  );
/** Clipped after the aim, as by an arena, and not before it. */
const inAnArena: fc.Arbitrary<ClippedProblem> = fc
  .tuple(onTheLine, between(0, 0.2))
  .map(([problem, beyond]) => ({ ...problem, bound: 20, arena: problem.threshold + beyond }));
const crossing: ClippedProblem = {
  steps: 2,
  start: [0.1],
  normal: [1],
  push: 0.8,
  bound: 0.6,
  threshold: 0.7,
  width: 0.3,
  theta: [0.5, -0.7, 0.5],
};
const numRuns = runs(3);

/** The largest error of what is computed and what is said to be missing, against ∇J. */
function error(problem: ClippedProblem, change?: Change): number {
  const { derivative } = warped(problem, change);
  const missing = problem.start.length === 1 ? crossedWhileClipped(problem) : derivative.map(() => 0);
  return maxAbsDifference(
    derivative.map((x, k) => x + missing[k]!),
    exactGradient(problem),
  );
}

describe("[eq:warp] with clipped actions near a jump", () => {
  it.each([
    ["on the line, but for steps that cross while they are clipped themselves", onTheLine, [[crossing]]],
    ["in the plane, in one step, where no state moves", inThePlane, []],
    ["in the plane, where the coordinate along the jump moves and is clipped", alongOneAxis, []],
    ["where aims are clipped, not actions", inAnArena, []],
  ] as const)("E c = 0 and ∇J is exact %s", (_, problems, examples) => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { scores } = warped(problem);
        expect(
          maxAbsDifference(
            scores,
            scores.map(() => 0),
          ),
        ).toBeLessThan(1e-9);
        expect(error(problem)).toBeLessThan(1e-6);
      }),
      { numRuns, examples: examples.map(([problem]): [ClippedProblem] => [problem]) },
    );
  });

  it("those are seen", () => {
    expect(Math.max(...crossedWhileClipped(crossing).map(Math.abs))).toBeGreaterThan(0.3);
  });

  const scaled = (x: ArrayLike<number>, factor: number): number[] => Array.from(x, (value) => factor * value);
  const broken: Readonly<Record<string, (factor: number) => Change>> = {
    χ: (factor) => (all) => ({ ...all, chi: scaled(all.chi, factor) }),
    "∂χ/∂s̃": (factor) => (all) => ({ ...all, slope: scaled(all.slope, factor) }),
    K̃: (factor) => (all) => ({ ...all, reach: scaled(all.reach, factor || 0.5) }),
    "K/K̃": (factor) => (all) => ({ ...all, free: scaled(all.free, factor) }),
    "∂s̃/∂s": (factor) => (all) => ({ ...all, drift: all.drift.map((row) => scaled(row, factor)) }),
    "∂(s', r)/∂s̃": (factor) => (all) => ({
      ...all,
      arrival: all.arrival.map((row) => ({ ...row, inAim: scaled(row.inAim, factor) })),
    }),
    "the clip": () => (all) => ({ ...all, free: scaled(all.free, 0).map(() => 1) }),
    "the field beyond the clip": () => (all) => ({
      ...all,
      chi: Array.from(all.chi, (x, row) => (all.free[row] === 0 ? 1 : x)),
    }),
  };
  it.each(
    Object.entries(broken).flatMap(([name, change]) => [0, -1].map((factor) => ({ name, factor, change }))),
  )("sees $name times $factor", ({ change, factor }) => {
    expect(error(crossing, change(factor))).toBeGreaterThan(1e-2);
  });
});
