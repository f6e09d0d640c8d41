/**
 * C = A B when C has fewer columns than a vector has lanes, or B's rows are not contiguous: vectors run along the rows
 * of A instead. The order of summation is that of matmul.ts.
 *
 *   for each panel of rows, for k ascending:  sum_j += (A_ik, A_i+1 k, ...) B_kj     for every column j
 *
 * Contiguous columns of A (A is a transpose) are loaded directly; otherwise a square of lanes x lanes
 * elements is transposed in registers, so each element of A is still loaded only once.
 */

import { type Expr, i32, integer, load, shuffle, type V } from "../assembler/expression.ts";
import { FunctionBuilder, type Local } from "../assembler/function.ts";
import type { Lanes } from "../elementary/lanes.ts";
import { broadcastLoad, type MatmulShape, stepsPerChain } from "./operands.ts";

/** Accumulators (row vectors x columns) that fit the registers together with their operands. */
const maxAccumulators = 8;

export function narrowMatmul(L: Lanes, shape: MatmulShape): FunctionBuilder {
  const { m, n } = shape;
  const name = `narrowMatmul_${L.dtype}_${Object.values(shape).join("_")}`;
  const fn = new FunctionBuilder(name, ["i32", "i32", "i32", "i32"]);
  const [a, b, c] = [0, 1, 2].map((index) => fn.parameter(index, "i32")) as [
    Local<"i32">,
    Local<"i32">,
    Local<"i32">,
  ]; // three parameters
  const columnsAtOnce = Math.min(n, maxAccumulators);
  for (let column = 0; column < n; column += columnsAtOnce) {
    const columns = Math.min(columnsAtOnce, n - column);
    const bColumn = fn.let(integer("add", b, i32(column * shape.bColumn * L.bytes)));
    const cColumn = fn.let(integer("add", c, i32(column * L.bytes)));
    const panel = (from: number, to: number, vectors: number): void =>
      fn.range(from, to, vectors * L.count, (row) => {
        const aPanel = fn.let(integer("add", a, integer("mul", row, i32(shape.aRow * L.bytes))));
        const cPanel = fn.let(integer("add", cColumn, integer("mul", row, i32(shape.cRow * L.bytes))));
        rowPanel(fn, L, shape, { a: aPanel, b: bColumn, c: cPanel }, { vectors, columns, lanes: L.count });
      });
    const vectors = Math.max(1, Math.floor(maxAccumulators / columns));
    const wide = m - (m % (vectors * L.count));
    const full = m - (m % L.count);
    panel(0, wide, vectors);
    panel(wide, full, 1);
    // Rows that do not fill a vector: one at a time, in lane 0.
    fn.range(full, m, 1, (row) => {
      const aPanel = fn.let(integer("add", a, integer("mul", row, i32(shape.aRow * L.bytes))));
      const cPanel = fn.let(integer("add", cColumn, integer("mul", row, i32(shape.cRow * L.bytes))));
      rowPanel(fn, L, shape, { a: aPanel, b: bColumn, c: cPanel }, { vectors: 1, columns, lanes: 1 });
    });
  }
  return fn;
}

interface Panel {
  readonly vectors: number;
  readonly columns: number;
  /** Lanes in use: all, or only the first. */
  readonly lanes: number;
}

interface Pointers {
  readonly a: Expr<"i32">;
  readonly b: Expr<"i32">;
  readonly c: Expr<"i32">;
}

function rowPanel(fn: FunctionBuilder, L: Lanes, shape: MatmulShape, pointers: Pointers, size: Panel): void {
  const { vectors, columns, lanes } = size;
  const sums = Array.from({ length: vectors }, () =>
    Array.from({ length: columns }, () => fn.let(L.constant(0))),
  );
  const a = fn.let(pointers.a);
  const b = fn.let(pointers.b);

  /** sum += column k of A times row k of B. */
  const accumulate = (columnOfA: readonly V[], u: number): void => {
    for (let column = 0; column < columns; column++) {
      const element = fn.let(broadcastLoad(L, b, (u * shape.bStep + column * shape.bColumn) * L.bytes));
      for (let vector = 0; vector < vectors; vector++) {
        const sum = sums[vector]![column]!;
        fn.set(sum, L.mulAdd(columnOfA[vector]!, element, sum));
      }
    }
  };
  const single = (u: number): void => {
    const columnOfA = Array.from({ length: vectors }, (_, vector) =>
      fn.let(loadColumn(fn, L, a, shape, vector, u, lanes)),
    );
    accumulate(columnOfA, u);
  };
  const square = (): void => {
    const squares = Array.from({ length: vectors }, (_, vector) => transposedSquare(fn, L, a, shape, vector));
    for (let u = 0; u < L.count; u++) {
      accumulate(
        squares.map((columnsOfA) => columnsOfA[u]!),
        u,
      );
    }
  };

  const useSquares = lanes === L.count && shape.aStep === 1 && shape.aRow !== 1;
  const unroll = useSquares ? L.count : 1;
  const run = (steps: number): void => {
    const grouped = steps - (steps % unroll);
    fn.range(0, grouped, unroll, () => {
      if (useSquares) square();
      else single(0);
      fn.set(a, integer("add", a, i32(unroll * shape.aStep * L.bytes)));
      fn.set(b, integer("add", b, i32(unroll * shape.bStep * L.bytes)));
    });
    for (let u = 0; u < steps - grouped; u++) single(u);
  };
  const chain = stepsPerChain(L, shape);
  const chains = sums.flat();
  const totals = chain === shape.k ? chains : chains.map(() => fn.let(L.constant(0)));
  const addChain = (steps: number): void => {
    run(steps);
    if (totals === chains) return;
    for (const [i, total] of totals.entries()) {
      fn.set(total, L.add(total, chains[i]!));
      fn.set(chains[i]!, L.constant(0));
    }
  };
  const whole = chain === 0 ? 0 : shape.k - (shape.k % chain);
  fn.range(0, whole, chain, () => addChain(chain));
  if (whole < shape.k) addChain(shape.k - whole);

  const storeLane = L.bytes === 4 ? "v128.store32_lane" : "v128.store64_lane";
  for (let vector = 0; vector < vectors; vector++) {
    for (let column = 0; column < columns; column++) {
      for (let lane = 0; lane < lanes; lane++) {
        const offset = ((vector * L.count + lane) * shape.cRow + column) * L.bytes;
        fn.store(storeLane, pointers.c, totals[vector * columns + column]!, offset, lane);
      }
    }
  }
}

/** Elements (rows of vector number `vector`, column u) of A. */
function loadColumn(
  fn: FunctionBuilder,
  L: Lanes,
  a: Expr<"i32">,
  { aRow, aStep }: MatmulShape,
  vector: number,
  u: number,
  lanes: number,
): V {
  const at = (lane: number): number => ((vector * L.count + lane) * aRow + u * aStep) * L.bytes;
  if (lanes === 1) return load(L.bytes === 4 ? "v128.load32_zero" : "v128.load64_zero", a, at(0));
  if (aRow === 1) return load("v128.load", a, at(0));
  const elements = Array.from({ length: lanes }, (_, lane) => fn.let(broadcastLoad(L, a, at(lane))));
  return gatherLanes(L, elements);
}

/** Lane i of the i-th vector, for every i. */
function gatherLanes(L: Lanes, vectors: readonly V[]): V {
  const lanesFrom = (choice: readonly number[]): number[] =>
    choice.flatMap((lane) => Array.from({ length: L.bytes }, (_, byte) => lane * L.bytes + byte));
  if (L.count === 2) return shuffle(lanesFrom([0, 3]), vectors[0]!, vectors[1]!);
  const low = shuffle(lanesFrom([0, 5, 0, 5]), vectors[0]!, vectors[1]!);
  const high = shuffle(lanesFrom([2, 7, 2, 7]), vectors[2]!, vectors[3]!);
  return shuffle(lanesFrom([0, 1, 6, 7]), low, high);
}

/** The columns of a square of A whose rows are contiguous. */
function transposedSquare(
  fn: FunctionBuilder,
  L: Lanes,
  a: Expr<"i32">,
  shape: MatmulShape,
  vector: number,
): V[] {
  const rows = Array.from({ length: L.count }, (_, lane) =>
    fn.let(load("v128.load", a, (vector * L.count + lane) * shape.aRow * L.bytes)),
  );
  return transposeSquare(fn, L, rows);
}

/** The columns of a square given by its rows: interleave neighbours, then pairs. */
function transposeSquare(fn: FunctionBuilder, L: Lanes, rows: readonly V[]): V[] {
  const mix = (choice: readonly number[], x: V, y: V): V =>
    fn.let(
      shuffle(
        choice.flatMap((lane) => Array.from({ length: L.bytes }, (_, byte) => lane * L.bytes + byte)),
        x,
        y,
      ),
    );
  const [r0, r1, r2, r3] = rows;
  if (L.count === 2) return [mix([0, 2], r0!, r1!), mix([1, 3], r0!, r1!)];
  const low01 = mix([0, 4, 1, 5], r0!, r1!);
  const high01 = mix([2, 6, 3, 7], r0!, r1!);
  const low23 = mix([0, 4, 1, 5], r2!, r3!);
  const high23 = mix([2, 6, 3, 7], r2!, r3!);
  return [
    mix([0, 1, 4, 5], low01, low23),
    mix([2, 3, 6, 7], low01, low23),
    mix([0, 1, 4, 5], high01, high23),
    mix([2, 3, 6, 7], high01, high23),
  ];
}
