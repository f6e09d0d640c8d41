// The true quantities of random MDPs, by enumeration and differences, never exceed the closed forms; how far below
// they stay is printed.
import type { Mdp } from "@sgmrl/envs";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import {
  hessianTerms,
  objectiveBounds,
  updateExpansion,
} from "../../../src/exact/theory/objective-bounds.ts";
import { softmaxConstants } from "../../../src/exact/theory/policy-constants.ts";
import { taskBounds } from "../../../src/exact/theory/task-bounds.ts";
import {
  expectedReturn,
  gradient,
  hessian,
  likelihood,
  norm,
  objective,
  paths,
  policy,
  spectralNorm,
  type Theta,
  trajectoryGradient,
} from "./support/oracle.ts";
import { eighths, logits, mdps, type Size } from "./support/random-task.ts";
import { Tightness } from "./support/tightness.ts";

const tightness = new Tightness();
afterAll(() => console.table(tightness.table()));

const sizes = fc.record({
  states: fc.integer({ min: 1, max: 2 }),
  actions: fc.integer({ min: 1, max: 3 }),
  horizon: fc.integer({ min: 1, max: 2 }),
});
const tasks = sizes
  .filter(({ states, actions }) => states * actions <= 4)
  .chain((size: Size) => fc.tuple(mdps(size), logits(size)));

describe("softmaxConstants", () => {
  const wide = fc
    .integer({ min: 2, max: 5 })
    .chain((A) => fc.array(eighths(-12, 12), { minLength: A, maxLength: A }));
  const oneState = (A: number): Mdp => ({
    initial: [1],
    transitions: [Array.from({ length: A }, () => [1])],
    rewards: [Array.from({ length: A }, () => 0)],
    horizon: 1,
    discount: 1,
  });
  const covariance = (pi: readonly number[]): number[][] =>
    pi.map((p, i) => pi.map((q, j) => (i === j ? p : 0) - p * q));

  it("bounds ∇ln π, ∇²ln π and how fast ∇²ln π changes [eq:softmax-constants]", () => {
    fc.assert(
      fc.property(wide, wide, (theta, other) => {
        const constants = softmaxConstants(theta.length);
        const pi = policy(theta, oneState(theta.length))[0]!;
        const scores = pi.map((_, a) => norm(pi.map((p, b) => (a === b ? 1 : 0) - p)));
        const meanSquare = pi.reduce((sum, p, a) => sum + p * scores[a]! ** 2, 0);
        const H = covariance(pi);
        // A short step, along which ∇²ln π changes by the derivative; and a long one.
        const moves = [1e-3, 1].map((scale) => {
          const there = theta.map((x, i) => x + (scale * (other[i] ?? 0)) / 4);
          const distance = norm(there.map((x, i) => x - theta[i]!));
          const K = covariance(policy(there, oneState(theta.length))[0]!);
          const change = spectralNorm(K.map((row, i) => row.map((x, j) => x - H[i]![j]!)));
          return distance === 0 ? 0 : change / distance;
        });
        return [
          tightness.holds("G: |∇ln π|", Math.max(...scores), constants.score),
          tightness.holds("Ḡ: |∇ln π| in mean square", Math.sqrt(meanSquare), constants.scoreRms),
          tightness.holds("L: |∇²ln π|", spectralNorm(H), constants.hessian),
          tightness.holds("ρ: change of ∇²ln π", Math.max(...moves), constants.hessianLipschitz),
        ].every(Boolean);
      }),
      { numRuns: runs(3000) },
    );
  });

  it("cannot be lowered: each is approached", () => {
    const pi = policy([20, 0], oneState(2))[0]!;
    expect(norm([1 - pi[1]!, pi[0]!])).toBeCloseTo(softmaxConstants(2).score, 6);
    expect(spectralNorm(covariance([0.5, 0.5]))).toBeCloseTo(softmaxConstants(2).hessian, 12);
    expect(Math.sqrt(3 * (1 / 3) * (4 / 9 + 2 / 9))).toBeCloseTo(softmaxConstants(3).scoreRms, 12);
    const at = Math.log((3 + Math.sqrt(3)) / (3 - Math.sqrt(3))); // p = (3 − √3)/6 on the first action
    const step = 1e-5;
    const [ahead, behind] = [step, -step].map((d) =>
      covariance(policy([d / 2, at - d / 2], oneState(2))[0]!),
    );
    const change = spectralNorm(ahead!.map((row, i) => row.map((x, j) => x - behind![i]![j]!)));
    expect(change / (2 * step * Math.SQRT1_2)).toBeCloseTo(softmaxConstants(2).hessianLipschitz, 6);
  });
});

describe("taskBounds", () => {
  it("bounds J, its derivatives and the surrogate's [eq:discount-sums] [eq:return-bounds] [eq:update-bounds]", () => {
    fc.assert(
      fc.property(tasks, ([mdp, theta]) => {
        const bounds = taskBounds(mdp);
        const J = (at: Theta): number => expectedReturn(at, mdp);
        const rewards = mdp.rewards.flat();
        const steps = Array.from({ length: mdp.horizon }, (_, t) => mdp.discount ** t);
        const middle =
          ((Math.max(...rewards) + Math.min(...rewards)) / 2) *
          steps.reduce((sum, weight) => sum + weight, 0);
        const pi = policy(theta, mdp);
        const all = paths(mdp);
        const gradients = all.map((path) => norm(trajectoryGradient(path, pi, mdp)));
        const meanSquare = all.reduce((sum, path, j) => sum + likelihood(path, pi) * gradients[j]! ** 2, 0);
        // ∇²ν of one trajectory; data sets average these, so their norms are no larger.
        const surrogates = all.map((path) => {
          const weights = trajectoryWeights(path, mdp);
          const nu = (at: Theta): number => {
            const there = policy(at, mdp);
            return path.states.reduce(
              (sum, s, h) => sum + weights[h]! * Math.log(there[s]![path.actions[h]!]!),
              0,
            );
          };
          return hessian(nu, theta);
        });
        const expansion = (alpha: number): number =>
          Math.max(
            ...surrogates.map((H) =>
              spectralNorm(H.map((row, i) => row.map((x, j) => (i === j ? 1 : 0) + alpha * x))),
            ),
          );
        return [
          tightness.holds("|J − middle|", Math.abs(J(theta) - middle), bounds.returnHalfRange),
          tightness.holds("|∇J|", norm(gradient(J, theta)), bounds.gradient, 1e-6),
          tightness.holds("|∇²J|", spectralNorm(hessian(J, theta)), bounds.hessian, 1e-6),
          tightness.holds("|g(τ)|", Math.max(...gradients), bounds.stochasticGradient),
          tightness.holds("|g(τ)| in mean square", Math.sqrt(meanSquare), bounds.stochasticGradientRms),
          tightness.holds("|∇²ν|", Math.max(...surrogates.map(spectralNorm)), bounds.surrogateHessian, 1e-5),
          tightness.holds("|∂U/∂θ|, α = 0.75", expansion(0.75), updateExpansion(bounds, 0.75), 1e-5),
          tightness.holds("|∂U/∂θ|, α = −0.75", expansion(-0.75), updateExpansion(bounds, -0.75), 1e-5),
        ].every(Boolean);
      }),
      { numRuns: runs(1500) },
    );
  });

  function trajectoryWeights({ states, actions }: ReturnType<typeof paths>[number], mdp: Mdp): number[] {
    const rewards = states.map((s, t) => mdp.discount ** t * mdp.rewards[s]![actions[t]!]!);
    return rewards.map((_, h) => rewards.slice(h).reduce((sum, r) => sum + r, 0));
  }
});

describe("objectiveBounds", () => {
  const within = (
    name: string,
    mdp: Mdp,
    theta: Theta,
    inner: { stepSize: number; steps: number; trajectories: number },
  ): boolean => {
    const all = paths(mdp);
    const V = (at: Theta): number => objective(at, mdp, all, inner);
    const { gradient: kappa, hessian: Lambda } = objectiveBounds(taskBounds(mdp), inner)[0]!;
    return [
      tightness.holds(`|∇V|, ${name}`, norm(gradient(V, theta)), kappa, 1e-6),
      tightness.holds(`|∇²V|, ${name}`, spectralNorm(hessian(V, theta)), Lambda, 1e-6),
    ].every(Boolean);
  };
  const stepSizes = eighths(-2, 2);

  it("bounds ∇V and ∇²V for ζ = 1 [eq:leave-out] [eq:objective-lipschitz] [eq:objective-smoothness]", () => {
    fc.assert(
      fc.property(tasks, stepSizes, fc.integer({ min: 1, max: 2 }), ([mdp, theta], stepSize, trajectories) =>
        within("ζ = 1", mdp, theta, { stepSize, steps: 1, trajectories }),
      ),
      { numRuns: runs(1500) },
    );
  });

  it("bounds each of the three parts of ∇²V: the update moves, the data move, both do", () => {
    fc.assert(
      fc.property(
        tasks,
        stepSizes,
        fc.integer({ min: 1, max: 2 }),
        ([mdp, theta], stepSize, trajectories) => {
          const inner = { stepSize, steps: 1, trajectories };
          const all = paths(mdp);
          const W = (data: Theta, start: Theta): number => objective(data, mdp, all, inner, start);
          const d = theta.length;
          // The Hessian of W in (data, start), by blocks.
          const H = hessian((both) => W(both.slice(0, d), both.slice(d)), [...theta, ...theta]);
          const block = (i: number, j: number): number[][] =>
            H.slice(i * d, i * d + d).map((row) => row.slice(j * d, j * d + d));
          const mixed = block(0, 1).map((row, i) => row.map((x, j) => x + block(1, 0)[i]![j]!));
          const task = taskBounds(mdp);
          const bounds = hessianTerms(task, inner, task);
          return [
            tightness.holds("∇²V, the update's part", spectralNorm(block(1, 1)), bounds.update, 1e-6),
            tightness.holds("∇²V, both", spectralNorm(mixed), bounds.both, 1e-6),
            tightness.holds("∇²V, the data's part", spectralNorm(block(0, 0)), bounds.data, 1e-6),
          ].every(Boolean);
        },
      ),
      { numRuns: runs(500) },
    );
  });

  const bandits = fc
    .record({ states: fc.constant(1), actions: fc.integer({ min: 2, max: 3 }), horizon: fc.constant(1) })
    .chain((size: Size) => fc.tuple(mdps(size), logits(size)));

  it("bounds them for many trajectories and small steps, where one score at a time would not do", () => {
    fc.assert(
      fc.property(bandits, eighths(-1, 1), ([mdp, theta], stepSize) =>
        within("N = 8, |α| ≤ 1/8", mdp, theta, { stepSize: stepSize / 8, steps: 1, trajectories: 8 }),
      ),
      { numRuns: runs(500) },
    );
  });

  it.each([2, 3])("bounds them for ζ = %i", (steps) => {
    fc.assert(
      fc.property(
        bandits,
        stepSizes,
        fc.integer({ min: 1, max: 5 - steps }),
        ([mdp, theta], stepSize, trajectories) =>
          within(`ζ = ${steps}`, mdp, theta, { stepSize, steps, trajectories }),
      ),
      { numRuns: runs(300) },
    );
  });

  it("are those of J at α = 0, and bounded in N", () => {
    const mdp: Mdp = { initial: [1], transitions: [[[1], [1]]], rewards: [[1, -1]], horizon: 1, discount: 1 };
    const task = taskBounds(mdp);
    expect(objectiveBounds(task, { stepSize: 0, steps: 3, trajectories: 5 })[0]).toEqual({
      gradient: task.gradient,
      hessian: task.hessian,
    });
    const at = (trajectories: number): number =>
      objectiveBounds(task, { stepSize: 0.1, steps: 1, trajectories })[0]!.hessian;
    expect(at(1e9) / at(100)).toBeLessThan(1.01);
  });
});
