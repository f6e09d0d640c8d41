/** Index arithmetic as text: from a multi-index to a flat position, and back. */

import { type Shape, stridesOf } from "../../array/shape.ts";
import type { Layout } from "./layout.ts";
import type { KernelText } from "./text.ts";

/** One expression per axis. */
export type Index = readonly string[];

/** The flat position of an element, in row-major order. */
export function ravel(text: KernelText, index: Index, shape: Shape): string {
  const strides = stridesOf(shape);
  const terms = index.flatMap((i, axis) =>
    i === "0" ? [] : [strides[axis] === 1 ? i : `${i} * ${strides[axis]}`],
  );
  if (terms.length === 0) return "0";
  const sum = terms.join(" + ");
  return index.includes(sum) ? sum : text.name(sum);
}

/** The index of the i-th element, in row-major order. */
export function unravel(text: KernelText, i: string, shape: Shape): Index {
  const strides = stridesOf(shape);
  let rest = i;
  return shape.map((extent, axis) => {
    if (extent === 1) return "0";
    const stride = strides[axis]!;
    if (stride === 1) return rest;
    // Adding one half keeps the quotient clear of the next integer, to which a card's division may round up.
    const at = text.name(`Math.floor((${rest} + 0.5) / ${stride}.0)`);
    rest = text.name(`${rest} - ${at} * ${stride}`);
    return at;
  });
}

/** The elements that one thread computes: those of its texel. */
export function ownElements(text: KernelText, shape: Shape, { lanes, columns, rows }: Layout): Index[] {
  const leading = shape.slice(0, -1);
  const column = text.name("this.thread.x");
  if (rows === 1 && lanes === 1) return [unravel(text, column, shape)];
  const index =
    rows === 1
      ? unravel(text, column, [...leading, shape.at(-1)! / lanes])
      : [...unravel(text, text.name("this.thread.y"), leading), columns === 1 ? "0" : column];
  if (lanes === 1) return [index];
  return text.four(index.at(-1)!).map((last) => [...index.slice(0, -1), last]);
}

/**
 * Reads texel `index` of an argument; the shape is in texels. Texture coordinates are in [0, 1], at texel
 * centres.
 */
export function fetch(
  text: KernelText,
  argument: string,
  { lanes, columns, rows }: Layout,
  shape: Shape,
  index: Index,
): string {
  if (rows === 1) return text.name(`${argument}[${ravel(text, index, shape)}]`);
  const row = ravel(text, index.slice(0, -1), shape.slice(0, -1));
  const at = `(${index.at(-1)} + 0.5) / ${columns}.0, (${row} + 0.5) / ${rows}.0`;
  return text.name(`${lanes === 4 ? "texel" : "element"}(${argument}, ${at})`);
}
