import { arange, eye } from "../array/creation.ts";
import type { ArrayLike, NdArray } from "../array/ndarray.ts";
import { scan } from "../loops/scan.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { asArray, broadcastTo, reshape, sum } from "../primitives/broadcasting.ts";
import { convert, equal, less, select } from "../primitives/comparison.ts";
import {
  asColumns,
  maskTriangle,
  matmul,
  matrixTranspose,
  solutionType,
  squareType,
  triangularSolve,
} from "../primitives/linear-algebra.ts";
import { abs } from "../primitives/piecewise.ts";
import { type NoParams, type Primitive, sameSettings } from "../primitives/primitive.ts";
import { log } from "../primitives/transcendental.ts";
import { bind } from "../trace/bind.ts";
import { logicalAnd } from "./logic.ts";
import { positions } from "./positions.ts";
import { argmax } from "./reductions.ts";

/**
 * X = A⁻¹ B                                                                     [eq:solve]
 *   dX = A⁻¹ (dB − dA X)      BBar = A⁻ᵀ XBar,  ABar = −BBar Xᵀ
 *
 * Shapes  A: [...b, n, n], B: [...b, n, m] → [...b, n, m]
 * Source  Giles, Collected matrix derivative results, 2008, doi:10.1007/978-3-540-68942-3_4
 */
export const solvePrimitive: Primitive<NoParams> = {
  name: "solve",
  elementwise: false,
  batching: sameSettings,
  outputType: ([a, b]) => solutionType("solve", a!, b!),
  jvp: ([dA, dB], [a], x) => {
    const moved = dA ? neg(matmul(dA, x)) : null;
    const right = moved && dB ? add(dB, moved) : (dB ?? moved);
    return right && bind(solvePrimitive, [a!, right], {});
  },
  vjp: (xBar, [a], x, _params, wanted) => {
    const bBar = bind(solvePrimitive, [matrixTranspose(a!), xBar], {});
    return [wanted[0] ? neg(matmul(bBar, matrixTranspose(x))) : null, bBar];
  },
  expand: ([a, b]) => {
    const { l, u, permutation } = lu(a!);
    return triangularSolve(u, triangularSolve(l, matmul(permutation, b!)), { lower: false });
  },
};

/**
 * Solves A X = B for a square matrix (or batch of them) by elimination. A vector b is treated as one column.
 */
export function solve(a: ArrayLike, b: ArrayLike): NdArray {
  const [matrix, right] = [asArray(a, "solve", "a"), asArray(b, "solve", "b")];
  const solution = bind(solvePrimitive, [matrix, asColumns(right)], {});
  return right.shape.length === 1 ? reshape(solution, right.shape) : solution;
}

/**
 * A⁻¹ of a square matrix (or batch of them). To compute A⁻¹ b, solve(a, b) is faster and more accurate.
 *
 * Shapes  [...b, n, n] → the same
 * Errors  ShapeError unless the matrices are square
 */
export function inverse(a: ArrayLike): NdArray {
  const matrix = asArray(a, "inverse", "a");
  squareType("inverse", matrix);
  return solve(matrix, broadcastTo(eye(matrix.shape.at(-1)!, matrix.dtype), matrix.shape));
}

/**
 * y = ln |det A|                                                                [eq:log-determinant]
 *   dy = tr(A⁻¹ dA)      ABar = yBar A⁻ᵀ
 *
 * Shapes  A: [...b, n, n] → [...b]
 */
export const logDeterminantPrimitive: Primitive<NoParams> = {
  name: "logDeterminant",
  elementwise: false,
  batching: sameSettings,
  outputType: ([a]) => {
    const { shape, dtype } = squareType("logDeterminant", a!);
    return { shape: shape.slice(0, -2), dtype };
  },
  jvp: ([dA], [a]) => (dA ? trace(solve(a!, dA)) : null),
  vjp: (yBar, [a]) => [mul(reshape(yBar, [...yBar.shape, 1, 1]), matrixTranspose(inverse(a!)))],
  expand: ([a]) => trace(logOfDiagonal(lu(a!).u)),
};

/** ln |det A|; −∞ for a singular matrix. */
export function logDeterminant(a: ArrayLike): NdArray {
  return bind(logDeterminantPrimitive, [asArray(a, "logDeterminant", "a")], {});
}

interface Factors {
  readonly l: NdArray;
  readonly u: NdArray;
  readonly permutation: NdArray;
}

/**
 * P A = L U: L lower triangular with unit diagonal, U upper triangular, P a permutation matrix.       [eq:lu]
 *
 * Partial pivoting: the pivot is the largest remaining entry of its column, so |L_ij| ≤ 1. A loop of n − 1
 * steps, each of n × n operations.
 *
 * Shapes  a: [...b, n, n] → L, U and P: the same
 * Errors  ShapeError unless the matrices are square
 */
export function lu(a: ArrayLike): Factors {
  const matrix = asArray(a, "lu", "a");
  const { shape, dtype } = squareType("lu", matrix);
  const n = shape.at(-1)!;
  const [row, column] = [positions(shape, shape.length - 2), positions(shape, shape.length - 1)];
  const identity = broadcastTo(eye(n, dtype), shape);
  if (n === 0) return { l: identity, u: matrix, permutation: identity };
  const step = ({ l, u, permutation }: Factors, k: NdArray): [Factors, undefined] => {
    const candidates = select(less(row, k), -1, abs(columnOf(u, k)));
    const pivot = argmax(candidates, -2, { keepDims: true });
    const swapped = (x: NdArray): NdArray => {
      const [first, second] = [rowOf(x, equal(row, k)), rowOf(x, equal(row, pivot))];
      return select(equal(row, k), second, select(equal(row, pivot), first, x));
    };
    const upper = swapped(u);
    const top = rowOf(upper, equal(row, k));
    const head = columnOf(top, k);
    const factors = select(less(k, row), div(columnOf(upper, k), select(equal(head, 0), 1, head)), 0);
    // In L, rows are swapped only in the columns left of k.
    const lower = select(less(column, k), swapped(l), l);
    return [
      {
        l: add(lower, mul(factors, convert(equal(column, k), dtype))),
        u: select(logicalAnd(less(k, row), equal(column, k)), 0, sub(upper, mul(factors, top))),
        permutation: swapped(permutation),
      },
      undefined,
    ];
  };
  const start: Factors = { l: identity, u: matrix, permutation: identity };
  return scan(step, start, arange(n - 1, "int32"))[0];

  function rowOf(x: NdArray, isHere: NdArray): NdArray {
    return sum(select(isHere, x, 0), -2, { keepDims: true });
  }
  function columnOf(x: NdArray, k: NdArray): NdArray {
    return sum(select(equal(column, k), x, 0), -1, { keepDims: true });
  }
}

function logOfDiagonal(u: NdArray): NdArray {
  const n = u.shape.at(-1)!;
  const isDiagonal = equal(eye(n, "int32"), 1);
  return log(abs(select(isDiagonal, u, 1)));
}

/** Sum of the diagonal. */
export function trace(x: NdArray): NdArray {
  return sum(maskTriangle(x, "diagonal"), [-2, -1]);
}
