/**
 * H = Lᵀ D L for a symmetric matrix whose entry (i, j), j < i, is zero unless j lies on the path from
 * i through `parent`. Eliminating from the leaves keeps that pattern: no fill-in. Overwrites the lower
 * triangle of H (row-major) with L (unit diagonal left out) and D.
 * Returns false when H is not positive definite.
 * Source: Featherstone, "Efficient factorization of the joint-space inertia matrix for branched
 * kinematic trees", Int. J. Robotics Research 24(6), 2005, doi:10.1177/0278364905054928.
 */
export function factorize(H: Float64Array, n: number, parent: Int32Array): boolean {
  for (let k = n - 1; k >= 0; k--) {
    const kn = k * n;
    const pivot = H[kn + k]!;
    if (!(pivot > 0)) return false;
    for (let i = parent[k]!; i >= 0; i = parent[i]!) {
      const a = H[kn + i]! / pivot;
      const row = i * n;
      for (let j = i; j >= 0; j = parent[j]!) H[row + j] = H[row + j]! - a * H[kn + j]!;
      H[kn + i] = a;
    }
  }
  return true;
}

/** x ← H⁻¹ x, H factorized: solves Lᵀ y = x, D z = y, L x = z. */
export function solveFactored(H: Float64Array, n: number, parent: Int32Array, x: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    const xi = x[i]!;
    if (xi === 0) continue;
    for (let j = parent[i]!; j >= 0; j = parent[j]!) x[j] = x[j]! - H[i * n + j]! * xi;
  }
  for (let i = 0; i < n; i++) {
    let xi = x[i]! / H[i * n + i]!;
    for (let j = parent[i]!; j >= 0; j = parent[j]!) xi -= H[i * n + j]! * x[j]!;
    x[i] = xi;
  }
}

/** out ← H x for the lower triangle of H, not factorized. */
export function multiply(
  H: Float64Array,
  n: number,
  parent: Int32Array,
  x: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const xi = x[i]!;
    let sum = H[row + i]! * xi;
    for (let j = parent[i]!; j >= 0; j = parent[j]!) {
      sum += H[row + j]! * x[j]!;
      out[j] = out[j]! + H[row + j]! * xi;
    }
    out[i] = sum;
  }
}
