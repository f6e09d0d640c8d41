import { add, expandDims, matmul, type NdArray } from "@sgmrl/autodiff";
import { block, type Layout } from "./layout.ts";

/** The two ways in which θ acts on the rows of a batch. A policy uses each block of its layout once, by one of them. */
export interface Parameters {
  /** z_r = h_r W, W the block of that name.   Shapes  h: [...k, rows, in] → [...k, rows, out] */
  product(name: string, h: NdArray): NdArray;
  /** z_r = b in every row, b the block of that name.   Shapes  [...k, 1, out], to be broadcast */
  shared(name: string): NdArray;
}

/** Shapes  theta: [d], or [k, d] for several policies at once */
export function parametersOf(layout: Layout, theta: NdArray): Parameters {
  return {
    product: (name, h) => matmul(h, block(theta, layout, name)),
    shared: (name) => expandDims(block(theta, layout, name), -2),
  };
}

/** The same with ε_r added to z_r, one array ε for each block. */
export function perturbed(theta: Parameters, epsilon: Readonly<Record<string, NdArray>>): Parameters {
  return {
    product: (name, h) => add(theta.product(name, h), epsilon[name]!),
    shared: (name) => add(theta.shared(name), epsilon[name]!),
  };
}
