import fc from "fast-check";
import {
  add,
  array,
  cholesky,
  eye,
  matmul,
  matrixTranspose,
  type NdArray,
  triangularSolve,
} from "../../../src/index.ts";
import type { PrimitiveName } from "../../../src/primitives/table.ts";
import { inputsOf, type PrimitiveCase, setting } from "../setting.ts";
import { anything, broadcastable, eighths, nonzero, shapes, values } from "../values.ts";

const extent = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 1, max: 3 }) },
  { weight: 1, arbitrary: fc.constant(0) },
);
const batches = fc.oneof(
  { weight: 2, arbitrary: fc.constant<number[]>([]) },
  { weight: 1, arbitrary: shapes({ maxRank: 2 }) },
);

/** B Bᵀ + I: symmetric, with eigenvalues of at least 1. */
function positiveDefinite(batch: readonly number[], n: number): fc.Arbitrary<NdArray> {
  return values([...batch, n, n], eighths(-1, 1)).map((b) => add(matmul(b, matrixTranspose(b)), eye(n)));
}

/** Any numbers, with a diagonal away from 0; the triangle that is not read is filled, too. */
function triangular(batch: readonly number[], n: number): fc.Arbitrary<NdArray> {
  return fc
    .tuple(values([...batch, n, n], eighths(-1, 1)), values([...batch, n], nonzero))
    .map(([x, diagonal]) =>
      array(
        Float64Array.from(x.data, (value, at) => {
          const [i, j] = [Math.floor(at / n) % n, at % n];
          return i === j ? diagonal.data[Math.floor(at / n)]! : value;
        }),
        x.shape,
      ),
    );
}

type LinearAlgebra = Extract<PrimitiveName, "matmul" | "cholesky" | "triangularSolve">;

export const linearAlgebraCases: { readonly [Name in LinearAlgebra]: PrimitiveCase } = {
  // [eq:matmul] [eq:cholesky] [eq:triangular-solve]
  matmul: {
    settings: fc.oneof(
      batches
        .chain((batch) => fc.tuple(fc.constant(batch), broadcastable(batch), extent, extent, extent))
        .map(([batch, other, m, k, n]) => {
          const [a, b] = [
            [...batch, m, k],
            [...other, k, n],
          ];
          return setting(`matmul(a[${a}], b[${b}])`, (x, y) => matmul(x!, y!), inputsOf([a, b], anything));
        }),
      fc.tuple(extent, extent, fc.constantFrom("left", "right", "both")).map(([m, k, vectors]) => {
        const a = vectors === "right" ? [m, k] : [k];
        const b = vectors === "left" ? [k, m] : [k];
        return setting(`matmul(a[${a}], b[${b}])`, (x, y) => matmul(x!, y!), inputsOf([a, b], anything));
      }),
    ),
    edges: [],
  },
  cholesky: {
    settings: fc.tuple(batches, extent).map(([batch, n]) =>
      setting(
        `cholesky(a[${[...batch, n, n]}])`,
        (a) => cholesky(a!),
        positiveDefinite(batch, n).map((a) => [a]),
      ),
    ),
    edges: [],
  },
  triangularSolve: {
    settings: fc
      .tuple(batches, extent, extent, fc.boolean(), fc.boolean())
      .map(([batch, n, m, lower, transposed]) =>
        setting(
          `triangularSolve(t[${[...batch, n, n]}], b[${[...batch, n, m]}], lower ${lower}, transposed ${transposed})`,
          (t, b) => triangularSolve(t!, b!, { lower, transposed }),
          fc.tuple(triangular(batch, n), values([...batch, n, m], anything)),
        ),
      ),
    edges: [],
  },
};
