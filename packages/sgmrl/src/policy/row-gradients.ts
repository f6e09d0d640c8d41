import {
  broadcastTo,
  concat,
  expandDims,
  grad,
  matmul,
  matrixTranspose,
  mul,
  type NdArray,
  reshape,
  scan,
  sum,
  zerosLike,
} from "@sgmrl/autodiff";
import type { Layout } from "./layout.ts";
import { type Parameters, parametersOf, perturbed } from "./parameters.ts";

/**
 * Σ_r W_kr ∇ℓ_r(θ) for K rows of weights, from one forward and one backward pass.                    [eq:row-gradients]
 *
 *   δ_r = ∂ℓ_r/∂z_r = ∂(Σ_r ℓ_r)/∂ε_r at ε = 0,   ε_r added to z_r
 *   z_r = h_r W:   Σ_r w_r ∂ℓ_r/∂W = Σ_r w_r h_rᵀ δ_r = (diag(w) h)ᵀ δ
 *   z_r = b:       Σ_r w_r ∂ℓ_r/∂b = Σ_r w_r δ_r
 *
 * ℓ_r must depend on row r only. The passes do not depend on w: each further gradient costs one product for each block.
 *
 * Shapes  theta: [d], W: [K, rows] → [K, d]
 * Source  Goodfellow, Efficient per-example gradient computations, 2015, arXiv:1510.01799
 */
export function rowGradients(
  layout: Layout,
  logProbability: (theta: Parameters) => NdArray,
  theta: NdArray,
  W: NdArray,
): NdArray {
  const [K, rows] = W.shape as [number, number]; // W is a matrix
  const plain = parametersOf(layout, theta);
  const h: Record<string, NdArray> = {};
  const zero: Record<string, NdArray> = {};
  const use = (name: string, z: NdArray): NdArray => {
    if (name in zero) {
      throw new RangeError(`policy: block ${name} is used twice; expected once. Keep its first result.`);
    }
    zero[name] = zerosLike(broadcastTo(z, [rows, z.shape[1]!]));
    return z;
  };
  logProbability({
    product(name, input) {
      h[name] = input;
      return use(name, plain.product(name, input));
    },
    shared: (name) => use(name, plain.shared(name)),
  });

  const delta = grad((epsilon: typeof zero) => sum(logProbability(perturbed(plain, epsilon))))(zero);
  const gradients = layout.blocks.map(({ name }) =>
    h[name] === undefined ? matmul(W, delta[name]!) : weightedProducts(W, h[name], delta[name]!),
  );
  return concat(
    gradients.map((gradient) => reshape(gradient, [K, -1])),
    1,
  );
}

/**
 * (diag(W_k) h)ᵀ δ for each k; the weights multiply the narrower factor. One k after the other, so that memory holds one
 * weighted factor, not K.
 *
 * Shapes  W: [K, rows], h: [rows, in], delta: [rows, out] → [K, in, out]
 */
function weightedProducts(W: NdArray, h: NdArray, delta: NdArray): NdArray {
  const product = (w: NdArray): NdArray =>
    h.shape[1]! <= delta.shape[1]!
      ? matmul(mul(expandDims(w, 0), matrixTranspose(h)), delta)
      : matmul(matrixTranspose(h), mul(expandDims(w, 1), delta));
  return scan((_: readonly NdArray[], w: NdArray) => [[], product(w)] as const, [], W)[1];
}
