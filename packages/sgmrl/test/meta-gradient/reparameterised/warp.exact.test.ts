/**
 * Across a jump of the data: one step whose reward jumps, every expectation by quadrature on both sides of the jump; also
 * where actions are clipped close to it.
 */
import { add, array, clip, less, mul, type NdArray, select, sub, sum, tanh } from "@sgmrl/autodiff";
import { key } from "@sgmrl/autodiff/random";
import { box, defineEnvironment, type Environment, finiteFamily, type Jumps } from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { adapt, adaptFrom, type InnerUpdate } from "../../../src/inner/adapt.ts";
import { surrogateWeights } from "../../../src/inner/surrogate-weights.ts";
import { findEstimator } from "../../../src/meta-gradient/catalogue.ts";
import { metaGradient } from "../../../src/meta-gradient/recursion.ts";
import { gaussianMlp } from "../../../src/policy/gaussian-mlp.ts";
import { logLikelihood } from "../../../src/policy/log-likelihood.ts";
import type { RolloutNoise } from "../../../src/sampling/rollout.ts";
import { createSimulator } from "../../../src/sampling/simulator.ts";
import { taskSampler } from "../../../src/sampling/task-sampler.ts";
import { warpedSteps } from "../../../src/sampling/warped-steps.ts";
import type { TrajectoryBatch } from "../../../src/trajectory.ts";
import { maxAbsDifference } from "../../support/exact-problems.ts";

const [start, push, threshold, width, bonus] = [0.5, 0.6, 0.9, 0.3, 2];

/** s̃ = s + 0.6 clip(a, low, high),   r = s̃ − s̃²/2, and 2 more beyond 0.9. */
const arrive: Jumps["arrive"] = (_s, aim) => {
  const smooth = sum(sub(aim, mul(0.5, mul(aim, aim))));
  return {
    state: aim,
    reward: add(smooth, select(less(threshold, sum(aim)), bonus, 0)),
    terminated: array(0, undefined, "int32"),
  };
};
const distance = (_s: NdArray, aim: NdArray): NdArray => {
  const past = sub(sum(aim), threshold);
  return select(less(0, past), past, mul(-1, past));
};
type Range = readonly [low: number, high: number];
const unlimited: Range = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
/** Within δ of the jump: s̃ from −0.15 to 1.05, on the quadrature's grid. */
const limited: Range = [-0.65 / push, 0.55 / push];

function environmentWith([low, high]: Range): Environment<null> {
  const move: Jumps["move"] = (s, a) => add(s, mul(push, clip(a, low, high)));
  return defineEnvironment<null>({
    name: "threshold",
    summary: "paid more beyond a threshold",
    observation: box(1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    action: box(1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
    stateSize: 1,
    horizon: 1,
    discount: 1,
    family: finiteFamily("one task", [{ weight: 1, task: null }]),
    dynamics: () => ({
      start: (_key, state, s) => {
        state[s] = start;
      },
      advance(state, s, action, a) {
        const aim = state[s]! + push * Math.min(high, Math.max(low, action[a]!));
        state[s] = aim;
        return aim - 0.5 * aim * aim + (aim > threshold ? bonus : 0);
      },
      terminal: () => false,
      observe: (state, s, observation, o) => {
        observation[o] = state[s]!;
      },
    }),
    differentiable: {
      step: (s, a, task) => arrive(s, move(s, a), task),
      parameters: () => [0],
      jumps: { where: "the bonus begins", width, move, arrive, distance },
    },
  });
}

const policy = gaussianMlp(1, 1, []);
const model = logLikelihood(policy);
const update: InnerUpdate = {
  model,
  stepSize: 0.03,
  discount: 1,
  surrogate: (batch) => surrogateWeights({ advantage: "reward-to-go", convention: "paper" }, batch, 1),
};

/** ∫ N(ε; 0, 1) f(ε): three Gauss points in cells that end where f jumps or bends, |ε| up to 8. */
function expectation(theta: Float64Array, f: (epsilon: number) => Float64Array): Float64Array {
  const [weight, bias, logStd] = theta as unknown as [number, number, number];
  const sigma = Math.exp(logStd);
  const epsilonAt = (aim: number): number => ((aim - start) / push - weight * start - bias) / sigma;
  const cell = (epsilonAt(threshold + width) - epsilonAt(threshold)) / 4;
  const middle = epsilonAt(threshold);
  const total = new Float64Array(3);
  for (let i = -Math.ceil((8 + middle) / cell); middle + i * cell < 8; i++) {
    for (const [x, w] of [
      [0, 8 / 18],
      [Math.sqrt(0.6), 5 / 18],
      [-Math.sqrt(0.6), 5 / 18],
    ] as const) {
      const epsilon = middle + (i + 0.5 + x / 2) * cell;
      const density = (Math.exp(-0.5 * epsilon * epsilon) / Math.sqrt(2 * Math.PI)) * w * cell;
      if (density < 1e-13) continue;
      f(epsilon).forEach((value, k) => {
        total[k]! += density * value;
      });
    }
  }
  return total;
}

/** J of actions that are not clipped, in closed form: s̃ ~ N(m, d²). What follows the step is known, any function of θ_1. */
function J([weight, bias, logStd]: Float64Array): number {
  const [m, d] = [start + push * (weight! * start + bias!), push * Math.exp(logStd!)];
  return m - 0.5 * (m * m + d * d) + bonus * (1 - normalCdf((threshold - m) / d));
}

/** Φ, by its series: Σ x^{2k+1} / (1·3·…·(2k+1)). */
function normalCdf(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  let [term, sumOf] = [x, x];
  for (let k = 1; k < 200; k++) {
    term *= (x * x) / (2 * k + 1);
    sumOf += term;
  }
  return 0.5 + (sumOf * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/** By central differences of sixth order. */
function gradientOf(f: (theta: Float64Array) => number, theta: Float64Array): Float64Array {
  const h = 0.01;
  return theta.map((_, i) => {
    const at = (k: number): number => f(theta.map((x, n) => (n === i ? x + k * h : x)));
    return (45 * (at(1) - at(-1)) - 9 * (at(2) - at(-2)) + (at(3) - at(-3))) / (60 * h);
  });
}

const theta = Float64Array.of(0.3, 0.2, Math.log(0.5));
const noiseOf = (epsilon: number): RolloutNoise => ({
  world: [key(0)],
  actions: [Float64Array.of(epsilon)],
  horizon: 1,
});
function problemWith(range: Range) {
  const environment = environmentWith(range);
  const simulator = createSimulator(environment, policy);
  const runAt = (at: Float64Array, epsilon: number) => {
    const sampler = taskSampler({ environment, task: null, policy, model, simulator }, [noiseOf(epsilon)]);
    return { sampler, adaptation: adaptFrom(update, at, 1, sampler.sample) };
  };
  const V = (at: Float64Array): number =>
    expectation(at, (epsilon) => Float64Array.of(J(runAt(at, epsilon).adaptation.adapted), 0, 0))[0]!;
  /** The mean of λ_0 with the exact J and ∇J after adaptation, and for the reruns of the jackknife. */
  const mean = (name: string): Float64Array =>
    expectation(theta, (epsilon) => {
      const { sampler, adaptation } = runAt(theta, epsilon);
      const batchOf = (value: number): TrajectoryBatch => ({
        ...adaptation.steps[0]!.batch,
        rewards: Float64Array.of(value),
      });
      const { adapted } = adaptation;
      const outer = { batch: batchOf(J(adapted)), meanReturn: J(adapted), gradient: gradientOf(J, adapted) };
      const rerun = {
        ...sampler,
        sampleEach: (thetas: readonly Float64Array[]) => thetas.map((each) => batchOf(J(each))),
      };
      return metaGradient(findEstimator(name), { update, adaptation, outer, sampler: rerun }).gradient;
    });
  return { runAt, mean, exact: gradientOf(V, theta) };
}

describe.each([
  ["", problemWith(unlimited)],
  [", where actions are clipped close to it", problemWith(limited)],
] as const)("across the jump%s", (_, { mean, exact }) => {
  it("[eq:warp] the mean of λ_0 is ∇V", () => {
    expect(maxAbsDifference(mean("reparameterised-warped"), exact)).toBeLessThan(1e-6);
  });

  it("[eq:jump-distance] without the warp it is not", () => {
    expect(maxAbsDifference(mean("reparameterised"), exact)).toBeGreaterThan(0.05);
  });
});

it("J is what the step pays", () => {
  const { runAt } = problemWith(unlimited);
  const paid = expectation(theta, (epsilon) =>
    Float64Array.of(runAt(theta, epsilon).adaptation.steps[0]!.batch.rewards[0]!, 0, 0),
  );
  expect(Math.abs(paid[0]! - J(theta))).toBeLessThan(1e-8);
  expect(adapt(update, theta, runAt(theta, 0).adaptation.steps[0]!.batch, new Float64Array(1))).toEqual(
    theta,
  );
});

it.each([
  [
    "does not move with its action",
    (a: NdArray) => mul(0, a),
    /number 0 of the aim s̃ does not depend on its action/,
  ],
  [
    "is squashed",
    tanh,
    /number 0 of the aim s̃ moves with its action 0\.\d+ times as far as at a = 0, in row 0\. A warp/,
  ],
] as const)("[eq:warp] an aim that %s is refused", (_, squash, message) => {
  const { batch } = problemWith(unlimited).runAt(theta, 0).adaptation.steps[0]!;
  const move: Jumps["move"] = (s, a) => add(s, squash(a));
  const jumps: Jumps = { where: "the bonus begins", width, move, arrive, distance };
  expect(() => warpedSteps(jumps)(batch, [])).toThrow(message);
});
