/** Linear systems over the dofs, unrolled for the sparsity pattern of one robot. */
import { add, constant, div, mul, neg, type Scalar, sub, withRule } from "@sgmrl/autodiff/scalar";
import type { TreePaths } from "../model/tree-factor.ts";

/**
 * x = H⁻¹ g, by elimination from the leaves [eq:tree-factor]. Its adjoint is a solve with the same factor:       [eq:adjoint-solve]
 *   λ = H⁻¹ x̄,   ḡ = λ,   H̄ = −λ xᵀ
 * whose entries (i, j) and (j, i), stored once, are added.
 */
export function solve(paths: TreePaths, H: readonly Scalar[], g: readonly Scalar[]): Scalar[] {
  const x: Scalar[] = withRule(
    [...H, ...g],
    () => eliminate(paths, H, g),
    (cotangents) => {
      const lambda = eliminate(paths, H, cotangents);
      const byMatrix = overPaths(paths, (i, j) => {
        const share = mul(lambda[i]!, x[j]!);
        return neg(i === j ? share : add(share, mul(lambda[j]!, x[i]!)));
      });
      return [...byMatrix, ...lambda];
    },
  );
  return x;
}

function eliminate({ start, dofs }: TreePaths, H: readonly Scalar[], g: readonly Scalar[]): Scalar[] {
  const h = [...H];
  const x = [...g];
  const n = g.length;
  const inverse: Scalar[] = Array.from({ length: n }, () => constant(0));
  const lower = [...H];
  for (let k = n - 1; k >= 0; k--) {
    const d = start[k]!;
    inverse[k] = div(1, h[d]!);
    for (let s = d + 1; s < start[k + 1]!; s++) {
      const l = mul(h[s]!, inverse[k]!);
      const shift = start[dofs[s]!]! - s;
      for (let t = s; t < start[k + 1]!; t++) h[shift + t] = sub(h[shift + t]!, mul(l, h[t]!));
      lower[s] = l;
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let s = start[i]! + 1; s < start[i + 1]!; s++)
      x[dofs[s]!] = sub(x[dofs[s]!]!, mul(lower[s]!, x[i]!));
  }
  for (let i = 0; i < n; i++) {
    let xi = mul(x[i]!, inverse[i]!);
    for (let s = start[i]! + 1; s < start[i + 1]!; s++) xi = sub(xi, mul(lower[s]!, x[dofs[s]!]!));
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
