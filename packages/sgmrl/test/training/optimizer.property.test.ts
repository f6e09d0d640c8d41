// Every optimizer against its formula, one scalar at a time, bit for bit.        [eq:adam] [eq:sgd]
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OptimizerSettings } from "../../src/settings.ts";
import { createOptimizer, type OptimizerStep } from "../../src/training/optimizer.ts";

const eighths = fc.integer({ min: -16, max: 16 }).map((i) => i / 8);
const fraction = fc.integer({ min: 0, max: 7 }).map((i) => i / 8);
const rate = fc.integer({ min: 1, max: 16 }).map((i) => i / 16);

/** θ after ascending the given gradients, for a one-parameter θ, written from the publication: g = −∇V, minimised. */
function publishedAdam(
  theta: number,
  ascents: readonly number[],
  alpha: number,
  b1: number,
  b2: number,
): number {
  const epsilon = 1e-8;
  let [x, m, v] = [theta, 0, 0];
  ascents.forEach((gradientOfV, index) => {
    const t = index + 1;
    const g = 0 - gradientOfV;
    m = b1 * m + (1 - b1) * g;
    v = b2 * v + (1 - b2) * g * g;
    x = x - (alpha * (m / (1 - b1 ** t))) / (Math.sqrt(v / (1 - b2 ** t)) + epsilon);
  });
  return x;
}

function publishedHeavyBall(theta: number, ascents: readonly number[], alpha: number, mu: number): number {
  let [x, u] = [theta, 0];
  for (const gradientOfV of ascents) {
    u = mu * u + (0 - gradientOfV);
    x = x - alpha * u;
  }
  return x;
}

/** θ after ascending the rows of `gradients`. */
function climb(
  settings: OptimizerSettings,
  theta: Float64Array,
  gradients: readonly Float64Array[],
): Float64Array {
  const optimizer = createOptimizer(settings);
  const start: OptimizerStep = { theta, state: optimizer.initialState(theta.length) };
  return gradients.reduce(({ theta, state }, g) => optimizer.ascend(theta, g, state), start).theta;
}

const run = fc.integer({ min: 1, max: 5 }).chain((d) => {
  const vector = fc.array(eighths, { minLength: d, maxLength: d }).map((xs) => Float64Array.from(xs));
  return fc.record({ theta: vector, gradients: fc.array(vector, { maxLength: 6 }) });
});

describe("optimizers", () => {
  it("adam follows its formula in every coordinate", () => {
    fc.assert(
      fc.property(run, rate, fraction, fraction, ({ theta, gradients }, learningRate, beta1, beta2) => {
        const got = climb({ name: "adam", learningRate, beta1, beta2, epsilon: 1e-8 }, theta, gradients);
        const expected = theta.map((x, i) =>
          publishedAdam(
            x,
            gradients.map((g) => g[i]!),
            learningRate,
            beta1,
            beta2,
          ),
        );
        expect(got).toEqual(expected);
      }),
    );
  });

  it("sgd follows its formula in every coordinate", () => {
    fc.assert(
      fc.property(run, rate, fraction, ({ theta, gradients }, learningRate, momentum) => {
        const got = climb({ name: "sgd", learningRate, momentum }, theta, gradients);
        const expected = theta.map((x, i) =>
          publishedHeavyBall(
            x,
            gradients.map((g) => g[i]!),
            learningRate,
            momentum,
          ),
        );
        expect(got).toEqual(expected);
      }),
    );
  });

  it.each<OptimizerSettings>([
    { name: "adam", learningRate: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    { name: "sgd", learningRate: 0.05, momentum: 0.5 },
  ])("$name climbs to the maximum of a concave quadratic, and leaves its arguments alone", (settings) => {
    // V(x) = −(x₀ − 1)²/2 − (x₁ + 2)²: maximum at (1, −2)
    const optimizer = createOptimizer(settings);
    const start = Float64Array.of(0, 0);
    let step: OptimizerStep = { theta: start, state: optimizer.initialState(2) };
    for (let t = 0; t < 2000; t++) {
      const gradient = Float64Array.of(1 - step.theta[0]!, -2 * (step.theta[1]! + 2));
      step = optimizer.ascend(step.theta, gradient, step.state);
    }
    expect(step.theta[0]).toBeCloseTo(1, 6);
    expect(step.theta[1]).toBeCloseTo(-2, 6);
    expect(step.state.step).toBe(2000);
    expect(start).toEqual(Float64Array.of(0, 0));
  });
});
