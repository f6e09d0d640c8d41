/** Shared by the matrix kernels: the description of a product, and loading and storing lanes. */

import { type Expr, load, loadAtOffset, type V } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/function.ts";
import type { Lanes } from "../elementary/lanes.ts";

/** A product's shape; strides in elements. */
export interface MatmulShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly aRow: number;
  readonly aStep: number;
  /** Distance between consecutive rows of B. */
  readonly bStep: number;
  readonly bColumn: number;
  readonly cRow: number;
}

/** Maximum number of products in a float32 chain; the sums of the chains are then added one after another. */
const longestChain = 104;

/**
 * Values of k in a chain. float64 sums are one chain, in the order of the plain triple loop; float32 sums are
 * chains of nearly equal length, whatever the form of the product.
 */
export function stepsPerChain({ dtype }: Lanes, { k }: Pick<MatmulShape, "k">): number {
  if (dtype === "float64" || k === 0) return k;
  const chains = Math.ceil(k / longestChain);
  return chains === 1 ? k : 4 * Math.ceil(k / chains / 4); // whole turns of the kernels' loops
}

/** One element of A in every lane. */
export function broadcastLoad(L: Lanes, address: Expr<"i32">, offset: number): V {
  return load(broadcastName(L), address, offset);
}

/** The same, for a few offsets that many loads share. */
export function broadcastLoadAtOffset(L: Lanes, address: Expr<"i32">, offset: number): V {
  return loadAtOffset(broadcastName(L), address, offset);
}

function broadcastName(L: Lanes): "v128.load32_splat" | "v128.load64_splat" {
  return L.bytes === 4 ? "v128.load32_splat" : "v128.load64_splat";
}

/** The first `lanes` lanes. */
export function storeLanes(
  fn: FunctionBuilder,
  L: Lanes,
  address: Expr<"i32">,
  value: V,
  offset: number,
  lanes: number,
): void {
  if (lanes === L.count) {
    fn.store("v128.store", address, value, offset);
    return;
  }
  const one = L.bytes === 4 ? "v128.store32_lane" : "v128.store64_lane";
  for (let lane = 0; lane < lanes; lane++) fn.store(one, address, value, offset + lane * L.bytes, lane);
}
