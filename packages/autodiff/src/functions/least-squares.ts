import { type ArrayLike, eye, type NdArray } from "../array/ndarray.ts";
import { add, mul } from "../primitives/arithmetic.ts";
import { asArray } from "../primitives/broadcasting.ts";
import { cholesky, matmul, matrixTranspose, triangularSolve } from "../primitives/linear-algebra.ts";

/**
 * Solves A x = b for symmetric positive definite A, through A = L Lᵀ.
 *
 * Shapes  a: [...b, n, n]; b: [...b, n, m], or [n] for one matrix → the shape of b
 */
export function choleskySolve(a: ArrayLike, b: ArrayLike): NdArray {
  const l = cholesky(a);
  return triangularSolve(l, triangularSolve(l, b), { transposed: true });
}

/**
 * Ridge regression: argmin_w |X w − y|² + ridge |w|² = (XᵀX + ridge I)⁻¹ Xᵀy.      [eq:least-squares]
 *
 * Shapes  x: [rows, features]; y: [rows] → [features], or [rows, m] → [features, m]
 */
export function leastSquares(x: ArrayLike, y: ArrayLike, ridge = 0): NdArray {
  const X = asArray(x, "leastSquares");
  const features = X.shape.at(-1)!;
  const gram = matmul(matrixTranspose(X), X);
  return choleskySolve(add(gram, mul(ridge, eye(features, X.dtype))), matmul(matrixTranspose(X), y));
}
