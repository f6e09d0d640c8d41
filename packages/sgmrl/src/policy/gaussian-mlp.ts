import {
  add,
  broadcastTo,
  concat,
  exp,
  mul,
  type NdArray,
  neg,
  slice,
  square,
  sub,
  sum,
} from "@sgmrl/autodiff";
import { log } from "@sgmrl/autodiff/elementary";
import { normal } from "@sgmrl/autodiff/random";
import { layoutOf } from "./layout.ts";
import { initializeMlp, type Mlp, mlpBlocks, mlpForward } from "./mlp.ts";
import type { Parameters } from "./parameters.ts";
import type { Policy } from "./policy.ts";

/**
 * Independent normal actions: the mean comes from a perceptron; each dimension has one standard deviation, the same in
 * all states.
 *
 *   a_i ~ N(μ_i(s), σ_i²)                                                              [eq:gaussian-policy]
 *   ln π(a|s) = Σ_i [ −½ ((a_i − μ_i(s))/σ_i)² − ln σ_i − ½ ln 2π ]
 *
 * θ: the perceptron's weights and biases, then ln σ.
 */
export function gaussianMlp(
  observationWidth: number,
  actionWidth: number,
  hidden: readonly number[],
  initialStd: number = 1,
): Policy {
  const mlp: Mlp = { widths: [observationWidth, ...hidden, actionWidth] };
  const layout = layoutOf([...mlpBlocks(mlp), { name: "logStd", shape: [actionWidth] }]);
  const mean = (theta: Parameters, observations: NdArray): NdArray => mlpForward(mlp, theta, observations);

  return {
    layout,
    observationWidth,
    actionWidth,
    initialize(key) {
      const theta = new Float64Array(layout.size);
      initializeMlp(mlp, layout, key, theta);
      theta.fill(log(initialStd), layout.size - actionWidth);
      return theta;
    },
    /** [...k, rows, 2 · actionWidth]: the means, then the standard deviations. */
    distribution(theta, observations) {
      const mu = mean(theta, observations);
      const sigma = exp(theta.shared("logStd"));
      return concat([mu, broadcastTo(sigma, mu.shape)], -1);
    },
    logProbability(theta, observations, actions) {
      const logStd = theta.shared("logStd");
      const z = mul(sub(actions, mean(theta, observations)), exp(neg(logStd)));
      const constant = -0.5 * actionWidth * log(2 * Math.PI);
      return sub(sub(constant, mul(0.5, sum(square(z), -1))), sum(logStd, -1));
    },
    /** Standard normal draws, one per time step and dimension. */
    noise: (key, horizon) => normal(key, horizon * actionWidth),
    /** a = μ + σ z.                                                                     [eq:reparameterised-action] */
    actions(distribution, noise) {
      const part = (from: number, to: number): NdArray => slice(distribution, [], [from, to]);
      return add(part(0, actionWidth), mul(part(actionWidth, 2 * actionWidth), noise));
    },
    sample(distribution, row, noise, time, action) {
      const start = row * 2 * actionWidth;
      for (let i = 0; i < actionWidth; i++) {
        const z = noise[time * actionWidth + i]!;
        action[i] = distribution[start + i]! + distribution[start + actionWidth + i]! * z;
      }
    },
  };
}
