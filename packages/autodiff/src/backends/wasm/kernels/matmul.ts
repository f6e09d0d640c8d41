/**
 * C = A B for one pair of matrices, specialised to their shape.
 *
 *   C_ij = ((0 + A_i0 B_0j) + A_i1 B_1j) + ...          every product and every sum rounded, k ascending
 *
 * That order holds in every form below, so strict float64 results equal the plain triple loop's to the last bit.
 *
 * Register tile   5 rows x 2 vectors: 10 accumulators, 2 vectors of B, 1 broadcast element of A and 1 product fill 14
 *                 of the 16 vector registers of x86-64; with fewer rows the tile is wider instead; relaxed: 6 rows
 * Strides         A is addressed by (row, k) strides, so A^T B is the same kernel; rows of B and C must be contiguous
 * Blocks of k     where a tile's walk along k would leave the first cache; partial sums rest in C
 * Packing         where the rows of B compete for the same cache lines, a block of them is copied first, panel by panel
 * Narrow C        fewer columns than lanes: narrow-matmul.ts runs the vectors along the rows
 */

import { i32, integer, load } from "../assembler/expression.ts";
import { FunctionBuilder, type Local } from "../assembler/function.ts";
import type { Lanes } from "../elementary/lanes.ts";
import { narrowMatmul } from "./narrow-matmul.ts";
import type { MatmulShape } from "./operands.ts";
import { advance, type Pointers, tile } from "./tile.ts";

/** Rows of a tile -> vectors per row, so that accumulators and operands fit 16 registers. */
const tileVectors = [0, 6, 4, 3, 2, 2, 2] as const;
/** Multiply-adds in one instruction leave a register for one more row. */
const tileRows = { strict: 5, relaxed: 6 } as const;
/** Steps of k per block when A is walked down its columns: 5 rows and 8 columns of a block stay in the first cache. */
const columnSteps = 100;
/** A packed block of B takes at most this, a part of the second cache. */
const packedBytes = 1 << 18;

/** The first cache this is laid out for: 32 KiB, 8 ways of 64 lines of 64 bytes. Smaller or larger ones only run slower. */
const cache = { ways: 8, wayBytes: 4096, lineBytes: 64 };

/** Bytes of scratch memory the product needs. */
export function matmulScratchBytes(L: Lanes, shape: MatmulShape): number {
  return isWide(L, shape) && shouldPack(L, shape)
    ? packedSteps(L, shape) * paddedColumns(L, shape) * L.bytes
    : 0;
}

function isWide(L: Lanes, { n, bColumn }: MatmulShape): boolean {
  return n >= L.count && bColumn === 1;
}

function paddedColumns(L: Lanes, { n }: MatmulShape): number {
  return Math.ceil(n / L.count) * L.count;
}

function packedSteps(L: Lanes, shape: MatmulShape): number {
  return Math.max(32, Math.min(shape.k, 256, Math.floor(packedBytes / (paddedColumns(L, shape) * L.bytes))));
}

/** A function (a, b, c, scratch: byte addresses) that writes C. */
export function matmul(L: Lanes, shape: MatmulShape): FunctionBuilder {
  const { k } = shape;
  if (!isWide(L, shape)) return narrowMatmul(L, shape);
  const fn = new FunctionBuilder(`matmul_${L.dtype}_${Object.values(shape).join("_")}`, [
    "i32",
    "i32",
    "i32",
    "i32",
  ]);
  const [a, b, c, scratch] = [0, 1, 2, 3].map((index) => fn.parameter(index, "i32")) as [
    Local<"i32">,
    Local<"i32">,
    Local<"i32">,
    Local<"i32">,
  ]; // four parameters
  const packs = shouldPack(L, shape);
  const steps = Math.max(1, Math.min(k, packs ? packedSteps(L, shape) : unpackedSteps(shape)));
  const block = (first: Local<"i32"> | undefined, count: number, accumulate: boolean): void => {
    const pointers =
      first === undefined
        ? { a, b, c }
        : { a: advance(fn, L, a, first, shape.aStep), b: advance(fn, L, b, first, shape.bStep), c };
    if (packs) packedBlock(fn, L, shape, pointers, scratch, count, accumulate);
    else directBlock(fn, L, shape, pointers, count, accumulate);
  };

  block(undefined, Math.min(steps, k), false);
  const fullBlocks = Math.floor(k / steps);
  fn.range(1, fullBlocks, 1, (index) => block(fn.let(integer("mul", index, i32(steps))), steps, true));
  const rest = k - fullBlocks * steps;
  if (rest > 0 && fullBlocks > 0) block(fn.let(i32(fullBlocks * steps)), rest, true);
  return fn;
}

function unpackedSteps({ aRow, aStep, k }: MatmulShape): number {
  return aRow < aStep && k > 2 * columnSteps ? columnSteps : k;
}

/** Whether one panel of B would not stay in the first cache while the rows of A pass by, and enough rows pass. */
function shouldPack(L: Lanes, shape: MatmulShape): boolean {
  const stride = shape.bStep * L.bytes;
  const distinctLines = Math.min(
    cache.wayBytes / cache.lineBytes,
    cache.wayBytes / greatestCommonDivisor(stride, cache.wayBytes),
  );
  const capacity = 0.75 * cache.ways * distinctLines;
  return shape.m >= 8 * tileRows.strict && unpackedSteps(shape) > capacity;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** C (+)= A B over `steps` values of k: tiles of rows outside, panels of columns inside. */
function directBlock(
  fn: FunctionBuilder,
  L: Lanes,
  shape: MatmulShape,
  { a, b, c }: Pointers,
  steps: number,
  accumulate: boolean,
): void {
  forEachRowTile(fn, L, shape, (row, rows) => {
    const aTile = advance(fn, L, a, row, shape.aRow);
    const cTile = advance(fn, L, c, row, shape.cRow);
    forEachPanel(fn, L, shape.n, tileVectors[rows]!, (column, vectors, columns) => {
      const pointers = { a: aTile, b: advance(fn, L, b, column, 1), c: advance(fn, L, cTile, column, 1) };
      tile(fn, L, shape, pointers, { rows, vectors, columns, steps, accumulate });
    });
  });
}

/** The same from a copy of B's rows in which every panel is contiguous: row k of a panel follows row k - 1. */
function packedBlock(
  fn: FunctionBuilder,
  L: Lanes,
  shape: MatmulShape,
  { a, b, c }: Pointers,
  scratch: Local<"i32">,
  steps: number,
  accumulate: boolean,
): void {
  const widest = tileVectors[tileRows[L.arithmetic]];
  forEachPanel(fn, L, shape.n, widest, (column, vectors) => {
    const from = fn.let(advance(fn, L, b, column, 1));
    const to = fn.let(advance(fn, L, scratch, column, steps));
    fn.range(0, steps, 1, () => {
      for (let v = 0; v < vectors; v++) fn.store("v128.store", to, load("v128.load", from, 16 * v), 16 * v);
      fn.set(from, integer("add", from, i32(shape.bStep * L.bytes)));
      fn.set(to, integer("add", to, i32(vectors * 16)));
    });
  });
  forEachRowTile(fn, L, shape, (row, rows) => {
    const aTile = advance(fn, L, a, row, shape.aRow);
    const cTile = advance(fn, L, c, row, shape.cRow);
    forEachPanel(fn, L, shape.n, widest, (column, vectors, columns) => {
      const pointers = {
        a: aTile,
        b: advance(fn, L, scratch, column, steps),
        c: advance(fn, L, cTile, column, 1),
      };
      tile(fn, L, { ...shape, bStep: vectors * L.count }, pointers, {
        rows,
        vectors,
        columns,
        steps,
        accumulate,
      });
    });
  });
}

function forEachRowTile(
  fn: FunctionBuilder,
  L: Lanes,
  { m }: MatmulShape,
  body: (row: Local<"i32">, rows: number) => void,
): void {
  const most = tileRows[L.arithmetic];
  const full = m - (m % most);
  fn.range(0, full, most, (row) => body(row, most));
  if (m > full) fn.range(full, m, m - full, (row) => body(row, m - full));
}

/** Panels of `widest` vectors, then narrower ones; the last vector may be partial. */
function forEachPanel(
  fn: FunctionBuilder,
  L: Lanes,
  n: number,
  widest: number,
  body: (column: Local<"i32">, vectors: number, columns: number) => void,
): void {
  let from = 0;
  for (let vectors = widest; vectors > 0; vectors--) {
    const width = vectors * L.count;
    const to = n - ((n - from) % width);
    fn.range(from, to, width, (column) => body(column, vectors, width));
    from = Math.max(from, to);
  }
  // The lanes of the last vector past the row's end hold whatever follows in memory; they are never stored.
  if (from < n) body(fn.let(i32(from)), 1, n - from);
}
