import { array } from "../array/creation.ts";
import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { sizeOf } from "../array/shape.ts";
import { scan } from "../loops/scan.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { asArray, broadcastTo, reshape, sum } from "../primitives/broadcasting.ts";
import { convert, equal, filledLike, less, select } from "../primitives/comparison.ts";
import { gather } from "../primitives/indexing.ts";
import { concat } from "../primitives/joining.ts";
import { matmul, matrixTranspose, squareType, symmetricPart } from "../primitives/linear-algebra.ts";
import { pad } from "../primitives/movement.ts";
import { abs } from "../primitives/piecewise.ts";
import { type NoParams, type Primitive, sameSettings } from "../primitives/primitive.ts";
import { max } from "../primitives/reduction.ts";
import { sqrt } from "../primitives/transcendental.ts";
import { bind } from "../trace/bind.ts";
import { part } from "./along-axis.ts";
import { logicalAnd } from "./logic.ts";
import { positions } from "./positions.ts";
import { argmax } from "./reductions.ts";
import { argsort, sort } from "./sorting.ts";

/**
 * λ of A V = V diag(λ) for the symmetric part (A + Aᵀ)/2 of A, given V                       [eq:symmetric-eigenvalues]
 *   λ_i = v_iᵀ A v_i      dλ_i = v_iᵀ dA v_i      ABar = V diag(λBar) Vᵀ
 *
 * A change of V affects λ only to second order, so V is held constant. For repeated eigenvalues, functions
 * that treat them alike, such as their sum, therefore have the right derivative; that of a single one is
 * taken along the eigenvector that was found.
 *
 * Shapes  A: [...b, n, n], V: [...b, n, n] → [...b, n]
 * Source  Magnus, On differentiating eigenvalues and eigenvectors, 1985, doi:10.1017/S0266466600011129
 */
export const eigenvaluesPrimitive: Primitive<NoParams> = {
  name: "eigenvalues",
  elementwise: false,
  batching: sameSettings,
  outputType: ([a]) => ({ shape: a!.shape.slice(0, -1), dtype: a!.dtype }),
  jvp: ([dA], [, v]) => (dA ? quadraticForms(dA, v!) : null),
  vjp: (lambdaBar, [, v]) => [matmul(mul(v!, asRow(lambdaBar)), matrixTranspose(v!)), null],
  expand: ([a, v]) => sort(quadraticForms(a!, v!)),
};

/** v_iᵀ A v_i for the columns of V. */
function quadraticForms(a: NdArray, v: NdArray): NdArray {
  return sum(mul(v, matmul(a, v)), -2);
}

function asRow(x: NdArray): NdArray {
  return reshape(x, [...x.shape.slice(0, -1), 1, x.shape.at(-1)!]);
}

/**
 * V, VᵀV = I, its columns the eigenvectors of the symmetric part of A, eigenvalues ascending      [eq:symmetric-eigenvectors]
 *   dV = V (F ∘ VᵀdA V)      ABar = sym(V (F ∘ VᵀVBar) Vᵀ)      F_ij = 1/(λ_j − λ_i), F_ii = 0
 *
 * Edges   F_ij = NaN where λ_i and λ_j differ by less than the rounding error of 16 n max|λ|, since dV is
 *         undefined
 * Source  as above
 */
export const eigenvectorsPrimitive: Primitive<NoParams> = {
  name: "eigenvectors",
  elementwise: false,
  batching: sameSettings,
  outputType: ([a]) => squareType("symmetricEigen", a!),
  jvp: ([dA], [a], v) => {
    if (!dA) return null;
    const turned = matmul(matrixTranspose(v), matmul(symmetricPart(dA), v));
    return matmul(v, mul(reciprocalGaps(a!, v), turned));
  },
  vjp: (vBar, [a], v) => {
    const inner = mul(reciprocalGaps(a!, v), matmul(matrixTranspose(v), vBar));
    return [symmetricPart(matmul(v, matmul(inner, matrixTranspose(v))))];
  },
  expand: ([a]) => {
    if (sizeOf(a!.shape) === 0) return a!;
    const largest = max(abs(a!), [-2, -1], { keepDims: true });
    const isScale = logicalAnd(less(0, largest), less(largest, Number.POSITIVE_INFINITY));
    const { values, vectors } = diagonalised(symmetricPart(div(a!, select(isScale, largest, 1))));
    const { shape, dtype } = a!;
    const row = positions(shape, shape.length - 2);
    const sorted = matmul(vectors, convert(equal(row, asRow(argsort(values))), dtype));
    const largestAt = equal(row, argmax(abs(sorted), -2, { keepDims: true }));
    const head = sum(select(largestAt, sorted, 0), -2, { keepDims: true });
    return mul(sorted, select(less(head, 0), -1, filledLike(head, 1)));
  },
};

function reciprocalGaps(a: NdArray, v: NdArray): NdArray {
  return bind(reciprocalGapsPrimitive, [bind(eigenvaluesPrimitive, [a, v], {})], {});
}

/**
 * F_ij = 1/(λ_j − λ_i), F_ii = 0; NaN where λ_i and λ_j are equal, as above                        [eq:reciprocal-gaps]
 *   dF_ij = −F_ij² (dλ_j − dλ_i)      λBar_k = Σ_i G_ik − Σ_j G_kj,  G = −F ∘ F ∘ FBar
 *
 * Shapes  λ: [...b, n] → [...b, n, n]
 */
export const reciprocalGapsPrimitive: Primitive<NoParams> = {
  name: "reciprocalGaps",
  elementwise: false,
  batching: sameSettings,
  outputType: ([lambda]) => ({ shape: [...lambda!.shape, lambda!.shape.at(-1)!], dtype: lambda!.dtype }),
  jvp: ([dLambda], _inputs, f) => (dLambda ? neg(mul(mul(f, f), gapsOf(dLambda))) : null),
  vjp: (fBar, _inputs, f) => {
    const g = mul(mul(f, f), fBar);
    return [sub(sum(g, -1), sum(g, -2))];
  },
  expand: ([lambda]) => {
    const n = lambda!.shape.at(-1)!;
    const gap = gapsOf(lambda!);
    if (sizeOf(gap.shape) === 0) return gap;
    const scale = mul(16 * n, max(abs(asRow(lambda!)), -1, { keepDims: true }));
    const isLost = equal(add(scale, abs(gap)), broadcastTo(scale, gap.shape));
    const { shape } = gap;
    const isDiagonal = equal(positions(shape, shape.length - 2), positions(shape, shape.length - 1));
    const safe = select(isDiagonal, 1, select(isLost, Number.NaN, gap));
    return select(isDiagonal, 0, div(1, safe));
  },
};

/** λ_j − λ_i */
function gapsOf(lambda: NdArray): NdArray {
  const row = asRow(lambda);
  return sub(row, matrixTranspose(row));
}

/**
 * D = VᵀA V by Jacobi rotations, for a symmetric A with entries up to 1; returns the diagonal of D, and V.
 *
 *   t = tan φ = 2 a_pq / (d ± √(d² + 4 a_pq²)), d = a_qq − a_pp, with the sign of d, makes a_pq zero
 *
 * One half of the rows is paired with the other, and all pairs are rotated at once. The rows are then
 * reordered as in a round-robin tournament: after n − 1 rounds every pair has met and the order is restored.
 * An odd n is padded with a row of zeros.
 *
 * Source  Brent & Luk, The solution of singular-value and symmetric eigenvalue problems on multiprocessor arrays, 1985,
 *         doi:10.1137/0906007
 */
function diagonalised(a: NdArray): { readonly values: NdArray; readonly vectors: NdArray } {
  const { shape, dtype } = a;
  const [n, rank] = [shape.at(-1)!, shape.length];
  const size = n + (n % 2);
  const half = size / 2;
  const [rows, columns] = [rank - 2, rank - 1];
  const start = pad(
    a,
    shape.map((_, axis) => (axis < rows ? [0, 0] : [0, size - n])),
  );
  const [row, column] = [positions(start.shape, rows), positions(start.shape, columns)];
  const identity = broadcastTo(convert(equal(row, column), dtype), start.shape);
  const places = array(tournament(size));

  const diagonal = (x: NdArray): NdArray => {
    const own = equal(positions(x.shape, rows), positions(x.shape, columns));
    return sum(select(own, x, 0), columns, { keepDims: true });
  };
  const quarter = (x: NdArray, i: 0 | 1, j: 0 | 1): NdArray =>
    part(part(x, rows, i * half, (i + 1) * half), columns, j * half, (j + 1) * half);
  const turn = (x: NdArray, c: NdArray, s: NdArray, axis: number): NdArray => {
    const [p, q] = [part(x, axis, 0, half), part(x, axis, half, size)];
    return gather(concat([sub(mul(c, p), mul(s, q)), add(mul(s, p), mul(c, q))], axis), places, axis);
  };
  const round = ({ work, vectors }: Rotated): [Rotated, undefined] => {
    const [app, aqq, apq] = [quarter(work, 0, 0), quarter(work, 1, 1), quarter(work, 0, 1)].map(diagonal) as [
      NdArray,
      NdArray,
      NdArray,
    ]; // three, see above
    const d = sub(aqq, app);
    const square = mul(apq, apq);
    const isZero = equal(square, 0);
    const root = sqrt(add(mul(d, d), mul(4, select(isZero, 1, square))));
    const t = select(isZero, 0, div(mul(2, apq), add(d, select(less(d, 0), sub(0, root), root))));
    const c = div(1, sqrt(add(1, mul(t, t))));
    const s = mul(t, c);
    const [cRow, sRow] = [matrixTranspose(c), matrixTranspose(s)];
    return [
      {
        work: turn(turn(work, c, s, rows), cRow, sRow, columns),
        vectors: turn(vectors, cRow, sRow, columns),
      },
      undefined,
    ];
  };
  const [{ work, vectors }] = scan(round, { work: start, vectors: identity }, sweeps(size) * (size - 1));
  const values = reshape(diagonal(work), shape.slice(0, -1).with(-1, size));
  const within = (x: NdArray, axis: number): NdArray => part(x, axis, 0, n);
  return { values: within(values, rows), vectors: within(within(vectors, rows), columns) };
}

interface Rotated {
  readonly work: NdArray;
  readonly vectors: NdArray;
}

/** More sweeps than were ever needed: convergence is ultimately quadratic for any eigenvalues. */
function sweeps(size: number): number {
  return size <= 2 ? size / 2 : 6 + (32 - Math.clz32(size - 1)); // 6 + ⌈log₂ size⌉; two rows meet once
}

/** The index that each row comes from: the first stays, the others rotate by one around the two halves. */
function tournament(size: number): Int32Array {
  const half = size / 2;
  if (size <= 2) return Int32Array.from({ length: size }, (_, i) => i);
  const top = [0, half, ...Array.from({ length: half - 2 }, (_, i) => i + 1)];
  const bottom = [...Array.from({ length: half - 1 }, (_, i) => half + 1 + i), half - 1];
  return Int32Array.from([...top, ...bottom]);
}

/**
 * Eigenvalues, ascending, and eigenvectors, as columns, of the symmetric part (A + Aᵀ)/2 of a matrix (or batch of them).
 * Each vector's largest component is positive.         [eq:symmetric-eigenvalues] [eq:symmetric-eigenvectors]
 *
 * Shapes  a: [...b, n, n] → values: [...b, n], vectors: [...b, n, n]
 * Edges   repeated eigenvalues: functions that treat equal eigenvalues alike (Σ g(λ_i), or the largest k if
 *         the k-th is not repeated) have correct first derivatives; second derivatives, and those of the
 *         vectors, are NaN
 * Errors  ShapeError for a matrix that is not square
 */
export function symmetricEigen(a: ArrayLike): { readonly values: NdArray; readonly vectors: NdArray } {
  const matrix = asArray(a, "symmetricEigen", "a");
  const vectors = bind(eigenvectorsPrimitive, [matrix], {});
  return { values: bind(eigenvaluesPrimitive, [matrix, vectors], {}), vectors };
}
