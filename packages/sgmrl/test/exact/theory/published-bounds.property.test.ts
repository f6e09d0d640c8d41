// The constants of the published theorem, and those of a policy class that the user states, against the truth.
import type { Mdp } from "@sgmrl/envs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import { moments } from "../../../src/exact/moments.ts";
import { objective as exactObjective } from "../../../src/exact/objective.ts";
import { unflatten } from "../../../src/exact/table.ts";
import { ascentBound } from "../../../src/exact/theory/ascent.ts";
import { estimatorSecondMoment } from "../../../src/exact/theory/estimator-bounds.ts";
import { objectiveBounds, updateExpansion } from "../../../src/exact/theory/objective-bounds.ts";
import { statedConstants } from "../../../src/exact/theory/policy-constants.ts";
import {
  infiniteHorizon,
  publishedBounds,
  publishedGuarantee,
} from "../../../src/exact/theory/published-bounds.ts";
import { discountSum, taskBounds } from "../../../src/exact/theory/task-bounds.ts";
import { estimatorTable } from "../../../src/meta-gradient/catalogue.ts";
import { gradient, hessian, norm, objective, paths, spectralNorm, type Theta } from "./support/oracle.ts";
import { eighths, logits, mdps, type Size } from "./support/random-task.ts";

const tasks = fc
  .record({
    states: fc.integer({ min: 1, max: 2 }),
    actions: fc.integer({ min: 2, max: 3 }),
    horizon: fc.integer({ min: 1, max: 2 }),
  })
  .filter(({ states, actions }) => states * actions <= 4)
  .chain((size: Size) => fc.tuple(mdps(size), logits(size)));
const sumsOf = ({ discount, horizon }: Mdp) => ({
  first: discountSum(0, discount, horizon),
  second: discountSum(1, discount, horizon),
});
const within = (truth: number, bound: number): boolean => truth <= bound * (1 + 1e-6) + 1e-6;

describe("publishedBounds [eq:published-constants]", () => {
  const sizes = fc.constantFrom({ steps: 1, trajectories: 1 }, { steps: 1, trajectories: 2 });

  it("hold where its condition does, and are never below ours", () => {
    fc.assert(
      fc.property(tasks, sizes, fc.double({ min: -1, max: 1, noNaN: true }), ([mdp, theta], size, share) => {
        const bounds = taskBounds(mdp);
        const eta = publishedBounds(bounds, { stepSize: 0, ...size }, sumsOf(mdp)).hessian;
        const inner = { ...size, stepSize: eta === 0 ? share : share / eta };
        const published = publishedBounds(bounds, inner, sumsOf(mdp));
        const ours = objectiveBounds(bounds, inner)[0]!;
        const all = paths(mdp);
        const V = (at: Theta): number => objective(at, mdp, all, inner);
        return (
          published.applies &&
          updateExpansion(bounds, inner.stepSize) <= 2 &&
          within(norm(gradient(V, theta)), published.objectiveGradient) &&
          within(spectralNorm(hessian(V, theta)), published.smoothness) &&
          within(ours.gradient, published.objectiveGradient) &&
          within(ours.hessian, published.smoothness)
        );
      }),
      { numRuns: runs(150) },
    );
  });

  it("are never below ours for more steps and trajectories, nor in the second moment", () => {
    const size = { steps: fc.integer({ min: 1, max: 3 }), trajectories: fc.constantFrom(1, 2, 20, 1000) };
    const outer = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(
        tasks,
        fc.record(size),
        outer,
        eighths(-1, 1),
        ([mdp], { steps, trajectories }, M, share) => {
          const bounds = taskBounds(mdp);
          const eta = publishedBounds(bounds, { stepSize: 0, steps, trajectories }, sumsOf(mdp)).hessian;
          const inner = { steps, trajectories, stepSize: eta === 0 ? share : share / eta };
          const published = publishedBounds(bounds, inner, sumsOf(mdp));
          const ours = objectiveBounds(bounds, inner)[0]!;
          return (
            within(ours.gradient, published.objectiveGradient) &&
            within(ours.hessian, published.smoothness) &&
            within(estimatorSecondMoment(bounds, inner, M, "sgmrl"), published.objectiveGradient ** 2)
          );
        },
      ),
      { numRuns: runs(500) },
    );
  });

  it("bound the second moment of SG-MRL's estimate by G_V²", () => {
    fc.assert(
      fc.property(tasks, sizes, ([mdp, theta], size) => {
        const bounds = taskBounds(mdp);
        const eta = publishedBounds(bounds, { stepSize: 0, ...size }, sumsOf(mdp)).hessian;
        const inner = { ...size, stepSize: eta === 0 ? 1 : 1 / eta };
        const actions = mdp.rewards[0]!.length;
        const problem = {
          tasks: [{ weight: 1, mdp }],
          theta: unflatten(Float64Array.from(theta), { states: mdp.rewards.length, actions }),
          inner,
          outerTrajectories: 1,
        };
        const [{ mean, variance } = { mean: new Float64Array(0), variance: 0 }] = moments(problem, [
          estimatorTable().sgmrl!,
        ]);
        const { objectiveGradient } = publishedBounds(bounds, inner, sumsOf(mdp));
        return within(variance + norm([...mean]) ** 2, objectiveGradient ** 2);
      }),
      { numRuns: runs(100) },
    );
  });

  it("are, for two arms that pay ±1, what one computes by hand; grow with N; and with sums over no end", () => {
    const mdp: Mdp = {
      initial: [1],
      transitions: [[[1], [1]]],
      rewards: [[1, -1]],
      horizon: 1,
      discount: 0.5,
    };
    const found = publishedBounds(
      taskBounds(mdp),
      { stepSize: 0.375, steps: 1, trajectories: 3 },
      sumsOf(mdp),
    );
    expect(found.gradient).toBeCloseTo(Math.SQRT2, 12);
    expect(found.hessian).toBeCloseTo(2.5, 12); // H G² + L
    expect(found.objectiveGradient).toBeCloseTo(5 * Math.SQRT2, 12); // 2√2 + 3√2
    const rho = Math.sqrt(6) / 9;
    expect(found.smoothness).toBeCloseTo(10 + 0.375 * rho * Math.SQRT2 + 4 * 3 * 2 + 3 * (0.5 + 6), 12);
    expect(found.applies).toBe(true);
    const inner = { stepSize: 0.375, steps: 1, trajectories: 300 };
    expect(publishedBounds(taskBounds(mdp), inner, sumsOf(mdp)).smoothness).toBeGreaterThan(
      1000 * found.smoothness,
    );
    const infinite = publishedBounds(taskBounds(mdp), inner, infiniteHorizon(0.5));
    expect(infinite.hessian).toBeCloseTo(4 * found.hessian, 12); // 1/(1 − γ)² against Γ₁ = 1
    expect(infinite.applies).toBe(false);
  });

  it("[eq:published-rate] is the general bound after so many iterations, rounded up", () => {
    const cases = fc.record({
      smoothness: fc.double({ min: 0.1, max: 100, noNaN: true }),
      objectiveGradient: fc.double({ min: 0.1, max: 10, noNaN: true }),
      gap: fc.double({ min: 0.1, max: 10, noNaN: true }),
      share: fc.double({ min: 0.01, max: 1, noNaN: true }),
      tasks: fc.integer({ min: 1, max: 100 }),
      epsilon: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(cases, ({ smoothness, objectiveGradient, gap, share, tasks: B, epsilon }) => {
        const stepSize = share / smoothness;
        const { iterations, bound } = publishedGuarantee(
          { smoothness, objectiveGradient, gap },
          { stepSize, tasks: B, epsilon },
        );
        const problem = { smoothness, variance: objectiveGradient ** 2, gap };
        const general = (K: number) => ascentBound(problem, { stepSize, tasks: B, iterations: K });
        expect(general(iterations)).toBeLessThanOrEqual(bound * (1 + 1e-12));
        if (iterations > 1) expect(general(iterations - 1)).toBeGreaterThan(bound * (1 - 1e-9));
      }),
    );
  });
});

describe("bounds from stated G, L and ρ [eq:general-policy]", () => {
  // Logits Φθ: ∇ln π(a|s) = φ(s) ⊗ (e_a − π), so the constants of the softmax times b, b² and b³, b = max ‖φ(s)‖.
  const shared = fc
    .record({ states: fc.constant(2), actions: fc.constant(2), horizon: fc.integer({ min: 1, max: 2 }) })
    .chain((size: Size) =>
      fc.tuple(
        mdps(size),
        fc.array(eighths(-2, 2), { minLength: 2, maxLength: 2 }),
        fc.tuple(eighths(-2, 2), eighths(-2, 2)),
      ),
    );

  it("hold for states that share parameters", () => {
    fc.assert(
      fc.property(shared, eighths(-1, 1), ([mdp, theta, phi], stepSize) => {
        const b = Math.max(...phi.map(Math.abs));
        const inner = { stepSize, steps: 1, trajectories: 1 };
        const policy = statedConstants({
          score: Math.SQRT2 * b,
          hessian: b ** 2 / 2,
          hessianLipschitz: (Math.sqrt(6) / 9) * b ** 3,
        });
        const found = objectiveBounds(taskBounds(mdp, policy), inner)[0]!;
        const V = (at: Theta): number =>
          exactObjective({
            tasks: [{ weight: 1, mdp }],
            theta: [[...at]],
            features: phi.map((x) => [x]),
            inner,
            outerTrajectories: 1,
          });
        return (
          within(norm(gradient(V, theta)), found.gradient) &&
          within(spectralNorm(hessian(V, theta)), found.hessian)
        );
      }),
      { numRuns: runs(100) },
    );
  });

  it("let ∂U/∂θ expand either way, as nothing says that ln π is concave", () => {
    const mdp = { rewards: [[1, 0]], horizon: 1, discount: 1 };
    const stated = taskBounds(mdp, statedConstants({ score: 1, hessian: 1, hessianLipschitz: 1 }));
    expect(updateExpansion(stated, 0.5)).toBe(1.5);
    expect(updateExpansion(taskBounds(mdp), 0.5)).toBe(1);
  });
});
