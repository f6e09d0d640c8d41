import { eye } from "../array/creation.ts";
import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { ShapeError } from "../errors.ts";
import { add, mul } from "../primitives/arithmetic.ts";
import { asArray, broadcastPair, commonDType } from "../primitives/broadcasting.ts";
import { requireFloat } from "../primitives/elementwise.ts";
import {
  cholesky,
  matmul,
  matrixTranspose,
  solutionType,
  triangularSolve,
} from "../primitives/linear-algebra.ts";

/**
 * Solves A x = b for symmetric positive definite A, through A = L Lᵀ.
 *
 * Shapes  a: [...b, n, n]; b: [...b, n, m], or [n] for one matrix → the shape of b
 * Errors  ShapeError and DTypeError for a b that does not fit; DomainError if A is not positive definite
 */
export function choleskySolve(a: ArrayLike, b: ArrayLike): NdArray {
  const [matrix, right] = [asArray(a, "choleskySolve", "a"), asArray(b, "choleskySolve", "b")];
  solutionType("choleskySolve", matrix, right);
  const l = cholesky(matrix);
  return triangularSolve(l, triangularSolve(l, right), { transposed: true });
}

/**
 * Ridge regression: argmin_w |X w − y|² + ridge |w|² = (XᵀX + ridge I)⁻¹ Xᵀy.      [eq:least-squares]
 *
 * Shapes  x: [rows, features]; y: [rows] → [features], or [rows, m] → [features, m]
 * Errors  ShapeError and DTypeError for a y that does not fit; DomainError where XᵀX + ridge I is not positive definite
 */
export function leastSquares(x: ArrayLike, y: ArrayLike, ridge = 0): NdArray {
  const [X, Y] = [asArray(x, "leastSquares"), asArray(y, "leastSquares", "y")];
  requireFloat("leastSquares", commonDType("leastSquares", { x: X, y: Y }));
  const rows = Y.shape.length === 1 ? Y.shape[0] : Y.shape.at(-2);
  if (X.shape.length < 2 || X.shape.at(-2) !== rows) {
    throw new ShapeError(
      "leastSquares",
      "x must be a matrix, and y have as many rows",
      { x: X.shape, y: Y.shape },
      "Give x shape [rows, features], and y [rows] or [rows, m].",
    );
  }
  const penalty = mul(...broadcastPair("leastSquares", { ridge, x: eye(X.shape.at(-1)!, X.dtype) }));
  const gram = matmul(matrixTranspose(X), X);
  return choleskySolve(add(gram, penalty), matmul(matrixTranspose(X), Y));
}
