/** The innermost part of a product: one tile of C in registers, over a run of k. */

import { type Expr, i32, integer, load, type V } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/function.ts";
import type { Lanes } from "../elementary/lanes.ts";
import { broadcastLoadAtOffset, type MatmulShape, storeLanes } from "./operands.ts";

/** Where a tile's operands start. */
export interface Pointers {
  readonly a: Expr<"i32">;
  readonly b: Expr<"i32">;
  readonly c: Expr<"i32">;
}

/** base + count * stride, in bytes. */
export function advance(
  fn: FunctionBuilder,
  L: Lanes,
  base: Expr<"i32">,
  count: Expr<"i32">,
  stride: number,
): Local<"i32"> {
  return fn.let(integer("add", base, integer("mul", count, i32(stride * L.bytes))));
}

/** Values of k per iteration of the loop. */
const unroll = 4;

export interface Tile {
  readonly rows: number;
  readonly vectors: number;
  /** Columns to store; the last vector may be partial. */
  readonly columns: number;
  readonly steps: number;
  /** Not 0 if the sums belong to the values in C; if undefined, C is written. */
  readonly continues: Expr<"i32"> | undefined;
}

/**
 * Each row of A has its own pointer, so that all rows use the same few offsets. V8 keeps memory base plus
 * each offset in a register throughout the loop, because the iteration peeled off before the loop already
 * computes them.
 */
export function tile(
  fn: FunctionBuilder,
  L: Lanes,
  shape: MatmulShape,
  pointers: Pointers,
  size: Tile,
): void {
  const { rows, vectors, columns, steps, continues } = size;
  const cAt = (row: number, vector: number): number => (row * shape.cRow + vector * L.count) * L.bytes;
  const sums = each(rows, () => each(vectors, () => fn.let(L.constant(0))));
  /** float64 sums go on from those in C; a float32 chain starts at 0 and is added to them. */
  const withThoseInC = (combine: (sum: V, inC: V) => V): void => {
    if (continues === undefined) return;
    fn.if(continues, () => {
      for (const [row, ofRow] of sums.entries())
        for (const [vector, sum] of ofRow.entries())
          fn.set(sum, combine(sum, load("v128.load", pointers.c, cAt(row, vector))));
    });
  };
  if (L.dtype === "float64") withThoseInC((_zero, inC) => inC);

  const b = fn.let(pointers.b);
  const rowsOfA = each(rows, (row) => fn.let(integer("add", pointers.a, i32(row * shape.aRow * L.bytes))));
  const elementOfA = (row: number, u: number): V =>
    fn.let(broadcastLoadAtOffset(L, rowsOfA[row]!, u * shape.aStep * L.bytes));
  const vectorOfB = (vector: number, u: number): V =>
    fn.let(load("v128.load", b, (u * shape.bStep + vector * L.count) * L.bytes));
  /** sum += x y for several sums: all products, then all additions, which some processors schedule better. */
  const accumulateProducts = (terms: readonly { sum: Local<"v128">; x: V; y: V }[]): void => {
    const [values] = fn.letTogether(terms.map(({ sum, x, y }) => L.mulAdd(x, y, sum)));
    for (const [i, { sum }] of terms.entries()) fn.set(sum, values![i] as V); // vectors stay vectors
  };
  /**
   * One value of k: operands of the shorter side stay in registers, those of the longer side are loaded in
   * turn.
   */
  const step = (u: number): void => {
    if (rows < vectors) {
      const column = each(rows, (row) => elementOfA(row, u));
      for (let vector = 0; vector < vectors; vector++) {
        const y = vectorOfB(vector, u);
        accumulateProducts(column.map((x, row) => ({ sum: sums[row]![vector]!, x, y })));
      }
    } else {
      const row = each(vectors, (vector) => vectorOfB(vector, u));
      for (let i = 0; i < rows; i++) {
        const x = elementOfA(i, u);
        accumulateProducts(row.map((y, vector) => ({ sum: sums[i]![vector]!, x, y })));
      }
    }
  };
  const turn = (): void => {
    for (let u = 0; u < unroll; u++) step(u);
    for (const a of rowsOfA) fn.set(a, integer("add", a, i32(unroll * shape.aStep * L.bytes)));
    fn.set(b, integer("add", b, i32(unroll * shape.bStep * L.bytes)));
  };
  const turns = Math.floor(steps / unroll);
  if (turns > 0) turn();
  if (shape.bStep === 0) fn.range(1, turns, 1, turn);
  else if (turns > 1) {
    // The pointer into B doubles as the loop counter.
    const end = fn.let(integer("add", b, i32((turns - 1) * unroll * shape.bStep * L.bytes)));
    fn.doWhile(turn, integer("ne", b, end));
  }
  for (let u = 0; u < steps % unroll; u++) step(u);
  if (L.dtype === "float32") withThoseInC((sum, inC) => L.add(inC, sum));

  for (let row = 0; row < rows; row++) {
    for (let vector = 0; vector < vectors; vector++) {
      const lanes = Math.min(L.count, columns - vector * L.count);
      storeLanes(fn, L, pointers.c, sums[row]![vector]!, cAt(row, vector), lanes);
    }
  }
}

function each<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
