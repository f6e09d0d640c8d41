import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { DTypeError } from "../errors.ts";
import { bind } from "../trace/bind.ts";
import { broadcastTogether } from "./broadcasting.ts";
import { type Binary, elementwiseType } from "./elementwise.ts";
import { type NoParams, type Primitive, sameSettings } from "./primitive.ts";

// Operations for random words: int32 values as 32 bits, without derivatives. Sums and products already wrap
// modulo 2^32; shifts are products with powers of two.

function ofWords(name: string): Binary {
  const primitive: Primitive<NoParams> = {
    name,
    elementwise: true,
    commutative: true,
    batching: sameSettings,
    outputType: ([x, y]) => {
      const type = elementwiseType(name, { x: x!, y: y! }, true);
      if (type.dtype === "int32") return type;
      throw new DTypeError(name, `elements must be int32; got ${type.dtype}`, 'Use convert(x, "int32").');
    },
    jvp: () => null,
    vjp: () => [null, null],
  };
  const apply = (x: ArrayLike, y: ArrayLike): NdArray =>
    bind(primitive, broadcastTogether(name, { x, y }), {});
  return Object.assign(apply, { primitive });
}

/** The bits in which x and y differ. */
export const bitXor: Binary = ofWords("bitXor");

/** ⌊x y / 2^32⌋ with x and y read as unsigned: the high word of their product.          [eq:multiply-high] */
export const multiplyHigh: Binary = ofWords("multiplyHigh");

/** ⌊x / 2^count⌋ with x read as unsigned, for a count from 1 to 31: the high word of 2^(32 − count) x. */
export function shiftRight(x: NdArray, count: number): NdArray {
  return multiplyHigh(x, (2 ** (32 - count)) | 0);
}
