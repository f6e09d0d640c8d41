import { type ArrayLike, type ArrayType, ConcreteArray, type NdArray } from "../array/ndarray.ts";
import { broadcastShapes, sameShape } from "../array/shape.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { flag, optionsOf } from "../options.ts";
import { bind, liftTogether } from "../trace/bind.ts";
import { add, mul, neg, sub } from "./arithmetic.ts";
import { asArray, broadcastTo, reshape } from "./broadcasting.ts";
import { select } from "./comparison.ts";
import { requireFloat } from "./elementwise.ts";
import { transpose } from "./movement.ts";
import { type NoParams, type Primitive, sameSettings } from "./primitive.ts";
import type { ParamsOf } from "./table.ts";

/**
 * C = A B for every matrix of a batch                     [eq:matmul]
 *   dC = dA B + A dB       ABar = CBar Bᵀ,  BBar = Aᵀ CBar
 *
 * Shapes  A: [...b, m, k], B: [...b, k, n] → [...b, m, n]
 * Source  Giles, Collected matrix derivative results, 2008, doi:10.1007/978-3-540-68942-3_4
 */
export const matmulPrimitive: Primitive<NoParams> = {
  name: "matmul",
  elementwise: false,
  batching: sameSettings, // matrices come last
  outputType: ([a, b]) => matmulType(a!, b!),
  jvp: ([dA, dB], [a, b]) => {
    const fromA = dA ? matmul(dA, b!) : null;
    const fromB = dB ? matmul(a!, dB) : null;
    return fromA && fromB ? add(fromA, fromB) : (fromA ?? fromB);
  },
  vjp: (cBar, [a, b], _c, _params, wanted) => [
    wanted[0] ? matmul(cBar, matrixTranspose(b!)) : null,
    wanted[1] ? matmul(matrixTranspose(a!), cBar) : null,
  ],
};

/**
 * Matrix product. A vector is a row on the left and a column on the right; leading axes broadcast.
 *
 * Shapes  [m, k] · [k, n] → [m, n];  [k] · [k, n] → [n];  [m, k] · [k] → [m];  [k] · [k] → []
 * Errors  ShapeError for incompatible inner extents or leading axes, and for scalars
 */
export function matmul(a: ArrayLike, b: ArrayLike): NdArray {
  const [left, right] = [asArray(a, "matmul", "a"), asArray(b, "matmul", "b")];
  if (left.shape.length === 0 || right.shape.length === 0) {
    throw new ShapeError(
      "matmul",
      "scalars cannot be matrix-multiplied",
      { a: left.shape, b: right.shape },
      "Use mul.",
    );
  }
  const rows = left.shape.length === 1 ? reshape(left, [1, left.shape[0]!]) : left;
  const columns = right.shape.length === 1 ? reshape(right, [right.shape[0]!, 1]) : right;
  const batch = broadcastShapes("matmul", { a: rows.shape.slice(0, -2), b: columns.shape.slice(0, -2) });
  const [A, B] = liftTogether([rows, columns]).map((x) => broadcastTo(x, [...batch, ...x.shape.slice(-2)]));
  const product = bind(matmulPrimitive, [A!, B!], {});
  const own = [
    ...(left.shape.length === 1 ? [] : [rows.shape.at(-2)!]),
    ...(right.shape.length === 1 ? [] : [columns.shape.at(-1)!]),
  ];
  return own.length === 2 ? product : reshape(product, [...batch, ...own]);
}

/**
 * Swaps the last two axes.
 *
 * Errors  ShapeError for fewer than two axes
 */
export function matrixTranspose(x: ArrayLike): NdArray {
  const input = asArray(x, "matrixTranspose");
  const rank = input.shape.length;
  if (rank < 2) {
    throw new ShapeError(
      "matrixTranspose",
      "a matrix has two axes or more",
      { x: input.shape },
      "Reshape x.",
    );
  }
  return transpose(input, [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]);
}

function matmulType(a: ArrayType, b: ArrayType): ArrayType {
  if (a.dtype !== b.dtype) {
    throw new DTypeError(
      "matmul",
      `element types must agree; got a ${a.dtype}, b ${b.dtype}`,
      "Change one with convert.",
    );
  }
  requireFloat("matmul", a.dtype);
  if (a.shape.at(-1) !== b.shape.at(-2)) {
    throw new ShapeError(
      "matmul",
      "the columns of a must be as many as the rows of b",
      { a: a.shape, b: b.shape },
      "Did you mean matmul(a, matrixTranspose(b))?",
    );
  }
  return { shape: [...a.shape.slice(0, -1), b.shape.at(-1)!], dtype: a.dtype };
}

/**
 * A = L Lᵀ, L lower triangular with positive diagonal, for the symmetric part (A + Aᵀ)/2 of A     [eq:cholesky]
 *   dL = L Φ(L⁻¹ dA L⁻ᵀ)       ABar = sym(L⁻ᵀ Φ(Lᵀ LBar) L⁻¹)
 *   Φ(X) = the lower triangle of X with its diagonal halved;  sym(X) = (X + Xᵀ)/2
 *
 * Shapes  A: [...b, n, n] → the same
 * Source  Murray, Differentiation of the Cholesky decomposition, 2016, arXiv:1602.07527
 */
export const choleskyPrimitive: Primitive<NoParams> = {
  name: "cholesky",
  elementwise: false,
  batching: sameSettings,
  outputType: ([a]) => squareType("cholesky", a!),
  jvp: ([dA], _inputs, l) => {
    if (!dA) return null;
    const inner = triangularSolve(l, matrixTranspose(triangularSolve(l, symmetricPart(dA))));
    return matmul(l, lowerHalved(inner));
  },
  vjp: (lBar, _inputs, l) => {
    const phi = lowerHalved(matmul(matrixTranspose(l), lBar));
    const left = triangularSolve(l, phi, { transposed: true });
    return [symmetricPart(triangularSolve(l, matrixTranspose(left), { transposed: true }))];
  },
};

/** The lower Cholesky factor of a symmetric positive definite matrix (or batch of them). */
export function cholesky(a: ArrayLike): NdArray {
  return bind(choleskyPrimitive, [asArray(a, "cholesky", "a")], {});
}

/** (X + Xᵀ)/2 */
export function symmetricPart(x: NdArray): NdArray {
  return mul(0.5, add(x, matrixTranspose(x)));
}

function lowerHalved(x: NdArray): NdArray {
  return sub(maskTriangle(x, "lower"), mul(0.5, maskTriangle(x, "diagonal")));
}

/**
 * X = T⁻¹ B (or T⁻ᵀ B), T the lower or upper triangle of the given matrix                          [eq:triangular-solve]
 *   dX = T⁻¹ (dB − dT X)       BBar = T⁻ᵀ XBar,  TBar = −tri(BBar Xᵀ)
 *   transposed: T and its differentials in these lines are transposed
 *
 * Shapes  T: [...b, n, n], B: [...b, n, m] → [...b, n, m]
 * Source  Giles, Collected matrix derivative results, 2008, doi:10.1007/978-3-540-68942-3_4
 */
export const triangularSolvePrimitive: Primitive<ParamsOf<"triangularSolve">> = {
  name: "triangularSolve",
  elementwise: false,
  batching: sameSettings,
  outputType: ([t, b]) => solutionType("triangularSolve", t!, b!),
  jvp: ([dT, dB], [t], x, params) => {
    const moved = dT ? neg(matmul(orient(maskTriangle(dT, triangleOf(params)), params), x)) : null;
    const right = moved && dB ? add(dB, moved) : (dB ?? moved);
    return right && bind(triangularSolvePrimitive, [t!, right], params);
  },
  vjp: (xBar, [t], x, params, wanted) => {
    const bBar = bind(triangularSolvePrimitive, [t!, xBar], { ...params, transposed: !params.transposed });
    const outer = wanted[0] ? neg(orient(matmul(bBar, matrixTranspose(x)), params)) : null;
    return [outer && maskTriangle(outer, triangleOf(params)), bBar];
  },
};

/** Which triangle is read (default lower), and whether to solve with its transpose (default no). */
export interface TriangularSolveOptions {
  readonly lower?: boolean;
  readonly transposed?: boolean;
}

/**
 * Solves T X = B for a triangular matrix, reading only that triangle. A vector b is treated as one column.
 */
export function triangularSolve(
  matrix: ArrayLike,
  b: ArrayLike,
  options: TriangularSolveOptions = {},
): NdArray {
  const { lower = true, transposed = false } = optionsOf("triangularSolve", options, {
    lower: flag,
    transposed: flag,
  });
  const [t, right] = [asArray(matrix, "triangularSolve", "matrix"), asArray(b, "triangularSolve", "b")];
  const solution = bind(triangularSolvePrimitive, [t, asColumns(right)], { lower, transposed });
  return right.shape.length === 1 ? reshape(solution, right.shape) : solution;
}

/** A vector as a matrix of one column; matrices as they are. */
export function asColumns(b: NdArray): NdArray {
  return b.shape.length === 1 ? reshape(b, [-1, 1]) : b;
}

function triangleOf({ lower }: ParamsOf<"triangularSolve">): "lower" | "upper" {
  return lower ? "lower" : "upper";
}

function orient(x: NdArray, { transposed }: ParamsOf<"triangularSolve">): NdArray {
  return transposed ? matrixTranspose(x) : x;
}

/** The type of a square matrix, or batch of them. */
export function squareType(op: string, x: ArrayType): ArrayType {
  requireFloat(op, x.dtype);
  if (x.shape.length < 2 || x.shape.at(-1) !== x.shape.at(-2)) {
    throw new ShapeError(op, "the matrix must be square", { matrix: x.shape }, "Give it shape [..., n, n].");
  }
  return { shape: x.shape, dtype: x.dtype };
}

/** The type of the solution X of A X = B: that of B, if it fits the matrix. A vector b is one column. */
export function solutionType(op: string, matrix: ArrayType, b: ArrayType): ArrayType {
  squareType(op, matrix);
  const rows = b.shape.length === 1 ? b.shape : b.shape.slice(0, -1);
  if (!sameShape(matrix.shape.slice(0, -1), rows)) {
    throw new ShapeError(
      op,
      "b must have as many rows as the matrix, and the same batch axes",
      { matrix: matrix.shape, b: b.shape },
      "Reshape b to [..., n, m].",
    );
  }
  if (matrix.dtype !== b.dtype) {
    throw new DTypeError(
      op,
      `element types must agree; got matrix ${matrix.dtype}, b ${b.dtype}`,
      "Change one with convert(x, dtype).",
    );
  }
  return { shape: b.shape, dtype: b.dtype };
}

/**
 * The matrix (or batch) with all entries set to 0 except a triangle, including its diagonal, or the diagonal.
 */
export function maskTriangle(x: NdArray, part: "lower" | "upper" | "diagonal"): NdArray {
  const n = x.shape.at(-1)!;
  const mask = new Int32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const kept = part === "lower" ? j <= i : part === "upper" ? j >= i : i === j;
      mask[i * n + j] = kept ? 1 : 0;
    }
  }
  // Select rather than multiply, so that NaN and infinities outside the triangle are dropped.
  return select(new ConcreteArray(mask, [n, n], "int32"), x, 0);
}
