/** What the estimators ask of a Gaussian policy, computed by TensorFlow.js in float32. */

import * as tf from "@tensorflow/tfjs";
import { addScaled } from "../../../packages/sgmrl/src/arithmetic.ts";
import type { LogLikelihood } from "../../../packages/sgmrl/src/policy/log-likelihood.ts";
import type { Policy } from "../../../packages/sgmrl/src/policy/policy.ts";
import type { TrajectoryBatch } from "../../../packages/sgmrl/src/trajectory.ts";
import { logTwoPiHalf } from "../policy-loss/problem.ts";
import { asItComes, type Functions, tuned, twiceDifferentiable } from "../policy-loss/tfjs.ts";

/** The part that sampling and the outer gradient use, and the derivative of an inner step. */
export type UsedLikelihood = Pick<LogLikelihood, "at" | "gradient"> & {
  /**
   * λ + α ∇²ν λ + Σ_r m_r ∇ℓ_r at θ, ν = Σ_r w_r ℓ_r, where λ and m are what `after` makes of θ + α ∇ν.
   *
   * `after` runs before the tape of ∇ν is closed, so that all is one pass forward over the batch.
   */
  backThroughStep(
    step: {
      readonly theta: Float64Array;
      readonly batch: TrajectoryBatch;
      readonly weights: Float64Array;
      readonly stepSize: number;
    },
    after: (adapted: Float64Array) => { readonly lambda: Float64Array; readonly multipliers?: Float64Array },
  ): Float64Array;
};

/** Tensors that outlive a call are the caller's to dispose of: call inside `tidied`. */
export function tfjsLogLikelihood(
  { layout, observationWidth, actionWidth }: Policy,
  written: "as it comes" | "tuned",
): UsedLikelihood {
  const { once, twice, aside } =
    written === "tuned"
      ? { once: tuned, twice: tuned, aside: untaped }
      : { once: asItComes, twice: twiceDifferentiable, aside: <T>(compute: () => T) => compute() };
  const tensor = (values: Float64Array, ...shape: number[]): tf.Tensor =>
    tf.tensor(Float32Array.from(values), shape);
  const cut = (theta: Float64Array): tf.Tensor[] =>
    layout.blocks.map(({ start, stop, shape }) => tensor(theta.subarray(start, stop), ...shape));
  const join = (blocks: readonly tf.Tensor[]): Float64Array => {
    const theta = new Float64Array(layout.size);
    layout.blocks.forEach(({ start }, i) => {
      theta.set(blocks[i]!.dataSync(), start);
    });
    return theta;
  };

  /** θ as blocks: weights and biases by layer, then ln σ. */
  const mean = ({ tanh, matMul }: Functions, theta: readonly tf.Tensor[], x: tf.Tensor): tf.Tensor => {
    const layers = (theta.length - 1) / 2;
    let h = x;
    for (let layer = 0; layer < layers; layer++) {
      const z = tf.add(matMul(h as tf.Tensor2D, theta[2 * layer] as tf.Tensor2D), theta[2 * layer + 1]!);
      h = layer === layers - 1 ? z : tanh(z);
    }
    return h;
  };

  /** ℓ_r = ln π(a_r|s_r; θ) as a function of θ's blocks: [rows]. */
  const logProbability = (f: Functions, { observations, actions }: TrajectoryBatch) => {
    const x = tensor(observations, observations.length / observationWidth, observationWidth);
    const a = tensor(actions, actions.length / actionWidth, actionWidth);
    return (theta: readonly tf.Tensor[]): tf.Tensor => {
      const logStd = theta.at(-1)!;
      const z = tf.mul(tf.sub(a, mean(f, theta, x)), f.exp(tf.neg(logStd)));
      const squares = tf.mul(-0.5, tf.sum(tf.square(z), 1));
      return tf.sub(tf.sub(squares, tf.sum(logStd)), actionWidth * logTwoPiHalf);
    };
  };
  const inner = (x: tf.Tensor, y: tf.Tensor): tf.Scalar => tf.sum(tf.mul(x, y));

  return {
    at: (theta) => {
      const blocks = cut(theta!);
      return (observations) =>
        tidied(() => {
          const mu = mean(
            once,
            blocks,
            tensor(observations, observations.length / observationWidth, observationWidth),
          );
          const sigma = tf.exp(blocks.at(-1)!);
          return tf.concat([mu, tf.broadcastTo(sigma, mu.shape)], 1).dataSync();
        });
    },
    gradient: (theta, batch, w) =>
      tidied(() => {
        const rows = logProbability(once, batch);
        const weights = tensor(w, w.length);
        return join(tf.grads((...blocks: tf.Tensor[]) => inner(weights, rows(blocks)))(cut(theta)));
      }),
    // TensorFlow.js has no forward mode: ∇²ν λ is the gradient of <∇ν, λ>.
    backThroughStep: ({ theta, batch, weights, stepSize }, after) =>
      tidied(() => {
        const logProbabilityAt = logProbability(twice, batch);
        const w = tensor(weights, weights.length);
        let direct = theta; // λ, once it is known
        const along = (...blocks: tf.Tensor[]): tf.Scalar => {
          const rows = logProbabilityAt(blocks);
          const step = tf.grads(() => inner(w, rows))(blocks);
          const { lambda, multipliers } = aside(() => after(addScaled(theta, stepSize, join(step))));
          direct = lambda;
          const product = cut(lambda)
            .map((part, i) => inner(step[i]!, part))
            .reduce((sum, term) => tf.add(sum, term));
          const pathwise = tf.mul(stepSize, product) as tf.Scalar; // of scalars
          return multipliers === undefined
            ? pathwise
            : tf.add(pathwise, inner(tensor(multipliers, multipliers.length), rows));
        };
        const indirect = join(tf.grads(along)(cut(theta)));
        return addScaled(direct, 1, indirect);
      }),
  };
}

/**
 * What a computation gives, recorded on no tape: nothing is differentiated through it, and the tape would keep all that it
 * computes. TensorFlow.js has no function for that.
 */
function untaped<T>(compute: () => T): T {
  const { state } = tf.engine();
  const { activeTape, gradientDepth } = state;
  Object.assign(state, { activeTape: [], gradientDepth: 0 });
  try {
    return compute();
  } finally {
    Object.assign(state, { activeTape, gradientDepth });
  }
}

/** What a computation gives, its tensors disposed of. */
export function tidied<T>(compute: () => T): T {
  const results: T[] = [];
  tf.tidy(() => {
    results.push(compute());
  });
  return results[0]!;
}
