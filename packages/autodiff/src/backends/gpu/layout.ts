/**
 * The layout of a value in device memory: texels in rows and columns, each holding one element or four
 * neighbours along the last axis. A graphics card fetches four numbers in the time of one, so values are
 * packed where their last axis allows it.
 */

import { type Shape, sizeOf } from "../../array/shape.ts";

export interface Layout {
  /** Elements per texel. */
  readonly lanes: 1 | 4;
  /** Texels along the last axis; all texels if there is only one row. */
  readonly columns: number;
  /**
   * The product of all other axes. With several rows, a texel is found by column and row, without a division.
   */
  readonly rows: number;
}

/** The texture side, in texels, that every WebGL2 implementation supports. */
const longestSide = 2048;

export function layoutOf(shape: Shape, { packs }: { readonly packs: boolean }): Layout {
  const size = sizeOf(shape);
  const last = shape.at(-1) ?? 1;
  if (!packs || size === 0) return { lanes: 1, columns: size, rows: 1 };
  const lanes = last % 4 === 0 ? 4 : 1;
  const [columns, rows] = [last / lanes, size / last];
  if (Math.max(columns, rows) > longestSide) return { lanes, columns: size / lanes, rows: 1 };
  return { lanes, columns, rows };
}
