import { add, type NdArray, tanh } from "@sgmrl/autodiff";
import { fold, type Key, uniform } from "@sgmrl/autodiff/random";
import type { Layout, ParameterBlock } from "./layout.ts";
import type { Parameters } from "./parameters.ts";

/**
 * A multilayer perceptron with tanh hidden layers and a linear output.                  [eq:mlp]
 *
 *   h_0 = x,   h_l = tanh(h_{l−1} W_l + b_l),   y = h_{L−1} W_L + b_L
 */
export interface Mlp {
  readonly widths: readonly number[];
}

export function mlpBlocks({ widths }: Mlp): ParameterBlock[] {
  return widths.slice(1).flatMap((width, i) => [
    { name: `weight${i + 1}`, shape: [widths[i]!, width] },
    { name: `bias${i + 1}`, shape: [width] },
  ]);
}

/** Shapes  x: [...k, rows, widths[0]] → [...k, rows, last width] */
export function mlpForward({ widths }: Mlp, theta: Parameters, x: NdArray): NdArray {
  const layers = widths.length - 1;
  let h = x;
  for (let l = 1; l <= layers; l++) {
    const z = add(theta.product(`weight${l}`, h), theta.shared(`bias${l}`));
    h = l < layers ? tanh(z) : z;
  }
  return h;
}

/**
 * Weights uniform in ±√(6 / (fan in + fan out)), biases 0.
 *
 * Source  Glorot & Bengio, AISTATS 2010, equation 16
 */
export function initializeMlp({ widths }: Mlp, layout: Layout, key: Key, theta: Float64Array): void {
  for (let l = 1; l < widths.length; l++) {
    const place = layout.blocks.find(({ name }) => name === `weight${l}`)!;
    const limit = Math.sqrt(6 / (widths[l - 1]! + widths[l]!));
    const u = uniform(fold(key, l), place.stop - place.start);
    theta.set(
      u.map((x) => limit * (2 * x - 1)),
      place.start,
    );
  }
}
