import { fold, key, normal, uniform } from "@sgmrl/autodiff/random";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { multiply, solve, treePaths } from "../../../src/rigid-body/model/tree-factor.ts";

/** A random tree: parents by dof, each below its child's number, −1 for a root. */
const trees = fc
  .integer({ min: 1, max: 14 })
  .chain((n) => fc.tuple(...Array.from({ length: n }, (_, i) => fc.integer({ min: -1, max: i - 1 }))));

/** H = Σ_k z_k z_kᵀ + 1 with z_k supported on the path of dof k: positive definite, of the tree's pattern. */
function randomMatrix(parent: readonly number[], seed: number): Float64Array {
  const paths = treePaths(parent);
  const H = new Float64Array(paths.dofs.length);
  for (let k = 0; k < parent.length; k++) {
    const from = paths.start[k]!;
    const length = paths.start[k + 1]! - from;
    const z = normal(fold(key(seed), k), length);
    for (let s = 0; s < length; s++) {
      const row = paths.start[paths.dofs[from + s]!]! - s;
      for (let t = s; t < length; t++) H[row + t]! += z[s]! * z[t]! + (s === t ? 1 : 0);
    }
  }
  return H;
}

describe("solving over a tree", () => {
  test("H (H⁻¹ b) = b", () => {
    fc.assert(
      fc.property(trees, fc.integer({ min: 0, max: 1e9 }), (parent, seed) => {
        const paths = treePaths(parent);
        const H = randomMatrix(parent, seed);
        const b = uniform(fold(key(seed), 1000), parent.length);
        const x = b.slice();
        const before = H.slice();
        solve(H, paths, x, new Float64Array(H.length));
        expect(H).toEqual(before);
        const product = new Float64Array(parent.length);
        multiply(H, paths, x, product);
        product.forEach((value, i) => {
          expect(value).toBeCloseTo(b[i]!, 9);
        });
      }),
    );
  });
});
