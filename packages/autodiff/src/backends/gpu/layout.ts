/**
 * How a value lies in a device's memory: texels in rows and columns, each of one element or of four neighbours along the
 * last axis. A graphics card fetches four numbers in the time of one, so values are packed where their last axis allows it.
 */

import { type Shape, sizeOf } from "../../array/shape.ts";

export interface Layout {
  /** Elements of one texel. */
  readonly lanes: 1 | 4;
  /** Texels along the last axis; all of them where there is one row. */
  readonly columns: number;
  /** All other axes together. Where there are several, a texel is found by column and row, without a division. */
  readonly rows: number;
}

/** Texels along a side of a texture that every WebGL2 grants. */
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
