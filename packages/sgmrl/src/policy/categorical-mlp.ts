import { convert, logSoftmax, mul, type NdArray, oneHot, reshape, softmax, sum } from "@sgmrl/autodiff";
import { categoryAt, uniform } from "@sgmrl/autodiff/random";
import { layoutOf } from "./layout.ts";
import { initializeMlp, type Mlp, mlpBlocks, mlpForward } from "./mlp.ts";
import type { Parameters } from "./parameters.ts";
import type { Policy } from "./policy.ts";

/**
 * One of finitely many actions, with logits from a perceptron.                                  [eq:categorical-policy]
 *
 *   π(a|s) = softmax(z(s))_a,   ln π(a|s) = z_a(s) − ln Σ_b exp z_b(s)
 *
 * Without hidden layers and biases, on one-hot observations, θ is the table of logits [S, A].
 */
export function categoricalMlp(observationWidth: number, actions: number, hidden: readonly number[]): Policy {
  const mlp: Mlp = { widths: [observationWidth, ...hidden, actions] };
  const tabular = hidden.length === 0;
  const blocks = mlpBlocks(mlp);
  const layout = layoutOf(tabular ? [{ name: "logits", shape: [observationWidth, actions] }] : blocks);
  const logits = (theta: Parameters, observations: NdArray): NdArray =>
    tabular ? theta.product("logits", observations) : mlpForward(mlp, theta, observations);

  return {
    layout,
    observationWidth,
    actionWidth: 1,
    actionCount: actions,
    initialize(key) {
      const theta = new Float64Array(layout.size);
      if (!tabular) initializeMlp(mlp, layout, key, theta);
      return theta;
    },
    /** [...k, rows, actions]: probabilities. */
    distribution: (theta, observations) => softmax(logits(theta, observations)),
    /** Actions: [rows, 1], each the number of an action. */
    logProbability(theta, observations, chosen) {
      const indices = convert(reshape(chosen, [-1]), "int32");
      const logP = logSoftmax(logits(theta, observations));
      return sum(mul(logP, convert(oneHot(indices, actions), logP.dtype)), 1);
    },
    /** Uniform draws, one per time step; an action is the category into which its draw falls. */
    noise: (key, horizon) => uniform(key, horizon),
    sample(distribution, row, noise, time, action) {
      action[0] = categoryAt("policy.sample", noise[time]!, distribution, row * actions, actions);
    },
  };
}
