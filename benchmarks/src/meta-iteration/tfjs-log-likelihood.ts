/** What the estimators ask of a Gaussian policy, computed by TensorFlow.js in float32. */

import * as tf from "@tensorflow/tfjs";
import type { LogLikelihood, WeightedLikelihood } from "../../../packages/sgmrl/src/policy/log-likelihood.ts";
import type { Policy } from "../../../packages/sgmrl/src/policy/policy.ts";
import type { TrajectoryBatch } from "../../../packages/sgmrl/src/trajectory.ts";
import { logTwoPiHalf } from "../policy-loss/problem.ts";
import { asItComes, type Functions, tuned, twiceDifferentiable } from "../policy-loss/tfjs.ts";

/** The part that SG-MRL and MAML use. */
export type UsedLikelihood = Pick<LogLikelihood, "at" | "gradient"> & {
  weighted(
    ...args: Parameters<LogLikelihood["weighted"]>
  ): Pick<WeightedLikelihood, "gradient" | "hessianProduct" | "hessianProductAndGradient">;
};

/** Tensors that outlive a call are the caller's to dispose of: call inside `tidied`. */
export function tfjsLogLikelihood(
  { layout, observationWidth, actionWidth }: Policy,
  written: "as it comes" | "tuned",
): UsedLikelihood {
  const functions =
    written === "tuned" ? { once: tuned, twice: tuned } : { once: asItComes, twice: twiceDifferentiable };
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

  /** Σ_r w_r ln π(a_r|s_r; θ) as a function of θ's blocks. */
  const weighted = (f: Functions, batch: TrajectoryBatch, w: Float64Array) => {
    const rows = w.length;
    const x = tensor(batch.observations, rows, observationWidth);
    const a = tensor(batch.actions, rows, actionWidth);
    const weights = tensor(w, rows);
    return (...theta: tf.Tensor[]): tf.Scalar => {
      const logStd = theta.at(-1)!;
      const z = tf.mul(tf.sub(a, mean(f, theta, x)), f.exp(tf.neg(logStd)));
      const squares = tf.mul(-0.5, tf.sum(tf.square(z), 1));
      const logProbability = tf.sub(tf.sub(squares, tf.sum(logStd)), actionWidth * logTwoPiHalf);
      return tf.sum(tf.mul(weights, logProbability));
    };
  };

  const gradient: LogLikelihood["gradient"] = (theta, batch, w) =>
    tidied(() => join(tf.grads(weighted(functions.once, batch, w))(cut(theta))));
  // TensorFlow.js has no forward mode: the gradient of <gradient, v>.
  const hessianProduct: LogLikelihood["hessianProduct"] = (theta, batch, w, v) =>
    tidied(() => {
      const direction = cut(v);
      const first = tf.grads(weighted(functions.twice, batch, w));
      const along = (...blocks: tf.Tensor[]): tf.Scalar =>
        first(blocks)
          .map((block, i) => tf.sum(tf.mul(block, direction[i]!)))
          .reduce((sum, term) => tf.add(sum, term)) as tf.Scalar; // sums are scalars
      return join(tf.grads(along)(cut(theta)));
    });

  return {
    at: (theta) => {
      const blocks = cut(theta!);
      return (observations) =>
        tidied(() => {
          const mu = mean(
            functions.once,
            blocks,
            tensor(observations, observations.length / observationWidth, observationWidth),
          );
          const sigma = tf.exp(blocks.at(-1)!);
          return tf.concat([mu, tf.broadcastTo(sigma, mu.shape)], 1).dataSync();
        });
    },
    gradient,
    weighted: (theta, batch, w) => ({
      gradient: gradient(theta, batch, w),
      hessianProduct: (v) => hessianProduct(theta, batch, w, v),
      hessianProductAndGradient: (v, m) => [hessianProduct(theta, batch, w, v), gradient(theta, batch, m)],
    }),
  };
}

/** What a computation gives, its tensors disposed of. */
export function tidied<T>(compute: () => T): T {
  const results: T[] = [];
  tf.tidy(() => {
    results.push(compute());
  });
  return results[0]!;
}
