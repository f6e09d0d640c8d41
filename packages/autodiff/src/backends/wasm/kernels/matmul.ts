/**
 * C = A B for one pair of matrices, specialised to their shape.
 *
 *   C_ij = ((0 + A_i0 B_0j) + A_i1 B_1j) + ...          every product and every sum rounded, k ascending
 *
 * Every form below keeps that order, so strict float64 results equal those of the plain triple loop bit for
 * bit. float32 sums are chains of at most 104 such products, which are added in turn:
 *
 *   C_ij = (S_0 + S_1) + ...      S_c = ((0 + A_ik B_kj) + A_i,k+1 B_k+1,j) + ...      k = c s, ..., c s + s - 1
 *
 * so that a term is rounded s + k/s times at most, and not k times.
 *
 *   for blocks of k:   copy the block of B by panels;  for blocks of rows, panels of columns, tiles of rows:   tile.ts
 *
 * Register tile   2 rows x 5 vectors: 10 accumulators, 2 elements of A in all lanes, a vector of B and a
 *                 product fill 14 of the 15 vector registers V8 has on x86-64. Wide rather than tall, because
 *                 on some processors broadcasting an element occupies an arithmetic unit, and a plain load
 *                 does not
 * Strides         A is addressed by (row, k) strides, so A^T B is the same kernel; rows of B and C must be contiguous
 * Blocks          a panel of B stays in or near the L1 cache, a block of A in L2; partial sums are kept in C
 * Narrow C        fewer columns than lanes: narrow-matmul.ts runs the vectors along the rows
 */

import { type Expr, i32, integer, load, selectScalar } from "../assembler/expression.ts";
import { FunctionBuilder, type Local } from "../assembler/function.ts";
import type { Lanes } from "../elementary/lanes.ts";
import { narrowMatmul } from "./narrow-matmul.ts";
import { type MatmulShape, stepsPerChain } from "./operands.ts";
import { advance, type Pointers, tile } from "./tile.ts";

/** Rows of a tile by its vectors per row, chosen so that accumulators and operands fit the registers. */
const tileRows = [0, 6, 5, 3, 2, 2] as const;
const widestPanel = tileRows.length - 1;
/** Blocks of rows are multiples of this, so only the last block has a partial tile. */
const wholeTiles = 30;
/** Steps of k per block: along a row of A; down a column, where every step touches another cache line. */
const blockSteps = { row: 512, column: 128 } as const;
/** Maximum size of a block of A: a fraction of the L2 cache. */
const blockBytes = 1 << 16;
const cacheLine = 64;
/** From this many rows and steps on, copying B into panels pays off. */
const packing = { rows: 32, steps: 8 } as const;

/** Bytes of scratch memory the product needs: at most the size of B, plus padding to full vectors. */
export function matmulScratchBytes(L: Lanes, shape: MatmulShape): number {
  return isWide(L, shape) && packs(shape) ? stepsPerBlock(L, shape) * Math.ceil(shape.n / L.count) * 16 : 0;
}

function isWide(L: Lanes, { n, bColumn }: MatmulShape): boolean {
  return n >= L.count && bColumn === 1;
}

function packs({ m, k }: MatmulShape): boolean {
  return m >= packing.rows && k >= packing.steps;
}

/** Steps per block, for the fewest blocks of nearly equal size; whole chains, if there are several. */
function stepsPerBlock(L: Lanes, shape: MatmulShape): number {
  const { k, aRow, aStep } = shape;
  const most = aRow < aStep ? blockSteps.column : blockSteps.row;
  const chain = stepsPerChain(L, shape);
  if (chain === k) return Math.ceil(k / Math.ceil(k / most));
  const chains = Math.ceil(k / chain);
  return Math.ceil(chains / Math.ceil(chains / Math.floor(most / chain))) * chain;
}

/** A function (a, b, c, scratch: byte addresses) that writes C. */
export function matmul(L: Lanes, shape: MatmulShape): FunctionBuilder {
  if (!isWide(L, shape)) return narrowMatmul(L, shape);
  const { k } = shape;
  const name = `matmul_${L.dtype}_${Object.values(shape).join("_")}`;
  const fn = new FunctionBuilder(name, ["i32", "i32", "i32", "i32"]);
  const [a, b, c, scratch] = [0, 1, 2, 3].map((index) => fn.parameter(index, "i32")) as [
    Local<"i32">,
    Local<"i32">,
    Local<"i32">,
    Local<"i32">,
  ]; // four parameters
  const steps = k === 0 ? 0 : stepsPerBlock(L, shape);
  if (steps >= k) {
    block(fn, L, shape, { a, b, c }, scratch, k, undefined);
    return fn;
  }
  const blockFrom = (first: Local<"i32">, count: number): void => {
    const pointers = {
      a: advance(fn, L, a, first, shape.aStep),
      b: advance(fn, L, b, first, shape.bStep),
      c,
    };
    block(fn, L, shape, pointers, scratch, count, first);
  };
  const whole = k - (k % steps);
  fn.range(0, whole, steps, (first) => blockFrom(first, steps));
  if (whole < k) blockFrom(fn.let(i32(whole)), k - whole);
  return fn;
}

/** C = A B over `steps` values of k, or C += A B where `continues` is not 0. */
function block(
  fn: FunctionBuilder,
  L: Lanes,
  shape: MatmulShape,
  { a, b, c }: Pointers,
  scratch: Local<"i32">,
  steps: number,
  continues: Expr<"i32"> | undefined,
): void {
  const isPacked = packs(shape);
  if (isPacked) copyPanels(fn, L, shape, { a, b, c }, scratch, steps);
  forEachRowBlock(fn, shape.m, L.bytes * steps, (firstRow, endRow) => {
    forEachPanel(fn, L, shape.n, (column, vectors, columns) => {
      const panel = isPacked ? advance(fn, L, scratch, column, steps) : advance(fn, L, b, column, 1);
      const cColumn = advance(fn, L, c, column, 1);
      const bStep = isPacked ? vectors * L.count : shape.bStep;
      forEachRowTile(fn, shape.m, tileRows[vectors]!, firstRow, endRow, (row, rows) => {
        const aRows = advance(fn, L, a, row, shape.aRow);
        const cRows = advance(fn, L, cColumn, row, shape.cRow);
        forEachChain(fn, steps, Math.min(steps, stepsPerChain(L, shape)), continues, (step, count, inC) => {
          const pointers = {
            a: step === undefined ? aRows : advance(fn, L, aRows, step, shape.aStep),
            b: step === undefined ? panel : advance(fn, L, panel, step, bStep),
            c: cRows,
          };
          tile(fn, L, { ...shape, bStep }, pointers, {
            rows,
            vectors,
            columns,
            steps: count,
            continues: inC,
          });
        });
      });
    });
  });
}

/** Visits the chains of a block; `inC` is not 0 if C holds the sum of chains before. */
function forEachChain(
  fn: FunctionBuilder,
  steps: number,
  chain: number,
  continues: Expr<"i32"> | undefined,
  body: (first: Expr<"i32"> | undefined, count: number, inC: Expr<"i32"> | undefined) => void,
): void {
  if (chain === steps) {
    body(undefined, steps, continues);
    return;
  }
  const whole = steps - (steps % chain);
  // A first chain of its own needs no look at C.
  const begun = continues === undefined ? chain : 0;
  if (begun > 0) body(undefined, chain, undefined);
  fn.range(begun, whole, chain, (first) =>
    body(first, chain, continues === undefined ? i32(1) : integer("add", first, continues)),
  );
  if (whole < steps) body(fn.let(i32(whole)), steps - whole, i32(1));
}

function forEachRowBlock(
  fn: FunctionBuilder,
  m: number,
  rowBytes: number,
  body: (first: Expr<"i32">, end: Expr<"i32">) => void,
): void {
  const rows = Math.max(1, Math.floor(blockBytes / rowBytes / wholeTiles)) * wholeTiles;
  if (m <= rows) {
    body(i32(0), i32(m));
    return;
  }
  fn.range(0, m, rows, (first) => {
    const next = fn.let(integer("add", first, i32(rows)));
    body(first, fn.let(selectScalar(integer("lt_s", next, i32(m)), next, i32(m))));
  });
}

/** Visits the fewest panels of nearly equal width; the last vector may be partial. */
function forEachPanel(
  fn: FunctionBuilder,
  L: Lanes,
  n: number,
  body: (column: Local<"i32">, vectors: number, columns: number) => void,
): void {
  const vectors = Math.ceil(n / L.count);
  const panels = Math.ceil(vectors / widestPanel);
  const narrow = Math.floor(vectors / panels) * L.count;
  const wide = narrow + L.count;
  const split = (vectors % panels) * wide;
  const lastPanel = vectors * L.count - narrow;
  const whole = n % L.count === 0 ? n : lastPanel;
  fn.range(0, split, wide, (column) => body(column, wide / L.count, wide));
  fn.range(split, whole, narrow, (column) => body(column, narrow / L.count, narrow));
  // The lanes of the last vector past the row's end hold whatever follows in memory; they are never stored.
  if (whole < n) body(fn.let(i32(lastPanel)), narrow / L.count, n - lastPanel);
}

/** Copies `steps` rows of B so that the rows of a panel are contiguous; B is read in memory order. */
function copyPanels(
  fn: FunctionBuilder,
  L: Lanes,
  shape: MatmulShape,
  { a, b }: Pointers,
  scratch: Expr<"i32">,
  steps: number,
): void {
  fn.range(0, steps, 1, (step) => {
    touchColumn(fn, L, shape, a, step, steps);
    const from = advance(fn, L, b, step, shape.bStep);
    const panel = fn.let(scratch);
    forEachPanel(fn, L, shape.n, (_column, vectors) => {
      const to = advance(fn, L, panel, step, vectors * L.count);
      for (let v = 0; v < vectors; v++) fn.store("v128.store", to, load("v128.load", from, 16 * v), 16 * v);
      fn.set(from, integer("add", from, i32(16 * vectors)));
      fn.set(panel, integer("add", panel, i32(16 * vectors * steps)));
    });
  });
}

/**
 * Prefetches a column of a block that fits the L2 cache, in order, reading one word of every cache line. The
 * tiles read the cache lines of a transposed A out of order, and would wait for memory at each.
 */
function touchColumn(
  fn: FunctionBuilder,
  L: Lanes,
  { m, aRow, aStep }: MatmulShape,
  a: Expr<"i32">,
  step: Expr<"i32">,
  steps: number,
): void {
  const bytes = ((m - 1) * aRow + 1) * L.bytes; // not past its last element
  if (aRow >= aStep || bytes * steps > blockBytes) return;
  const column = advance(fn, L, a, step, aStep);
  fn.range(0, bytes, cacheLine, (at) => {
    fn.let(load("i32.load", integer("add", column, at)));
  });
}

function forEachRowTile(
  fn: FunctionBuilder,
  m: number,
  most: number,
  first: Expr<"i32">,
  end: Expr<"i32">,
  body: (row: Local<"i32">, rows: number) => void,
): void {
  const row = fn.let(first);
  if (m >= most) {
    const next = fn.let(integer("add", row, i32(most)));
    fn.if(integer("le_s", next, end), () => {
      fn.doWhile(
        () => {
          body(row, most);
          fn.set(row, next);
          fn.set(next, integer("add", next, i32(most)));
        },
        integer("le_s", next, end),
      );
    });
  }
  if (m % most > 0) fn.if(integer("lt_s", row, end), () => body(row, m % most));
}
