import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openGpu } from "../../src/backends/gpu/index.ts";
import { createWasmBackend } from "../../src/backends/wasm/index.ts";
import {
  add,
  array,
  cholesky,
  compile,
  convert,
  eye,
  type FloatDType,
  grad,
  hvp,
  inverse,
  jvp,
  log,
  logDeterminant,
  lu,
  matmul,
  matrixTranspose,
  mul,
  type NdArray,
  qr,
  reference,
  ShapeError,
  slice,
  solve,
  sub,
  sum,
  symmetricEigen,
  toNested,
  vmap,
} from "../../src/index.ts";
import { checkGradients } from "../../src/testing/index.ts";
import { eighths, values } from "../support/values.ts";

const wasm = createWasmBackend();
const gpu = await openGpu({ mode: "cpu" });

/** Numbers between −1/2 and 1/2 in no obvious order. */
function numbers(shape: readonly number[], dtype: FloatDType = "float64"): NdArray {
  const size = shape.reduce((n, extent) => n * extent, 1);
  const all = Float64Array.from(
    { length: size },
    (_, i) => (((i + 1) * (i + 7) * 0.6180339887498949) % 1) - 0.5,
  );
  return convert(array(all, shape), dtype);
}

function symmetric(n: number, dtype: FloatDType = "float64"): NdArray {
  const a = numbers([n, n], dtype);
  return add(a, matrixTranspose(a));
}

function diagonal(entries: readonly number[]): NdArray {
  const n = entries.length;
  return array(
    Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? entries[i / (n + 1)]! : 0)),
    [n, n],
  );
}

/** A matrix with given eigenvalues and vectors in no special direction. */
function withEigenvalues(entries: readonly number[]): NdArray {
  const { q } = qr(numbers([entries.length, entries.length]));
  const a = matmul(matmul(q, diagonal(entries)), matrixTranspose(q));
  return mul(0.5, add(a, matrixTranspose(a))); // to the last bit
}

function largest(x: NdArray): number {
  return Math.max(
    0,
    ...Array.from(x.data, (v) => (Number.isNaN(v) ? Number.POSITIVE_INFINITY : Math.abs(v))),
  );
}

function expectNear(x: NdArray, y: NdArray, tolerance: number): void {
  expect(x.shape).toEqual(y.shape);
  expect(largest(sub(x, y))).toBeLessThan(tolerance);
}

describe.each([
  ["reference", reference, "float64", 1e-14],
  ["reference, float32", reference, "float32", 1e-5],
  ["wasm", wasm, "float64", 1e-14],
  ["wasm, float32", wasm, "float32", 1e-5],
  ["gpu", gpu, "float32", 1e-5],
] as const)("%s", (_name, backend, dtype, tolerance) => {
  it.each([[[1, 1]], [[3, 2]], [[5, 5]], [[2, 4, 3]], [[9, 1]]])("Q R is A of %s [eq:qr]", (shape) => {
    const a = numbers(shape, dtype);
    const { q, r } = compile((x: NdArray) => qr(x), { backend })(a);
    expectNear(matmul(q, r), a, tolerance);
    const n = shape.at(-1)!;
    expectNear(matmul(matrixTranspose(q), q), mul(eye(n, dtype), add(mul(0, r), 1)), tolerance);
    const below = Array.from(r.data).filter((_, i) => Math.floor(i / n) % n > i % n);
    const along = Array.from(r.data).filter((_, i) => Math.floor(i / n) % n === i % n);
    expect(below.every((v) => v === 0) && along.every((v) => v > 0)).toBe(true);
  });

  it.each([1, 2, 3, 6])("A V is V Λ, %d rows [eq:symmetric-eigenvalues] [eq:symmetric-eigenvectors]", (n) => {
    const a = symmetric(n, dtype);
    const { values: lambda, vectors } = compile((x: NdArray) => symmetricEigen(x), { backend })(a);
    expectNear(matmul(a, vectors), mul(vectors, lambda), tolerance);
    expectNear(matmul(matrixTranspose(vectors), vectors), eye(n, dtype), tolerance);
    expect(Array.from(lambda.data)).toEqual(Array.from(lambda.data).sort((x, y) => x - y));
    for (let i = 0; i < n; i++) {
      const column = Array.from({ length: n }, (_, k) => vectors.data[k * n + i]!);
      expect(Math.max(...column)).toBe(Math.max(...column.map(Math.abs)));
    }
  });

  it("slopes, and slopes of slopes, are those of the reference", () => {
    const f = (x: NdArray): NdArray => {
      const { q, r } = qr(x);
      const { values: lambda, vectors } = symmetricEigen(slice(x, [0, 3]));
      return add(
        sum(mul(q, numbers(q.shape, dtype))),
        add(sum(mul(r, r)), sum(mul(vectors, mul(lambda, lambda)))),
      );
    };
    const x = numbers([4, 3], dtype);
    const v = mul(2, x);
    const run = (y: NdArray, dy: NdArray): NdArray[] => [grad(f)(y), hvp(f)(y, dy)];
    const expected = run(x, v);
    compile(run, { backend })(x, v).forEach((y, i) => {
      expectNear(y, expected[i]!, 2e3 * tolerance);
    });
  });
});

it.each([
  ["q", (a) => qr(a).q, [3, 2]],
  ["r", (a) => qr(a).r, [3, 2]],
  ["q of a square matrix", (a) => qr(a).q, [2, 2]],
  ["eigenvalues", (a) => symmetricEigen(a).values, [3, 3]],
  ["eigenvectors", (a) => symmetricEigen(a).vectors, [2, 2]],
  ["l", (a) => lu(a).l, [3, 3]],
  ["u", (a) => lu(a).u, [3, 3]],
] as const satisfies [string, (a: NdArray) => NdArray, number[]][])(
  "%s: every law of derivatives",
  (_name, f, shape) => {
    checkGradients((a: NdArray) => f(a), [numbers(shape)]);
  },
);

it("R is the transposed Cholesky factor of AᵀA, and its slope that of Cholesky's [eq:qr]", () => {
  const viaCholesky = (a: NdArray): NdArray => matrixTranspose(cholesky(matmul(matrixTranspose(a), a)));
  const upper = (a: NdArray): NdArray => add(a, mul(4, eye(3)));
  fc.assert(
    fc.property(values([3, 3], eighths(-1, 1)), values([3, 3], eighths(-1, 1)), (a, weights) => {
      const pair = [(x: NdArray) => qr(upper(x)).r, (x: NdArray) => viaCholesky(upper(x))] as const;
      expectNear(pair[0](a), pair[1](a), 1e-12);
      const [own, other] = pair.map((f) => grad((x: NdArray) => sum(mul(weights, f(x))))(a));
      expectNear(own!, other!, 1e-11);
    }),
    { numRuns: 20 },
  );
});

it("factors of matrices whose columns are dependent, large and small [eq:qr]", () => {
  const dependent = [
    [
      [1, 2],
      [2, 4],
      [-2, -4],
    ],
    [
      [0, 1],
      [0, 2],
      [0, 0],
    ],
    [
      [0, 0],
      [0, 0],
    ],
    [
      [3e200, 1e200],
      [4e200, 0],
    ],
    [
      [3e-200, 1e-200],
      [-4e-200, 0],
    ],
  ];
  for (const rows of dependent) {
    const a = array(rows);
    const { q, r } = qr(a);
    expectNear(matmul(q, r), a, 1e-15 * largest(a) + Number.MIN_VALUE);
    expectNear(matmul(matrixTranspose(q), q), eye(2), 1e-14);
  }
  const slope = grad((x: NdArray) => sum(qr(x).r))(
    array([
      [1, 2],
      [2, 4],
      [-2, -4],
    ]),
  );
  expect(slope.data.every(Number.isNaN)).toBe(true);
  expect(
    toNested(
      qr(
        array([
          [Number.NaN, 1],
          [1, 1],
        ]),
      ).r,
    ),
  ).toEqual([
    [Number.NaN, Number.NaN],
    [0, Number.NaN],
  ]);
});

it("refuses matrices that it does not factor", () => {
  expect(() => qr(numbers([2, 3]))).toThrow(ShapeError);
  expect(() => qr(numbers([3]))).toThrow(/at least as many rows as columns/);
  expect(() => qr(array([[1]], undefined, "int32"))).toThrow(/floating|float64/);
  expect(() => symmetricEigen(numbers([2, 3]))).toThrow(/symmetricEigen: the matrix must be square/);
});

it("eigenvalues of a chain of springs are 2 − 2 cos(k π/(n + 1)) [eq:symmetric-eigenvalues]", () => {
  const n = 24;
  const chain = array(
    Float64Array.from({ length: n * n }, (_, i) => [2, -1][Math.abs(Math.floor(i / n) - (i % n))] ?? 0),
    [n, n],
  );
  const exact = array(
    Float64Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1))),
  );
  expectNear(symmetricEigen(chain).values, exact, 1e-13);
});

it("eigenvalues repeated, graded, of any size", () => {
  const cases = [
    [1, 1, 1],
    [0, 0, 0, 0],
    [-1, 1, -1, 1, 2],
    [1, 1 + 1e-15, 1 + 2e-15],
    [1e-8, 1, 1e8],
    [1e200, -2e200, 1e200],
    [3e-200, 1e-200],
    [5],
  ];
  for (const entries of cases) {
    const { values: lambda, vectors } = symmetricEigen(withEigenvalues(entries));
    const scale = Math.max(...entries.map(Math.abs)) || 1;
    const sorted = array(entries.toSorted((x, y) => x - y));
    expectNear(mul(1 / scale, lambda), mul(1 / scale, sorted), 1e-13);
    expectNear(matmul(matrixTranspose(vectors), vectors), eye(entries.length), 1e-13);
  }
  expect(
    symmetricEigen(
      array([
        [Number.NaN, 1],
        [1, 1],
      ]),
    ).values.data.every(Number.isNaN),
  ).toBe(true);
});

describe("where eigenvalues are repeated", () => {
  const repeated = [withEigenvalues([2, 2, 5]), withEigenvalues([1, 1, 1]), eye(3), diagonal([3, 1, 3])];
  const traceOfCube = (a: NdArray): NdArray => {
    const { values: lambda } = symmetricEigen(a);
    return sum(mul(lambda, mul(lambda, lambda)));
  };

  it("the slope of Σ λ³ = tr A³ is 3 A², of Σ ln λ it is A⁻¹", () => {
    for (const a of repeated) {
      expectNear(grad(traceOfCube)(a), mul(3, matmul(a, a)), 1e-12);
      expectNear(grad((x: NdArray) => sum(log(symmetricEigen(x).values)))(a), inverse(a), 1e-12);
      const direction = symmetric(3);
      const [, moved] = jvp(traceOfCube)([a], [direction]);
      expectNear(moved, mul(3, sum(mul(matmul(a, a), direction))), 1e-12);
    }
  });

  it("the sum of the k largest has its slope where the k-th is not repeated", () => {
    const a = withEigenvalues([1, 4, 4]);
    const top = (x: NdArray): NdArray => sum(slice(symmetricEigen(x).values, [1, 3]));
    // The projection on the plane of the two: (A − 1)/3
    expectNear(grad(top)(a), mul(1 / 3, sub(a, eye(3))), 1e-12);
  });

  it("vectors have none: NaN, in either mode; nor have values a second one", () => {
    for (const a of repeated) {
      expect(grad((x: NdArray) => sum(symmetricEigen(x).vectors))(a).data.some(Number.isNaN)).toBe(true);
      expect(
        jvp((x: NdArray) => symmetricEigen(x).vectors)([a], [symmetric(3)])[1].data.some(Number.isNaN),
      ).toBe(true);
      expect(hvp(traceOfCube)(a, symmetric(3)).data.some(Number.isNaN)).toBe(true);
    }
  });

  it("where they are not, the second derivative of tr A³ along B is 3 (A B + B A)", () => {
    const [a, b] = [withEigenvalues([-1, 2, 5]), symmetric(3)];
    expectNear(hvp(traceOfCube)(a, b), mul(3, add(matmul(a, b), matmul(b, a))), 1e-11);
  });
});

it("many matrices at once, and one in a mapped function, are as one by one", () => {
  const many = numbers([3, 4, 4]);
  const one = (i: number): NdArray => array(many.data.slice(16 * i, 16 * (i + 1)), [4, 4]);
  const f = (a: NdArray): NdArray[] => [
    ...Object.values(qr(a)),
    ...Object.values(symmetricEigen(a)),
    ...Object.values(lu(a)),
  ];
  for (const results of [f(many), vmap(f)(many), compile(vmap(f), { backend: wasm })(many)]) {
    results.forEach((stacked, k) => {
      [0, 1, 2].forEach((i) => {
        const own = f(one(i))[k]!;
        const size = own.data.length;
        expectNear(array(stacked.data.slice(size * i, size * (i + 1)), own.shape), own, 1e-13);
      });
    });
  }
});

it("100 × 100: factors, eigenvalues and solutions; |det| is that of R [eq:lu] [eq:solve] [eq:log-determinant]", () => {
  const [a, b] = [numbers([100, 100]), numbers([100, 1])];
  const run = compile(
    (x: NdArray, y: NdArray) => ({
      ...lu(x),
      ...qr(x),
      x: solve(x, y),
      d: logDeterminant(x),
      inverse: inverse(x),
    }),
    { backend: wasm },
  );
  const { l, u, permutation, q, r, x, d, inverse: inverted } = run(a, b);
  expectNear(matmul(l, u), matmul(permutation, a), 1e-13);
  expect(largest(l)).toBe(1);
  expectNear(matmul(q, r), a, 1e-13);
  expectNear(matmul(a, x), b, 1e-11);
  expectNear(matmul(a, inverted), eye(100), 1e-10);
  const logOfR = Array.from({ length: 100 }, (_, i) => Math.log(r.data[101 * i]!)).reduce(
    (total, y) => total + y,
    0,
  );
  expect(Math.abs(d.data[0]! - logOfR)).toBeLessThan(1e-11);
  const own = symmetric(100);
  const { values: lambda, vectors } = compile((y: NdArray) => symmetricEigen(y), { backend: wasm })(own);
  expectNear(matmul(own, vectors), mul(vectors, lambda), 1e-12);
  expectNear(matmul(matrixTranspose(vectors), vectors), eye(100), 1e-12);
});
