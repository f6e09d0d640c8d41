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
