import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openGpu } from "../../src/backends/gpu/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import {
  add,
  all,
  any,
  arange,
  argmax,
  argmin,
  argsort,
  array,
  ceil,
  compile,
  convert,
  cumprod,
  dynamicSlice,
  dynamicUpdate,
  einsum,
  eye,
  flip,
  floor,
  grad,
  inverse,
  item,
  less,
  logDeterminant,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  lu,
  matmul,
  min,
  mod,
  mul,
  type NdArray,
  prod,
  reference,
  reshape,
  roll,
  round,
  ShapeError,
  solve,
  sort,
  sub,
  sum,
  tile,
  toNested,
  topK,
  vmap,
  zeros,
} from "../../src/index.ts";
import { jvpMatchesDifferences, vjpIsTransposeOfJvp } from "../../src/testing/index.ts";
import { eighths, values } from "../support/values.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const gpu = await openGpu({ mode: "cpu" });
const ints = (...xs: number[]): NdArray => array(Int32Array.from(xs));
const m = array([
  [3, 1, 2],
  [5, nan, 4],
  [1, 1, 1],
]);

describe.each([
  ["reference", reference, "float64"],
  ["wasm", wasm, "float64"],
  ["wasm, float32", wasm, "float32"],
  ["gpu", gpu, "float32"],
] as const)("%s", (_name, backend, dtype) => {
  const of = (f: (x: NdArray) => NdArray, x: NdArray): unknown =>
    toNested(convert(compile(f, { backend })(convert(x, dtype)), "float64"));
  const asNumbers =
    (f: (x: NdArray) => NdArray): ((x: NdArray) => NdArray) =>
    (x) =>
      convert(f(x), x.dtype);

  it("min, argmin, argmax; NaN is both, the first of equals counts", () => {
    expect(of((x) => min(x, 1), m)).toEqual([1, nan, 1]);
    expect(
      of(
        asNumbers((x) => argmax(x)),
        m,
      ),
    ).toEqual([0, 1, 0]);
    expect(
      of(
        asNumbers((x) => argmin(x, 0)),
        m,
      ),
    ).toEqual([2, 1, 2]);
  });

  it("sort, argsort, topK [eq:sort]", () => {
    expect(of((x) => sort(x), m)).toEqual([
      [1, 2, 3],
      [4, 5, nan],
      [1, 1, 1],
    ]);
    expect(
      of(
        asNumbers((x) => argsort(x)),
        m,
      ),
    ).toEqual([
      [1, 2, 0],
      [2, 0, 1],
      [0, 1, 2],
    ]);
    expect(
      of(
        (x) => topK(x, 2, 0).values,
        array([
          [1, 9],
          [inf, 7],
          [3, -inf],
        ]),
      ),
    ).toEqual([
      [inf, 9],
      [3, 7],
    ]);
    expect(
      of(
        asNumbers((x) => topK(x, 2).indices),
        array([1, 9, 4, 9]),
      ),
    ).toEqual([1, 3]);
  });

  it("prod, cumprod [eq:prod] [eq:cumprod]", () => {
    const x = array([
      [2, 0, 3],
      [1, 4, 5],
    ]);
    expect(of((y) => prod(y), x)).toBe(0);
    expect(of((y) => prod(y, 1), x)).toEqual([0, 20]);
    expect(of((y) => cumprod(y, 1), x)).toEqual([
      [2, 0, 0],
      [1, 4, 20],
    ]);
    expect(
      of(
        grad((y: NdArray) => sum(prod(y, 1))),
        x,
      ),
    ).toEqual([
      [0, 6, 0],
      [20, 5, 4],
    ]);
  });

  it("flip, roll, tile", () => {
    const x = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(of((y) => flip(y, 1), x)).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ]);
    expect(of((y) => roll(y, -1), x)).toEqual([
      [2, 3, 1],
      [5, 6, 4],
    ]);
    expect(of((y) => tile(y, [2, 1, 2]), array([[1, 2]]))).toEqual([[[1, 2, 1, 2]], [[1, 2, 1, 2]]]);
  });

  it("floor, ceil, round, mod [eq:floor] [eq:mod]", () => {
    const x = array([1.5, -1.5, -0.25, 2.5, 0.5, 8388609, 1e30, -inf, nan]);
    expect(of((y) => add(floor(y), 0), x)).toEqual(
      [1, -2, -1, 2, 0, 8388609, Math.fround(1e30), -inf, nan].map((v) =>
        dtype === "float64" && v > 1e29 ? 1e30 : v,
      ),
    );
    expect(of((y) => add(ceil(y), 0), array([1.5, -1.5, -0.25]))).toEqual([2, -1, -0]);
    expect(of((y) => add(round(y), 0), array([1.5, -1.5, -0.25, 2.5, 0.5, inf, nan]))).toEqual([
      2,
      -2,
      -0,
      2,
      0,
      inf,
      nan,
    ]);
    // A zero has the sign of x.
    expect(of((y) => floor(y), array([-0, 0, 0.3]))).toEqual([-0, 0, 0]);
    expect(of((y) => ceil(y), array([-0.5, -0, 0]))).toEqual([-0, -0, 0]);
    expect(of((y) => round(y), array([-0.5, -0.25, -0, 0, 0.5]))).toEqual([-0, -0, -0, 0, 0]);
    for (const [name, f] of Object.entries({ floor, ceil, round, mod: (x: NdArray) => mod(x, x) }))
      expect(() => f(convert(array([1]), "int32"))).toThrow(`${name}: elements must be float64 or float32`);
    expect(of((y) => add(mod(y, 3), 0), array([7, -7, 3, -1]))).toEqual([1, 2, 0, 2]);
    expect(of((y) => add(mod(7, mul(-1, y)), 0), array([3, 7]))).toEqual([-2, 0]);
    expect(
      of(
        grad((y: NdArray) => sum(mod(y, 3))),
        array([7, -7]),
      ),
    ).toEqual([1, 1]);
    expect(
      of(
        grad((y: NdArray) => sum(mod(7, y))),
        array([3, 2]),
      ),
    ).toEqual([-2, -3]);
    expect(
      of(
        grad((y: NdArray) => sum(add(floor(y), round(y)))),
        array([0.3, 1e30]),
      ),
    ).toEqual([0, 0]);
  });

  it("logic", () => {
    const masks = (f: (x: NdArray, y: NdArray) => NdArray): unknown =>
      of(
        asNumbers((x) => f(less(x, 2), less(1, x))),
        array([0, 1.5, 3]),
      );
    expect(masks(logicalAnd)).toEqual([0, 1, 0]);
    expect(masks(logicalOr)).toEqual([1, 1, 1]);
    expect(masks(logicalXor)).toEqual([1, 0, 1]);
    expect(masks((x) => logicalNot(x))).toEqual([0, 0, 1]);
    expect(masks((x, y) => add(mul(2, any(x)), all(y)))).toBe(2);
  });

  it("blocks at computed places", () => {
    const block = (y: NdArray): NdArray => dynamicSlice(y, ints(1, 0), [2, 2]);
    expect(of(block, m)).toEqual([
      [5, nan],
      [1, 1],
    ]);
    const put = (y: NdArray): NdArray => dynamicUpdate(y, convert(array([[9, 8]]), y.dtype), ints(2, 1));
    expect(of(put, m)).toEqual([
      [3, 1, 2],
      [5, nan, 4],
      [1, 9, 8],
    ]);
    expect(
      of(
        grad((y: NdArray) => sum(put(y))),
        m,
      ),
    ).toEqual([
      [1, 1, 1],
      [1, 1, 1],
      [1, 0, 0],
    ]);
    for (const starts of [ints(2, 0), ints(0, -1)]) {
      expect(() => of((y) => dynamicSlice(y, starts, [2, 2]), m)).toThrow(/indices must be from 0 to 2/);
      expect(() => of((y) => dynamicUpdate(y, convert(eye(2), y.dtype), starts), m)).toThrow(/from 0 to 2/);
    }
  });

  it("einsum [eq:einsum]", () => {
    const a = array([
      [1, 2],
      [3, 4],
    ]);
    const same = (x: NdArray): NdArray => einsum("ij,jk->ik", x, x);
    expect(of(same, a)).toEqual(toNested(matmul(a, a)));
    expect(of((x) => einsum("bi,bj,b->ji", x, x, einsum("bi->b", x)), a)).toEqual([
      [66, 90],
      [90, 124],
    ]);
    expect(of((x) => einsum("ij->", x), a)).toBe(10);
    for (const equation of ["ij->ji->", "ij->ik", "ij->ii", "ij", "->", "ij,ij->ij", "i1->i", "ij-ji"]) {
      expect(() => einsum(equation, a)).toThrow(ShapeError);
    }
    expect(of((x) => einsum("ij,ij->ij", x, x), a)).toEqual([
      [1, 4],
      [9, 16],
    ]);
    // A letter that occurs twice in one array: its diagonal.
    expect(of((x) => einsum("ii->", x), a)).toBe(5);
    expect(of((x) => einsum("ii->i", x), a)).toEqual([1, 4]);
    expect(of((x) => einsum("ii,ij->j", x, x), a)).toEqual([13, 18]);
    expect(of((x) => grad((y: NdArray) => einsum("ii,jj->", y, y))(x), a)).toEqual([
      [10, 0],
      [0, 10],
    ]);
    const cube = reshape(arange(24, dtype), [2, 3, 2, 2]);
    const [diagonals, all] = [einsum("ijkk->kji", cube), toNested(cube) as number[][][][]];
    for (const [i, j, k] of [0, 1].flatMap((i) =>
      [0, 1, 2].flatMap((j) => [0, 1].map((k) => [i, j, k] as const)),
    ))
      expect((toNested(diagonals) as number[][][])[k]![j]![i]).toBe(all[i]![j]![k]![k]);
    expect(item(einsum("iii->", reshape(arange(27, dtype), [3, 3, 3])))).toBe(0 + 13 + 26);
    expect(einsum("ii->i", zeros([0, 0], dtype)).shape).toEqual([0]);
    expect(() => einsum("ii->", zeros([2, 3], dtype))).toThrow(/axis i must have the same extent/);
  });

  it("systems: solve, inverse, logDeterminant, lu [eq:solve] [eq:log-determinant] [eq:lu]", () => {
    const a = convert(
      array([
        [0, 2, 1],
        [4, 1, -1],
        [2, 8, 0.5],
      ]),
      dtype,
    );
    const near = (x: NdArray, y: NdArray, tolerance: number): void => {
      x.data.forEach((v, i) => {
        expect(Math.abs(v - y.data[i]!)).toBeLessThan(tolerance);
      });
    };
    const tolerance = dtype === "float64" ? 1e-14 : 1e-5;
    const run = (f: (x: NdArray) => NdArray): NdArray => compile(f, { backend })(a);
    near(
      run((x) => matmul(x, inverse(x))),
      eye(3, dtype),
      tolerance,
    );
    near(
      run((x) =>
        sub(matmul(x, solve(x, convert(array([1, 2, 3]), dtype))), convert(array([1, 2, 3]), dtype)),
      ),
      array([0, 0, 0]),
      10 * tolerance,
    );
    near(
      run((x) => logDeterminant(x)),
      array([Math.log(22)]),
      tolerance,
    );
    const factors = compile((x: NdArray) => lu(x), { backend })(a);
    near(
      sub(matmul(factors.l, factors.u), matmul(factors.permutation, a)),
      array(new Float64Array(9)),
      tolerance,
    );
    expect(factors.l.data.every((v) => Math.abs(v) <= 1)).toBe(true);
  });
});

it("slopes of products, sorts and factors are those of differences", () => {
  const functions: Readonly<Record<string, (x: NdArray) => NdArray>> = {
    prod: (x) => prod(x, 0),
    cumprod: (x) => cumprod(x, 1),
    sort: (x) =>
      sort(
        add(
          x,
          array([
            [0, 0.01, 0.03],
            [0.02, 0, 0.05],
            [0.07, 0.02, 0],
          ]),
        ),
      ),
    lu: (x) => add(lu(add(x, mul(8, eye(3)))).l, lu(add(x, mul(8, eye(3)))).u),
    mod: (x) => mod(add(x, 0.3), 1.5),
  };
  for (const f of Object.values(functions)) {
    fc.assert(
      fc.property(values([3, 3], eighths(-2, 2)), values([3, 3], eighths(-1, 1)), (x, dx) => {
        jvpMatchesDifferences((y) => f(y!), [x], [dx]);
        const y = f(x);
        vjpIsTransposeOfJvp(
          (z) => f(z!),
          [x],
          [dx],
          array(new Float64Array(y.data.length).fill(0.5), y.shape),
        );
      }),
      { numRuns: 20 },
    );
  }
});

describe.each([
  ["reference", reference, Float64Array],
  ["wasm", wasm, Float64Array],
  ["reference, float32", reference, Float32Array],
  ["wasm, float32", wasm, Float32Array],
] as const)("mod on %s [eq:mod]", (_name, backend, Numbers) => {
  const unit = Numbers === Float64Array ? 2 ** -52 : 2 ** -23;
  const number = fc
    .tuple(
      fc.integer({ min: 1, max: 2 ** 24 - 1 }),
      fc.integer({ min: -60, max: 60 }),
      fc.constantFrom(-1, 1),
    )
    .map(([digits, exponent, sign]) => sign * digits * 2 ** exponent);
  const f = compile((x: NdArray, y: NdArray) => mod(x, y), { backend });
  const slopes = compile(
    grad((x: NdArray, y: NdArray) => sum(mod(x, y)), { argnums: [0, 1] }),
    { backend },
  );
  const of = (x: number, y: number): number => f(array(Numbers.of(x)), array(Numbers.of(y))).data[0]!;

  it("is from 0 to y, off by the rounding of x, or NaN where that hides it", () => {
    fc.assert(
      fc.property(number, number, (x, y) => {
        const r = of(x, y);
        if (Number.isNaN(r)) {
          expect(Math.abs(x / y)).toBeGreaterThanOrEqual(1 / (4 * unit));
          for (const slope of slopes(array(Numbers.of(x)), array(Numbers.of(y)))) {
            expect(slope.data[0]).toBeNaN();
          }
          return;
        }
        expect(Math.abs(x / y)).toBeLessThanOrEqual(2 / unit);
        expect(r * Math.sign(y)).toBeGreaterThanOrEqual(0);
        expect(Math.abs(r)).toBeLessThanOrEqual(Math.abs(y));
        const off = Math.abs(r - (x % y)) % Math.abs(y);
        expect(Math.min(off, Math.abs(y) - off)).toBeLessThanOrEqual(
          unit * Math.max(Math.abs(x), Math.abs(y)),
        );
      }),
    );
  });

  it("is NaN of a number that has no digit left, of infinity, and of no divisor", () => {
    const pairs = [
      [1e17, 3],
      [-1e17, 7],
      [123456789012345680, -3],
      [1e30, 1e-3],
      [inf, 3],
      [1, 0],
      [0, 0],
    ];
    for (const [x, y] of pairs) expect(of(x!, y!)).toBeNaN();
    expect(of(5, inf)).toBe(5);
  });
});

it("all of them map", () => {
  const x = array([
    [3, 1, 2],
    [5, 0.5, 4],
  ]);
  for (const f of [
    prod,
    sort,
    argmax,
    floor,
    flip,
    (y: NdArray) => roll(y, 1),
    (y: NdArray) => einsum("i,i->", y, y),
  ]) {
    const rows = vmap((y: NdArray) => f(y))(x);
    const own = [0, 1].map((i) => toNested(f(array(x.data.slice(3 * i, 3 * i + 3)))));
    expect(toNested(rows)).toEqual(own);
  }
});

it.each([
  [() => einsum("ij,jk", array([[1]]), array([[1]])), /einsum: one list of letters/],
  [() => einsum("ij,jk->ik", array([[1]]), array([[1], [2]])), /axis j must have the same extent/],
  [() => roll(array([1]), 0.5), /roll: the shift must be a whole number/],
  [() => topK(array([1]), 2), /topK: k must be a whole number from 0 to 1/],
  [() => solve(array([[1, 2]]), array([1])), /solve: the matrix must be square/],
  [() => tile(array([1]), [-1]), /tile: repetitions must be whole numbers/],
  [() => dynamicSlice(array([1]), ints(0, 0), [1]), /dynamicSlice: one start and one size per axis/],
])("bad input %# is refused by name", (call, message) => {
  expect(call).toThrow(message);
});
