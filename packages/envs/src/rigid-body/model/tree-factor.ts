/**
 * The pattern of a symmetric matrix over the dofs: entry (i, j), j <= i, may be nonzero only if j is on the path of i,
 *   dofs[start[i]], ..., dofs[start[i + 1] − 1] = i, parent(i), parent(parent(i)), ...
 * and is then stored at the same index as j in `dofs`. The path of any dof on the path of i is a tail of that
 * path, so rows line up and elimination stays within the pattern.
 */
export interface TreePaths {
  readonly start: Int32Array;
  readonly dofs: Int32Array;
}

export function treePaths(parent: ArrayLike<number>): TreePaths {
  const start = new Int32Array(parent.length + 1);
  const dofs: number[] = [];
  for (let i = 0; i < parent.length; i++) {
    start[i] = dofs.length;
    for (let j = i; j >= 0; j = parent[j]!) dofs.push(j);
  }
  start[parent.length] = dofs.length;
  return { start, dofs: Int32Array.from(dofs) };
}

/**
 * H = Lᵀ D L, by elimination from the leaves, which causes no fill-in. Overwrites H with     [eq:tree-factor]
 * L below its unit diagonal and D⁻¹ on it.
 * Source: Featherstone, "Efficient factorization of the joint-space inertia matrix for branched kinematic trees",
 * Int. J. Robotics Research 24(6), 2005, doi:10.1177/0278364905054928.
 */
export function factorize(H: Float64Array, { start, dofs }: TreePaths): void {
  for (let k = start.length - 2; k >= 0; k--) {
    const diagonal = start[k]!;
    const end = start[k + 1]!;
    const inverse = 1 / H[diagonal]!;
    H[diagonal] = inverse;
    for (let s = diagonal + 1; s < end; s++) {
      const l = H[s]! * inverse;
      const shift = start[dofs[s]!]! - s;
      for (let t = s; t < end; t++) H[shift + t] = H[shift + t]! - l * H[t]!;
      H[s] = l;
    }
  }
}

/** x ← H⁻¹ x, H factorized: solves Lᵀ y = x, D z = y, L x = z. */
export function solveFactored(H: Float64Array, { start, dofs }: TreePaths, x: Float64Array): void {
  const n = start.length - 1;
  for (let i = n - 1; i >= 0; i--) {
    const xi = x[i]!;
    const end = start[i + 1]!;
    for (let s = start[i]! + 1; s < end; s++) x[dofs[s]!] = x[dofs[s]!]! - H[s]! * xi;
  }
  for (let i = 0; i < n; i++) {
    const diagonal = start[i]!;
    const end = start[i + 1]!;
    let xi = x[i]! * H[diagonal]!;
    for (let s = diagonal + 1; s < end; s++) xi -= H[s]! * x[dofs[s]!]!;
    x[i] = xi;
  }
}

/** x ← H⁻¹ x; H is unchanged, `factor` is overwritten. */
export function solve(H: Float64Array, paths: TreePaths, x: Float64Array, factor: Float64Array): void {
  factor.set(H);
  factorize(factor, paths);
  solveFactored(factor, paths, x);
}

/** out ← H x, H not factorized. */
export function multiply(
  H: Float64Array,
  { start, dofs }: TreePaths,
  x: Float64Array,
  out: Float64Array,
): void {
  const n = start.length - 1;
  for (let i = 0; i < n; i++) {
    const diagonal = start[i]!;
    const end = start[i + 1]!;
    const xi = x[i]!;
    let sum = H[diagonal]! * xi;
    for (let s = diagonal + 1; s < end; s++) {
      const j = dofs[s]!;
      sum += H[s]! * x[j]!;
      out[j] = out[j]! + H[s]! * xi;
    }
    out[i] = sum;
  }
}

/** out[0..n) ← x[0..n): for short arrays much faster than the built-in copy. */
export function copy(x: Float64Array, n: number, out: Float64Array): void {
  for (let i = 0; i < n; i++) out[i] = x[i]!;
}
