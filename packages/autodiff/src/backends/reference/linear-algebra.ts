import { emptyLike } from "../../array/ndarray.ts";
import { sizeOf } from "../../array/shape.ts";
import { DomainError } from "../../errors.ts";
import type { Kernel, KernelTable } from "./kernels.ts";

// C_ij = Σ_k A_ik B_kj, k ascending from 0; float64 accumulation, one row of C at a time.
const matmul: Kernel = ([a, b], _params, type) => {
  const output = emptyLike(type);
  const [m, n] = [type.shape.at(-2)!, type.shape.at(-1)!];
  const k = a!.shape.at(-1)!;
  const batch = sizeOf(type.shape.slice(0, -2));
  const [A, B] = [a!.data, b!.data];
  const row = new Float64Array(n);
  for (let i = 0; i < batch * m; i++) {
    const matrix = Math.floor(i / m) * k * n;
    row.fill(0);
    for (let p = 0; p < k; p++) {
      const scale = A[i * k + p]!;
      const from = matrix + p * n;
      for (let j = 0; j < n; j++) row[j]! += scale * B[from + j]!;
    }
    output.data.set(row, i * n);
  }
  return output;
};

// Cholesky–Banachiewicz, row by row: L_ij = (S_ij − Σ_{k<j} L_ik L_jk) / L_jj,  S = (A + Aᵀ)/2.
const cholesky: Kernel = ([a], _params, type) => {
  const output = emptyLike(type);
  const n = type.shape.at(-1)!;
  const batch = sizeOf(type.shape.slice(0, -2));
  const L = new Float64Array(n * n);
  for (let matrix = 0; matrix < batch; matrix++) {
    const S = (i: number, j: number): number =>
      (a!.data[matrix * n * n + i * n + j]! + a!.data[matrix * n * n + j * n + i]!) / 2;
    L.fill(0);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        let rest = S(i, j);
        for (let k = 0; k < j; k++) rest -= L[i * n + k]! * L[j * n + k]!;
        if (i !== j) L[i * n + j] = rest / L[j * n + j]!;
        else if (rest > 0) L[i * n + i] = Math.sqrt(rest);
        else {
          throw new DomainError(
            "cholesky",
            `the matrix must be positive definite; pivot ${i}${batch > 1 ? ` of matrix ${matrix}` : ""} is ${rest}`,
            "Add a multiple of the identity, or check for dependent columns.",
          );
        }
      }
    }
    output.data.set(L, matrix * n * n);
  }
  return output;
};

// Substitution: x_i = (b_i − Σ_{j before i} T_ij x_j) / T_ii, forwards for a lower triangle, backwards for an upper.
const triangularSolve: Kernel<{ readonly lower: boolean; readonly transposed: boolean }> = (
  [t, b],
  { lower, transposed },
  type,
) => {
  const output = emptyLike(type);
  const [n, m] = [type.shape.at(-2)!, type.shape.at(-1)!];
  const batch = sizeOf(type.shape.slice(0, -2));
  const forwards = lower !== transposed;
  const X = new Float64Array(n * m);
  for (let matrix = 0; matrix < batch; matrix++) {
    const T = (i: number, j: number): number =>
      t!.data[matrix * n * n + (transposed ? j * n + i : i * n + j)]!;
    for (let step = 0; step < n; step++) {
      const i = forwards ? step : n - 1 - step;
      for (let column = 0; column < m; column++) {
        let rest = b!.data[(matrix * n + i) * m + column]!;
        for (let before = 0; before < step; before++) {
          const j = forwards ? before : n - 1 - before;
          rest -= T(i, j) * X[j * m + column]!;
        }
        X[i * m + column] = rest / T(i, i);
      }
    }
    output.data.set(X, matrix * n * m);
  }
  return output;
};

export const linearAlgebraKernels: KernelTable<"matmul" | "cholesky" | "triangularSolve"> = {
  matmul,
  cholesky,
  triangularSolve,
};
