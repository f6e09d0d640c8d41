/**
 * C = A B for one pair of matrices, specialised to their shape.
 *
 *   C_ij = ((0 + A_i0 B_0j) + A_i1 B_1j) + ...          every product and every sum rounded, k ascending
 *
 * That order holds in every form below, so float64 results equal the plain triple loop's to the last bit.
 *
 * Register tile   5 rows x 2 vectors: 10 accumulators, 2 vectors of B, 1 broadcast element of A and 1 product fill 14
 *                 of the 16 vector registers of x86-64; with fewer rows the tile is wider instead
 * Strides         A is addressed by (row, k) strides, so A^T B is the same kernel; rows of B and C must be contiguous
 * K-blocking      a column of A that spans many cache lines (A^T B) is walked in blocks of k; partial sums rest in C
 * Narrow C        fewer columns than lanes: narrow-matmul.ts runs the vectors along the rows
 */

import { type Expr, i32, integer, load } from "../assembler/expression.ts";
import { FunctionBuilder, type Local } from "../assembler/function.ts";
import type { Lanes } from "../elementary/lanes.ts";
import { narrowMatmul } from "./narrow-matmul.ts";
import { broadcastLoad, type MatmulShape, storeLanes } from "./operands.ts";

/** Rows of a tile -> vectors per row, so that accumulators and operands fit 16 registers. */
const tileVectors = [0, 6, 4, 3, 2, 2] as const;
const tileRows = 5;
const unroll = 4;
/** Steps of k per block when A is walked down its columns: 5 rows and 8 columns of a block stay in the first cache. */
const blockSteps = 100;

/** A function (a, b, c: byte addresses) that writes C. */
export function matmul(L: Lanes, shape: MatmulShape): FunctionBuilder {
  const { n, k, bColumn } = shape;
  if (n < L.count || bColumn !== 1) return narrowMatmul(L, shape);
  const name = `matmul_${L.dtype}_${Object.values(shape).join("_")}`;
  const fn = new FunctionBuilder(name, ["i32", "i32", "i32"]);
  const [a, b, c] = [0, 1, 2].map((index) => fn.parameter(index, "i32")) as [
    Local<"i32">,
    Local<"i32">,
    Local<"i32">,
  ]; // three parameters
  const steps = shape.aRow < shape.aStep && k > 2 * blockSteps ? blockSteps : Math.max(k, 1);

  block(fn, L, shape, { a, b, c }, Math.min(steps, k), false);
  const fullBlocks = Math.floor(k / steps);
  if (fullBlocks > 1) {
    fn.range(1, fullBlocks, 1, (index) => {
      const first = fn.let(integer("mul", index, i32(steps)));
      block(
        fn,
        L,
        shape,
        { a: advance(fn, L, a, first, shape.aStep), b: advance(fn, L, b, first, shape.bStep), c },
        steps,
        true,
      );
    });
  }
  const rest = k - fullBlocks * steps;
  if (rest > 0 && fullBlocks > 0) {
    const first = fn.let(i32(fullBlocks * steps));
    block(
      fn,
      L,
      shape,
      { a: advance(fn, L, a, first, shape.aStep), b: advance(fn, L, b, first, shape.bStep), c },
      rest,
      true,
    );
  }
  return fn;
}

interface Pointers {
  readonly a: Expr<"i32">;
  readonly b: Expr<"i32">;
  readonly c: Expr<"i32">;
}

function advance(
  fn: FunctionBuilder,
  L: Lanes,
  base: Expr<"i32">,
  count: Expr<"i32">,
  stride: number,
): Local<"i32"> {
  return fn.let(integer("add", base, integer("mul", count, i32(stride * L.bytes))));
}

/** C (+)= A B over `steps` values of k: tiles of rows outside, panels of columns inside. */
function block(
  fn: FunctionBuilder,
  L: Lanes,
  shape: MatmulShape,
  { a, b, c }: Pointers,
  steps: number,
  accumulate: boolean,
): void {
  const { m, aRow, cRow } = shape;
  const rowTiles = (from: number, to: number, rows: number): void =>
    fn.range(from, to, rows, (row) => {
      const aTile = advance(fn, L, a, row, aRow);
      const cTile = advance(fn, L, c, row, cRow);
      panels(fn, L, shape, { a: aTile, b, c: cTile }, rows, steps, accumulate);
    });
  const full = m - (m % tileRows);
  rowTiles(0, full, tileRows);
  if (m > full) rowTiles(full, m, m - full);
}

function panels(
  fn: FunctionBuilder,
  L: Lanes,
  shape: MatmulShape,
  { a, b, c }: Pointers,
  rows: number,
  steps: number,
  accumulate: boolean,
): void {
  const { n } = shape;
  let from = 0;
  for (let vectors = tileVectors[rows]!; vectors > 0; vectors--) {
    const width = vectors * L.count;
    const to =
      vectors === tileVectors[rows] || n - from >= width
        ? from + Math.floor((n - from) / width) * width
        : from;
    fn.range(from, to, width, (column) => {
      const offset = fn.let(integer("mul", column, i32(L.bytes)));
      const pointers = { a, b: fn.let(integer("add", b, offset)), c: fn.let(integer("add", c, offset)) };
      tile(fn, L, shape, pointers, { rows, vectors, columns: width, steps, accumulate });
    });
    from = to;
  }
  if (from === n) return;
  // The last, partial vector. Lanes past the row's end hold whatever follows in memory; they are never stored.
  const pointers = {
    a,
    b: fn.let(integer("add", b, i32(from * L.bytes))),
    c: fn.let(integer("add", c, i32(from * L.bytes))),
  };
  tile(fn, L, shape, pointers, { rows, vectors: 1, columns: n - from, steps, accumulate });
}

interface Tile {
  readonly rows: number;
  readonly vectors: number;
  /** Columns to store; the last vector may be partial. */
  readonly columns: number;
  readonly steps: number;
  readonly accumulate: boolean;
}

function tile(fn: FunctionBuilder, L: Lanes, shape: MatmulShape, pointers: Pointers, size: Tile): void {
  const { rows, vectors, columns, steps, accumulate } = size;
  const cAt = (row: number, vector: number): number => (row * shape.cRow + vector * L.count) * L.bytes;
  const sums = Array.from({ length: rows }, (_, row) =>
    Array.from({ length: vectors }, (_, vector) =>
      fn.let(accumulate ? load("v128.load", pointers.c, cAt(row, vector)) : L.constant(0)),
    ),
  );

  const a = fn.let(pointers.a);
  const b = fn.let(pointers.b);
  const step = (u: number): void => {
    const bVectors = Array.from({ length: vectors }, (_, vector) =>
      fn.let(load("v128.load", b, (u * shape.bStep + vector * L.count) * L.bytes)),
    );
    for (let row = 0; row < rows; row++) {
      const aElement = fn.let(broadcastLoad(L, a, (row * shape.aRow + u * shape.aStep) * L.bytes));
      for (let vector = 0; vector < vectors; vector++) {
        const sum = sums[row]![vector]!;
        fn.set(sum, L.add(sum, L.mul(aElement, bVectors[vector]!)));
      }
    }
  };
  const grouped = steps - (steps % unroll);
  fn.range(0, grouped, unroll, () => {
    for (let u = 0; u < unroll; u++) step(u);
    fn.set(a, integer("add", a, i32(unroll * shape.aStep * L.bytes)));
    fn.set(b, integer("add", b, i32(unroll * shape.bStep * L.bytes)));
  });
  for (let u = 0; u < steps - grouped; u++) step(u);

  for (let row = 0; row < rows; row++) {
    for (let vector = 0; vector < vectors; vector++) {
      const lanes = Math.min(L.count, columns - vector * L.count);
      storeLanes(fn, L, pointers.c, sums[row]![vector]!, cAt(row, vector), lanes);
    }
  }
}
