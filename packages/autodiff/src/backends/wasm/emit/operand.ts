/** Operands of a loop nest: their addresses, and how to load and store a vector or one element of them. */

import type { DType } from "../../../array/ndarray.ts";
import type { Shape } from "../../../array/shape.ts";
import { type Expr, i32, integer, load, shuffle, type V } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/function.ts";
import { bytesOf } from "../plan/nodes.ts";

/** An array read or written at every index: an address, and strides over the cluster's index space. */
export interface Operand {
  readonly dtype: DType;
  /** Byte address of the first element. */
  readonly address: number;
  readonly strides: readonly number[];
}

/** Byte offsets of operands at the current outer index; operands with equal strides share one. */
export class Place {
  readonly #fn: FunctionBuilder;
  readonly #outer: readonly Expr<"i32">[];
  readonly #known = new Map<string, Local<"i32"> | undefined>();

  constructor(fn: FunctionBuilder, outer: readonly Expr<"i32">[]) {
    this.#fn = fn;
    this.#outer = outer;
  }

  /** Undefined means offset 0. */
  of({ strides, dtype }: Operand): Local<"i32"> | undefined {
    const byteStrides = this.#outer.map((_, axis) => strides[axis]! * bytesOf(dtype));
    const key = byteStrides.join();
    if (!this.#known.has(key)) {
      const terms = this.#outer.flatMap((index, axis) =>
        byteStrides[axis] === 0 ? [] : [integer("mul", index, i32(byteStrides[axis]!))],
      );
      const offset = terms.length === 0 ? undefined : terms.reduce((sum, term) => integer("add", sum, term));
      this.#known.set(key, offset && this.#fn.let(offset));
    }
    return this.#known.get(key);
  }
}

/**
 * Emits loops over all axes but the last, whose extent it passes to `inner`, with the places of up to `together`
 * rows.
 */
export function nest(
  fn: FunctionBuilder,
  shape: Shape,
  operands: readonly Operand[],
  together: number,
  inner: (places: readonly Place[], extent: number) => void,
): void {
  const rows = (outer: readonly (readonly Expr<"i32">[])[]): void => {
    const places = outer.map((indices) => new Place(fn, indices));
    for (const place of places) for (const operand of operands) place.of(operand); // here, outside the innermost loop
    inner(places, shape.at(-1) ?? 1);
  };
  const descend = (axis: number, indices: readonly Expr<"i32">[]): void => {
    const extent = shape[axis]!;
    if (axis < shape.length - 2) {
      fn.range(0, extent, 1, (index) => descend(axis + 1, [...indices, index]));
      return;
    }
    const some = (from: number, to: number, count: number): void =>
      fn.range(from, to, count, (first) => {
        const at = (k: number): Expr<"i32"> => (k === 0 ? first : fn.let(integer("add", first, i32(k))));
        rows(Array.from({ length: count }, (_, k) => [...indices, at(k)]));
      });
    const whole = extent - (extent % together);
    some(0, whole, together);
    some(whole, extent, 1);
  };
  if (shape.length < 2) rows([[]]);
  else descend(0, []);
}

function elementAddress(place: Local<"i32"> | undefined, i: Expr<"i32">, byteStride: number): Expr<"i32"> {
  const along = byteStride === 0 ? undefined : integer("mul", i, i32(byteStride));
  if (place === undefined) return along ?? i32(0);
  return along === undefined ? place : integer("add", place, along);
}

export function loadSplat({ dtype, address }: Operand, place: Local<"i32"> | undefined): V {
  return load(bytesOf(dtype) === 8 ? "v128.load64_splat" : "v128.load32_splat", place ?? i32(0), address);
}

export function loadLanes(
  fn: FunctionBuilder,
  operand: Operand,
  place: Local<"i32"> | undefined,
  i: Expr<"i32">,
  count: 1 | 2 | 4,
): V {
  const bytes = bytesOf(operand.dtype);
  const stride = operand.strides.at(-1) ?? 0;
  const at = elementAddress(place, i, stride * bytes);
  if (stride === 1 || count === 1) {
    const size = count * bytes;
    return load(
      size === 16 ? "v128.load" : size === 8 ? "v128.load64_zero" : "v128.load32_zero",
      at,
      operand.address,
    );
  }
  const base = fn.let(at);
  const splats = Array.from({ length: count }, (_, lane) =>
    fn.let(
      load(
        bytes === 8 ? "v128.load64_splat" : "v128.load32_splat",
        base,
        operand.address + lane * stride * bytes,
      ),
    ),
  );
  return interleave(splats, bytes);
}

/** Lane k of the k-th vector, for every k; with two vectors of four lanes, in the low half. */
function interleave(vectors: readonly V[], bytes: 4 | 8): V {
  const lanes = (choice: readonly number[]): number[] =>
    choice.flatMap((lane) => Array.from({ length: bytes }, (_, byte) => lane * bytes + byte));
  const [a, b, c, d] = vectors;
  if (bytes === 8) return shuffle(lanes([0, 3]), a!, b!);
  const low = shuffle(lanes([0, 5, 0, 5]), a!, b!);
  return c === undefined ? low : shuffle(lanes([0, 1, 6, 7]), low, shuffle(lanes([2, 7, 2, 7]), c, d!));
}

export function storeLanes(
  fn: FunctionBuilder,
  operand: Operand,
  place: Local<"i32"> | undefined,
  i: Expr<"i32">,
  count: 1 | 2 | 4,
  value: V,
): void {
  const bytes = bytesOf(operand.dtype);
  const size = count * bytes;
  const name = size === 16 ? "v128.store" : size === 8 ? "v128.store64_lane" : "v128.store32_lane";
  fn.store(name, elementAddress(place, i, (operand.strides.at(-1) ?? 0) * bytes), value, operand.address);
}
