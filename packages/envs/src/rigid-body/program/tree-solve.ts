/** Linear systems over the dofs, unrolled for the sparsity pattern of one robot. */
import { add, constant, div, mul, type Scalar, sub } from "@sgmrl/autodiff/scalar";
import type { TreePaths } from "../model/tree-factor.ts";

/** H = Lᵀ D L, by elimination from the leaves: D⁻¹ on the diagonal, and L off it.           [eq:tree-factor] */
export function factored({ start, dofs }: TreePaths, H: readonly Scalar[]): Scalar[] {
  const h = [...H];
  const factor = [...H];
  for (let k = start.length - 2; k >= 0; k--) {
    const d = start[k]!;
    const inverse = div(1, h[d]!);
    factor[d] = inverse;
    for (let s = d + 1; s < start[k + 1]!; s++) {
      const l = mul(h[s]!, inverse);
      const shift = start[dofs[s]!]! - s;
      for (let t = s; t < start[k + 1]!; t++) h[shift + t] = sub(h[shift + t]!, mul(l, h[t]!));
      factor[s] = l;
    }
  }
  return factor;
}

/** x = H⁻¹ g = L⁻¹ D⁻¹ L⁻ᵀ g */
export function solveFactored(
  { start, dofs }: TreePaths,
  factor: readonly Scalar[],
  g: readonly Scalar[],
): Scalar[] {
  const x = [...g];
  for (let i = g.length - 1; i >= 0; i--) {
    for (let s = start[i]! + 1; s < start[i + 1]!; s++)
      x[dofs[s]!] = sub(x[dofs[s]!]!, mul(factor[s]!, x[i]!));
  }
  for (let i = 0; i < g.length; i++) {
    let xi = mul(x[i]!, factor[start[i]!]!);
    for (let s = start[i]! + 1; s < start[i + 1]!; s++) xi = sub(xi, mul(factor[s]!, x[dofs[s]!]!));
    x[i] = xi;
  }
  return x;
}

/** H x */
export function product(paths: TreePaths, H: readonly Scalar[], x: readonly Scalar[]): Scalar[] {
  const out = x.map(() => constant(0));
  overPaths(paths, (i, j, k) => {
    out[i] = add(out[i]!, mul(H[k]!, x[j]!));
    if (i !== j) out[j] = add(out[j]!, mul(H[k]!, x[i]!));
    return H[k]!;
  });
  return out;
}

/** entry(i, j, k) for j on the path of i, k where that is stored. */
function overPaths({ start, dofs }: TreePaths, entry: (i: number, j: number, k: number) => Scalar): Scalar[] {
  return Array.from({ length: start.length - 1 }, (_, i) =>
    Array.from(dofs.subarray(start[i]!, start[i + 1]!), (j, k) => entry(i, j, start[i]! + k)),
  ).flat();
}
