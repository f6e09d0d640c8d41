import { array, sum } from "@sgmrl/autodiff";
import { fold, key, split } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { categoricalMlp } from "../../src/policy/categorical-mlp.ts";
import { gaussianMlp } from "../../src/policy/gaussian-mlp.ts";
import { layoutOf } from "../../src/policy/layout.ts";
import { type Parameters, parametersOf } from "../../src/policy/parameters.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { rowGradients } from "../../src/policy/row-gradients.ts";
import { eighths } from "../support/batch.ts";

const vector = (length: number): fc.Arbitrary<number[]> =>
  fc.array(eighths, { minLength: length, maxLength: length });

/** [eq:mlp] by plain loops: reads weights and biases off θ in order, layer by layer; returns the output and what is left of θ. */
function mlp(
  theta: readonly number[],
  widths: readonly number[],
  x: readonly number[],
): [number[], readonly number[]] {
  let h = [...x];
  let rest = theta;
  widths.slice(1).forEach((width, layer) => {
    const z = Array.from({ length: width }, (_, j) => {
      let sum = rest[h.length * width + j]!; // the bias stands after the weights [in, out]
      for (let i = 0; i < h.length; i++) sum += h[i]! * rest[i * width + j]!;
      return sum;
    });
    rest = rest.slice(h.length * width + width);
    h = layer === widths.length - 2 ? z : z.map(Math.tanh);
  });
  return [h, rest];
}

function logProbability(
  policy: Policy,
  theta: readonly number[],
  observation: readonly number[],
  action: readonly number[],
): number {
  return policy.logProbability(
    parametersOf(policy.layout, array(theta)),
    array([observation]),
    array([action]),
  ).data[0]!;
}

describe("the Gaussian policy", () => {
  const policy = gaussianMlp(3, 2, [4, 5]);

  it("[eq:gaussian-policy] [eq:mlp] has the normal density around the perceptron's output", () => {
    expect(policy.layout.size).toBe(3 * 4 + 4 + 4 * 5 + 5 + 5 * 2 + 2 + 2);
    fc.assert(
      fc.property(vector(policy.layout.size), vector(3), vector(2), (theta, observation, action) => {
        const [mu, logStd] = mlp(theta, [3, 4, 5, 2], observation);
        const density = action.reduce((product, a, i) => {
          const sigma = Math.exp(logStd[i]!);
          return (
            product * (Math.exp(-((a - mu[i]!) ** 2) / (2 * sigma ** 2)) / (sigma * Math.sqrt(2 * Math.PI)))
          );
        }, 1);
        fc.pre(density > 1e-300);
        const got = logProbability(policy, theta, observation, action);
        expect(Math.abs(got - Math.log(density))).toBeLessThan(1e-10 * (1 + Math.abs(got)));
      }),
    );
  });

  it("starts with the standard deviation asked for", () => {
    const theta = gaussianMlp(3, 2, [4], 2.5).initialize(key(1));
    expect([...theta.subarray(theta.length - 2)].map(Math.exp)).toEqual(
      [2.5, 2.5].map((x) => expect.closeTo(x, 12)),
    );
  });

  // |z| < 5: a false alarm once in 1.7 million, for each of four checks; the keys are fixed.
  it("samples from the distribution that it states", () => {
    const theta = policy.initialize(key(3));
    theta.set([0.5, -1], policy.layout.size - 2); // ln σ
    const distribution = policy.distribution(
      parametersOf(policy.layout, array(theta)),
      array([[1, -0.5, 0.25]]),
    ).data;
    const n = 20_000;
    const action = new Float64Array(2);
    const sums = [0, 0];
    const squares = [0, 0];
    for (const k of split(key(4), n)) {
      policy.sample(distribution, 0, policy.noise(k, 8), 7, action);
      for (const i of [0, 1]) {
        const z = (action[i]! - distribution[i]!) / Math.exp([0.5, -1][i]!);
        sums[i]! += z;
        squares[i]! += z * z;
      }
    }
    for (const i of [0, 1]) {
      expect(Math.abs(sums[i]!) / Math.sqrt(n)).toBeLessThan(5);
      expect(Math.abs(squares[i]! - n) / Math.sqrt(2 * n)).toBeLessThan(5);
    }
  });

  it("draws anew at each time and dimension, and the same for the same key", () => {
    const distribution = [0, 0, 1, 1];
    const draw = (k: number, time: number): number[] => {
      const action = new Float64Array(2);
      policy.sample(distribution, 0, policy.noise(fold(key(5), k), time + 1), time, action);
      return [...action];
    };
    const all = [draw(0, 0), draw(0, 1), draw(0, 2), draw(1, 0)].flat();
    expect(new Set(all).size).toBe(8);
    expect(draw(0, 1)).toEqual(draw(0, 1));
  });
});

describe("the categorical policy", () => {
  it.each([
    { hidden: [], name: "a table of logits" },
    { hidden: [4], name: "a perceptron" },
  ])("[eq:categorical-policy] is the softmax of $name", ({ hidden }) => {
    const policy = categoricalMlp(2, 3, hidden);
    fc.assert(
      fc.property(vector(policy.layout.size), vector(2), fc.integer({ min: 0, max: 2 }), (theta, o, a) => {
        const z =
          hidden.length === 0
            ? [0, 1, 2].map((j) => o[0]! * theta[j]! + o[1]! * theta[3 + j]!)
            : mlp(theta, [2, ...hidden, 3], o)[0];
        const weights = z.map(Math.exp);
        const expected = weights[a]! / (weights[0]! + weights[1]! + weights[2]!);
        expect(Math.abs(logProbability(policy, theta, o, [a]) - Math.log(expected))).toBeLessThan(1e-12);
        const stated = policy.distribution(parametersOf(policy.layout, array(theta)), array([o])).data;
        expect(Math.abs(stated[a]! - expected)).toBeLessThan(1e-13);
      }),
    );
  });

  // |z| < 5 for three checks of one fixed set of keys.
  it("samples in proportion to its probabilities, from the row asked for", () => {
    const policy = categoricalMlp(1, 3, []);
    const distribution = [0.2, 0.3, 0.5, 0.7, 0.2, 0.1];
    const n = 20_000;
    const counts = [0, 0, 0];
    const action = new Float64Array(1);
    for (const k of split(key(6), n)) {
      policy.sample(distribution, 1, policy.noise(k, 4), 3, action);
      counts[action[0]!]! += 1;
    }
    [0.7, 0.2, 0.1].forEach((p, a) => {
      expect(Math.abs(counts[a]! - n * p) / Math.sqrt(n * p * (1 - p))).toBeLessThan(5);
    });
  });
});

it("refuses a policy that uses a block twice, whose row gradients would miss one use", () => {
  const layout = layoutOf([{ name: "weight1", shape: [2, 2] }]);
  const twice = (theta: Parameters) =>
    sum(theta.product("weight1", theta.product("weight1", array([[1, 2]]))), 1);
  expect(() => rowGradients(layout, twice, array([1, 2, 3, 4]), array([[1]]))).toThrow(
    /weight1 is used twice/,
  );
});
