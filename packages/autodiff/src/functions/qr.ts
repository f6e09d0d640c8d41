import { arange, eye } from "../array/creation.ts";
import type { ArrayLike, ArrayType, NdArray } from "../array/ndarray.ts";
import { ShapeError } from "../errors.ts";
import { scan } from "../loops/scan.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { asArray, broadcastTo, sum } from "../primitives/broadcasting.ts";
import { convert, equal, filledLike, less, lessEqual, select } from "../primitives/comparison.ts";
import { requireFloat } from "../primitives/elementwise.ts";
import { maskTriangle, matmul, matrixTranspose, triangularSolve } from "../primitives/linear-algebra.ts";
import { abs } from "../primitives/piecewise.ts";
import { type NoParams, type Primitive, sameSettings } from "../primitives/primitive.ts";
import { max } from "../primitives/reduction.ts";
import { bind } from "../trace/bind.ts";
import { logicalAnd } from "./logic.ts";
import { norm, orOne } from "./norm.ts";
import { positions } from "./positions.ts";

/**
 * Q of A = Q R: QᵀQ = I, R upper triangular with a diagonal ≥ 0                                        [eq:qr]
 *   dQ = X − Q (triu(M) + low(M)ᵀ)     X = dA R⁻¹,  M = QᵀX,  low: below the diagonal
 *   ABar = XBar R⁻ᵀ                    XBar = QBar − Q (N − low(N − Nᵀ)),  N = QᵀQBar
 *
 * By Householder reflections H_k = I − 2 u uᵀ: the k-th zeroes column k below the diagonal and puts ±‖x‖ on
 * it, with u ∝ x + sign(x_k) ‖x‖ e_k to avoid cancellation; Q = H_0 ⋯ H_{n−1} I, columns signed so that R_kk
 * ≥ 0.
 *
 * Shapes  A: [...b, m, n], m ≥ n → [...b, m, n]
 * Edges   if the columns are linearly dependent up to rounding, Q R = A still holds, but the derivative is
 *         NaN
 * Source  Golub & Van Loan, Matrix Computations, 4th ed. 2013, 5.2; Walter, Lehmann & Lamour, On evaluating higher-order
 *         derivatives of the QR decomposition, 2012, doi:10.1080/10556788.2011.610454
 */
export const orthogonalPrimitive: Primitive<NoParams> = {
  name: "orthogonal",
  elementwise: false,
  batching: sameSettings,
  outputType: ([a]) => tallType(a!),
  jvp: ([dA], [a], q) => {
    if (!dA) return null;
    const x = matrixTranspose(
      triangularSolve(invertible(matmul(matrixTranspose(q), a!)), matrixTranspose(dA), {
        lower: false,
        transposed: true,
      }),
    );
    const m = matmul(matrixTranspose(q), x);
    return sub(x, matmul(q, add(maskTriangle(m, "upper"), matrixTranspose(belowDiagonal(m)))));
  },
  vjp: (qBar, [a], q) => {
    const n = matmul(matrixTranspose(q), qBar);
    const xBar = sub(qBar, matmul(q, sub(n, maskTriangle(sub(n, matrixTranspose(n)), "lower"))));
    const r = invertible(matmul(matrixTranspose(q), a!));
    return [matrixTranspose(triangularSolve(r, matrixTranspose(xBar), { lower: false }))];
  },
  expand: ([a]) => {
    const { shape, dtype } = a!;
    const n = shape.at(-1)!;
    const [row, column] = [positions(shape, shape.length - 2), positions(shape, shape.length - 1)];
    const steps = arange(n, "int32");
    const [, reflections] = scan(
      (work: NdArray, k: NdArray): [NdArray, Reflection] => {
        const isBelow = logicalAnd(equal(column, k), lessEqual(k, row));
        const x = sum(select(isBelow, work, 0), -1, { keepDims: true });
        const head = sum(select(equal(row, k), x, 0), -2, { keepDims: true });
        const sign = select(less(head, 0), -1, filledLike(head, 1));
        const v = add(x, select(equal(row, k), mul(sign, norm(x, -2, { keepDims: true })), 0));
        const u = div(v, orOne(norm(v, -2, { keepDims: true })));
        return [reflected(work, u), { u, sign }];
      },
      a!,
      steps,
    );
    const [q] = scan(
      (work: NdArray, { u, sign, k }: Reflection & { readonly k: NdArray }): [NdArray, undefined] => {
        const turned = reflected(work, u);
        return [select(equal(column, k), neg(mul(sign, turned)), turned), undefined];
      },
      broadcastTo(convert(equal(row, column), dtype), shape),
      { ...reflections, k: steps },
      { reverse: true },
    );
    return q;
  },
};

interface Reflection {
  readonly u: NdArray;
  readonly sign: NdArray;
}

/** (I − 2 u uᵀ) X */
function reflected(x: NdArray, u: NdArray): NdArray {
  return sub(x, mul(mul(2, u), sum(mul(u, x), -2, { keepDims: true })));
}

function upperFactor(a: NdArray, q: NdArray): NdArray {
  return maskTriangle(matmul(matrixTranspose(q), a), "upper");
}

/**
 * R, with NaN for an R_kk within the rounding error of 16 n max R_kk; dR = dR                         [eq:qr]
 *
 * Shapes  R: [...b, n, n] → the same
 */
export const invertiblePrimitive: Primitive<NoParams> = {
  name: "invertible",
  elementwise: false,
  batching: sameSettings,
  outputType: ([r]) => ({ shape: r!.shape, dtype: r!.dtype }),
  jvp: ([dR]) => dR!,
  vjp: (rBar) => [rBar],
  expand: ([r]) => {
    const n = r!.shape.at(-1)!;
    if (n === 0) return r!;
    const size = abs(maskTriangle(r!, "diagonal"));
    const scale = mul(16 * n, max(size, [-2, -1], { keepDims: true }));
    const isLost = equal(add(scale, size), broadcastTo(scale, r!.shape));
    return select(logicalAnd(isLost, equal(eye(n, "int32"), 1)), Number.NaN, r!);
  },
};

function invertible(r: NdArray): NdArray {
  return bind(invertiblePrimitive, [r], {});
}

function belowDiagonal(x: NdArray): NdArray {
  return sub(maskTriangle(x, "lower"), maskTriangle(x, "diagonal"));
}

/**
 * A = Q R of a matrix (or batch of them) with at least as many rows as columns: Q with orthonormal columns, R upper
 * triangular with a diagonal ≥ 0, which makes both unique where the columns of A are independent.       [eq:qr]
 *
 * Shapes  a: [...b, m, n], m ≥ n → q: [...b, m, n], r: [...b, n, n]
 * Edges   the derivative is NaN if the columns are linearly dependent up to rounding
 * Errors  ShapeError for a matrix with more columns than rows: factor its first m columns, or its transpose
 */
export function qr(a: ArrayLike): { readonly q: NdArray; readonly r: NdArray } {
  const matrix = asArray(a, "qr", "a");
  const q = bind(orthogonalPrimitive, [matrix], {});
  return { q, r: upperFactor(matrix, q) };
}

function tallType({ shape, dtype }: ArrayType): ArrayType {
  requireFloat("qr", dtype);
  if (shape.length < 2 || shape.at(-2)! < shape.at(-1)!) {
    throw new ShapeError(
      "qr",
      "the matrix must have at least as many rows as columns",
      { matrix: shape },
      "Factor its transpose, or its first columns.",
    );
  }
  return { shape, dtype };
}
