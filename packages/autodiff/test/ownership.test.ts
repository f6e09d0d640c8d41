import { describe, expect, it } from "vitest";
import { openGpu } from "../src/backends/gpu/index.ts";
import { wasm } from "../src/backends/wasm/index.ts";
import {
  add,
  array,
  type Backend,
  broadcastTo,
  compile,
  concat,
  cond,
  convert,
  cumprod,
  customFunction,
  DTypeError,
  dynamicSlice,
  expandDims,
  flip,
  full,
  grad,
  hessian,
  hvp,
  iterate,
  jacobian,
  jvp,
  less,
  linearize,
  matrixTranspose,
  min,
  mul,
  type NdArray,
  ones,
  pad,
  prod,
  ravel,
  reference,
  reshape,
  roll,
  ShapeError,
  scan,
  slice,
  stack,
  stopGradient,
  sum,
  TreeError,
  toNested,
  transpose,
  valueAndGrad,
  valueGradAndHvp,
  vjp,
  vmap,
  whileLoop,
  zeros,
} from "../src/index.ts";

// No result shares memory with an argument, a cotangent, a constant or a list of the caller's.

const backends: readonly Backend[] = [reference, wasm, await openGpu({ mode: "cpu" })];
const float32 = (...values: number[]): NdArray => array(values, undefined, "float32");
const x = float32(1, 2);
const v = float32(3, 4);
const c = float32(5, 6);
const same = (y: NdArray): NdArray => y;
const own = customFunction({ name: "own", apply: same, vjp: (bar) => [bar] });
const constant = customFunction({ name: "constant", apply: () => c, vjp: () => [c] });
const first = (y: NdArray): NdArray => reshape(slice(y, [0, 1]), []);

/** Everything that could hand out what it was given. */
const results: Readonly<Record<string, () => unknown>> = {
  ...Object.fromEntries(
    backends.flatMap((backend) => {
      const run = (f: (y: NdArray) => unknown): unknown => compile(f, { backend })(x);
      return [
        [`compile of an identity on ${backend.name}`, () => run(same)],
        [`compile of a constant on ${backend.name}`, () => run(() => c)],
        [
          `compile of a tree on ${backend.name}`,
          () => run((y) => ({ a: y, b: [y, mul(y, 1), add(y, y)], c })),
        ],
        [
          `compile of a gradient that is a constant on ${backend.name}`,
          () => run(grad((y: NdArray) => sum(mul(y, c)))),
        ],
        [
          `iterate no step on ${backend.name}`,
          () => iterate((y: NdArray, _g: NdArray) => y, { backend })(x, c, 0),
        ],
        [
          `iterate an identity on ${backend.name}`,
          () => iterate((y: NdArray, _g: NdArray) => y, { backend })(x, c, 2),
        ],
        [
          `iterate to what is given on ${backend.name}`,
          () => iterate((_y: NdArray, g: NdArray) => g, { backend })(x, c, 2),
        ],
      ];
    }),
  ),
  "a compiled function inlined": () => {
    let inner: unknown;
    grad((w: NdArray) => {
      inner = compile((y: NdArray) => [y, mul(w, sum(y))])(x)[0];
      return w;
    })(array(1, undefined, "float32"));
    return inner;
  },
  jvp: () => jvp((y: NdArray) => [y, y])([x], [v]),
  vjp: () => {
    const [y, pullback] = vjp((a: NdArray, b: NdArray) => add(a, mul(b, 1)))(x, x);
    return [y, pullback(v)];
  },
  "vjp of an identity": () => {
    const [y, pullback] = vjp((a: NdArray) => [a, a])(x);
    return [y, pullback([v, v])];
  },
  "vjp of a pair": () => vjp((a: NdArray, b: NdArray) => [a, b])(x, x)[1]([v, v]),
  linearize: () => {
    const [y, pushforward] = linearize(same)(x);
    return [y, pushforward(v), pushforward(v)];
  },
  valueAndGrad: () => valueAndGrad(same)(first(x)),
  "grad, with aux": () =>
    grad((y: NdArray, z: NdArray) => [sum(mul(y, z)), { y, z, c }] as const, {
      hasAux: true,
      argnums: [0, 1],
    })(x, v),
  "grad of a linear function": () => grad((y: NdArray) => sum(mul(y, c)))(x),
  "grad of a rule that returns a constant": () => grad((y: NdArray) => sum(constant(y)))(x),
  hvp: () => hvp((y: NdArray) => mul(0.5, sum(mul(y, y))))(x, v),
  valueGradAndHvp: () => valueGradAndHvp((y: NdArray) => sum(mul(c, mul(y, y))))(x, v),
  jacobian: () => [jacobian(same)(x), jacobian(same, { mode: "forward" })(x)],
  hessian: () => hessian((y: NdArray) => sum(mul(y, y)))(x),
  vmap: () => vmap((y: NdArray) => [y, c])(x),
  "vmap over another axis": () => vmap(same, { inAxes: -1 })(reshape(x, [1, 2])),
  "a function of the user": () => [own(x), constant(x), vmap((y: NdArray) => own(y))(x)],
  stopGradient: () => stopGradient(x),
  convert: () => convert(x, "float32"),
  reshape: () => [reshape(x, [2]), reshape(x, [-1, 1]), expandDims(x, 0)],
  broadcastTo: () => broadcastTo(x, [2]),
  transpose: () => [transpose(x), transpose(x, [0]), matrixTranspose(reshape(x, [1, 2]))],
  "slice, pad, concat, stack, sum of nothing": () => [
    slice(x),
    pad(x, [[0, 0]]),
    concat([x]),
    stack([x]),
    sum(x, []),
  ],
  ravel: () => {
    const [vector, unravel] = ravel([x]);
    return [vector, unravel(vector)];
  },
  array: () => array(x.data),
  "scan of no step": () => scan((carry: NdArray) => [carry, undefined], x, 0)[0],
  "scan of identities": () => scan((carry: NdArray, row: NdArray) => [carry, row], x, stack([x, v])),
  "a conditional that returns its operands": () =>
    cond(
      1,
      (y, z) => [y, y, z],
      (y, z) => [z, y, y],
      x,
      v,
    ),
  "a conditional that returns what it closes over": () => [
    cond(
      0,
      () => v,
      () => c,
    ),
    cond(
      1,
      () => x,
      () => c,
    ),
  ],
  "a loop of no step, and of identities": () => [
    whileLoop(() => false, same, x),
    whileLoop(
      ([n]: readonly NdArray[]) => less(n!, 2),
      ([n, y]) => [add(n!, array(1, undefined, "int32")), y!, y!],
      [array(0, undefined, "int32"), x, v],
    ),
  ],
  "conditionals and loops under jvp and vjp": () => {
    const f = (y: NdArray): NdArray[] =>
      cond(
        1,
        (z) => [z, z],
        (z) => [z, mul(z, z)],
        y,
      );
    const [y, pullback] = vjp(f)(x);
    const loop = (z: NdArray): NdArray => whileLoop(() => false, same, z);
    return [y, pullback([v, v]), jvp(f)([x], [v]), jvp(loop)([x], [v])];
  },
  ...Object.fromEntries(
    backends.map((backend) => [
      `conditionals and loops on ${backend.name}`,
      () =>
        compile(
          (y: NdArray) => [
            cond(
              less(sum(y), 100),
              (z) => [z, z, c],
              (z) => [c, z, z],
              y,
            ),
            whileLoop((z: NdArray) => less(sum(z), -1), same, y),
          ],
          { backend },
        )(x),
    ]),
  ),
  ...Object.fromEntries(
    backends.map((backend) => [
      `scan of identities on ${backend.name}`,
      () =>
        compile((y: NdArray) => scan((s: NdArray, r: NdArray) => [s, r], y, stack([y, c])), { backend })(x),
    ]),
  ),
};

describe("what is given stays the caller's", () => {
  it.each(Object.entries(results))("%s", (_name, result) => {
    const given = [x, v, c];
    const before = given.map((y) => [...y.data]);
    const leaves = arraysIn(result());
    expect(leaves.length).toBeGreaterThan(0);
    const buffers = leaves.map(({ data }) => data.buffer);
    expect(new Set([...buffers, ...given.map(({ data }) => data.buffer)]).size).toBe(
      buffers.length + given.length,
    );
    for (const { shape } of leaves) for (const other of given) expect(shape).not.toBe(other.shape);
    for (const { data } of leaves) data.fill(Number.NaN);
    expect(given.map((y) => [...y.data])).toEqual(before);
  });

  const [one, number, whole] = [array([3]), array(3), array([3], undefined, "int32")];
  it.each<[string, NdArray, NdArray]>([
    ["a product of one factor", one, prod(one, 0, { keepDims: true })],
    ["a product of no axis", one, prod(one, [], { keepDims: true })],
    ["running products of one factor", one, cumprod(one)],
    ["the smaller of one", whole, min(whole, 0, { keepDims: true })],
    ["roll by 0", one, roll(one, 0)],
    ["flip of no axis", one, flip(one, [])],
    ["the whole of a number", number, dynamicSlice(number, zeros([0], "int32"), [])],
  ])("also by a function that has nothing to do: %s", (_what, given, result) => {
    expect(toNested(result)).toEqual(toNested(given));
    expect(result.data.buffer).not.toBe(given.data.buffer);
  });

  it("lists of the caller's are read, not kept", () => {
    const shape = [2, 3];
    const made = [
      zeros(shape),
      ones(shape),
      full(shape, 2),
      array(new Float64Array(6), shape),
      broadcastTo(1, shape),
    ];
    const [permutation, axes, widths] = [
      [1, 0],
      [0],
      [
        [0, 0],
        [0, 0],
      ] as [number, number][],
    ];
    const f = compile((y: NdArray) => [
      transpose(y, permutation),
      sum(y, axes),
      pad(y, widths),
      reshape(y, shape),
    ]);
    const by: NdArray = { data: new Float64Array(6), shape: [2, 3], dtype: "float64" };
    const plus = add(by, 1);
    const shapesOf = (ys: readonly NdArray[]): unknown => ys.map((y) => y.shape);
    const before = shapesOf(f(made[0]!));
    shape.push(7);
    permutation.reverse();
    axes[0] = 1;
    widths[0] = [9, 9];
    (by.shape as number[]).pop();
    expect(shapesOf([...made, plus])).toEqual(Array(6).fill([2, 3]));
    expect(shapesOf(f(made[0]!))).toEqual(before);
  });

  it.each(backends)("constants of a program on $name are those of its tracing", (backend) => {
    const k = float32(1, 2);
    const f = compile((y: NdArray) => mul(y, k), { backend });
    const other = compile((y: NdArray) => add(y, k), { backend });
    expect(toNested(f(x))).toEqual([1, 4]);
    k.data.fill(100);
    other(x); // takes the memory that programs of one backend share
    expect(toNested(f(x))).toEqual([1, 4]);
  });

  it("a pullback and a pushforward remember the point they were made at", () => {
    const at = array([1, 2]);
    const [, pullback] = vjp((y: NdArray) => mul(y, y))(at);
    const [, pushforward] = linearize((y: NdArray) => mul(y, y))(at);
    at.data.fill(100);
    expect(toNested(pullback(array([1, 1]))[0])).toEqual([2, 4]);
    expect(toNested(pushforward(array([1, 1])))).toEqual([2, 4]);
  });
});

describe("an array that is not what it says is refused", () => {
  const wrong: Readonly<Record<string, NdArray>> = {
    "too few elements": { shape: [4], dtype: "float32", data: new Float32Array(2) },
    "too many elements": { shape: [2], dtype: "float32", data: new Float32Array(4) },
    "elements of another type": { shape: [2], dtype: "float32", data: new Float64Array(2) },
    "parts of a row": { shape: [0.5, 4], dtype: "float32", data: new Float32Array(2) },
    "extents below 0": { shape: [-1, -2], dtype: "float32", data: new Float32Array(2) },
    "a list for data": { shape: [2], dtype: "float32", data: [1, 2] as never },
    "no shape": { shape: undefined as never, dtype: "float32", data: new Float32Array(2) },
    "an unknown type": { shape: [2], dtype: "float16" as never, data: new Float32Array(2) },
  };
  const uses: Readonly<Record<string, (y: NdArray) => unknown>> = {
    "a primitive": (y) => add(y, y),
    "a constant of a trace": (y) => compile((z: NdArray) => mul(z, y))(float32(1)),
    jvp: (y) => jvp(same)([y], [y]),
    vjp: (y) => vjp(same)(y),
    grad: (y) => grad((z: NdArray) => sum(z))(y),
    vmap: (y) => vmap(same)(y),
    linearize: (y) => linearize(same)(y),
    "scan, what is carried": (y) => scan((z: NdArray) => [z, undefined], y, 1),
    "scan, its rows": (y) => scan((z: NdArray, row: NdArray) => [z, row], float32(1), y),
    cond: (y) => cond(1, same, same, y),
    whileLoop: (y) => whileLoop(() => false, same, y),
    ravel: (y) => ravel(y),
    ...Object.fromEntries(
      backends.flatMap((backend) => [
        [`compile on ${backend.name}`, (y: NdArray) => compile((z: NdArray) => add(z, z), { backend })(y)],
        [`an identity on ${backend.name}`, (y: NdArray) => compile(same, { backend })(y)],
        [
          `iterate on ${backend.name}`,
          (y: NdArray) => iterate((z: NdArray, _g: NdArray) => z, { backend })(y, x, 1),
        ],
      ]),
    ),
  };
  it.each(Object.entries(uses))("%s", (_use, use) => {
    for (const [what, y] of Object.entries(wrong)) {
      let error: unknown;
      try {
        use(y);
      } catch (caught) {
        error = caught;
      }
      expect(
        [ShapeError, DTypeError, TreeError].some((type) => error instanceof type),
        `${what}: ${error}`,
      ).toBe(true);
    }
  });
});

function arraysIn(value: unknown): NdArray[] {
  if (typeof value !== "object" || value === null) return [];
  if ("data" in value && "shape" in value) return [value as NdArray];
  return Object.values(value).flatMap(arraysIn);
}

describe("what a program closes over has the values that it had when it was traced", () => {
  const one = array(1, undefined, "int32");
  const inside: Readonly<Record<string, (x: NdArray, k: NdArray) => NdArray>> = {
    "in a program": (y, k) => mul(y, k),
    "in a loop": (y, k) => scan((z: NdArray) => [mul(z, k), undefined], y, 1)[0],
    "in a loop in a loop": (y, k) =>
      scan((z: NdArray) => [scan((w: NdArray) => [mul(w, k), undefined], z, 1)[0], undefined], y, 1)[0],
    "in a branch": (y, k) =>
      cond(
        less(sum(y), 100),
        () => mul(y, k),
        () => y,
      ),
    "in a loop that ends by itself": (y, k) =>
      whileLoop(
        ([n]: readonly NdArray[]) => less(n!, one),
        ([n, z]) => [add(n!, one), mul(z!, k)],
        [array(0, undefined, "int32"), y],
      )[1]!,
  };
  it.each(Object.entries(inside))("%s", (where, f) => {
    for (const backend of backends) {
      const k = float32(2, 3);
      const run = compile((y: NdArray) => f(y, k), { backend });
      const before = [...run(x).data];
      (k.data as Float32Array).fill(100);
      compile((y: NdArray) => add(y, 1), { backend })(x); // takes the memory that programs share
      expect([...run(x).data], backend.name).toEqual(before);
    }
    const k = float32(2, 3);
    const [, pushforward] = linearize((y: NdArray) => f(y, k))(x);
    const reverse = where !== "in a loop that ends by itself";
    const [, pullback] = reverse
      ? vjp((y: NdArray) => f(y, k))(x)
      : [x, (bar: NdArray) => [pushforward(bar)]];
    const before = [...pullback(v)[0]!.data];
    (k.data as Float32Array).fill(100);
    expect([...pullback(v)[0]!.data]).toEqual(before);
    expect([...pushforward(v).data]).toEqual(before);
  });
});
