import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import {
  add,
  array,
  compile,
  cond,
  dot,
  gather,
  grad,
  hvp,
  IndexError,
  jvp,
  less,
  log,
  mul,
  type NdArray,
  reference,
  reshape,
  sin,
  stack,
  sub,
  sum,
  vjp,
  vmap,
} from "../../src/index.ts";
import { distance } from "../backends/support/distance.ts";
import { alone, byCond, type Choose, type Conditional, conditionals } from "../support/conditionals.ts";
import { direction, eighths, values } from "../support/values.ts";

// A conditional is the function that it chooses: same values, same derivatives of every kind.

type Arrays = readonly NdArray[];
type Of = (x: NdArray, k: NdArray) => Arrays;

/** The floating-point results in one number, curved. */
const scalarOf =
  (f: Of) =>
  ([x, k]: Arrays): NdArray =>
    f(x!, k!)
      .filter(({ dtype }) => dtype !== "int32")
      .map((y) => dot(sin(y), y))
      .reduce((a, b) => add(a, b));

const transforms: Readonly<Record<string, (f: Of, args: Arrays, dxs: Arrays) => Arrays>> = {
  value: (f, [x, k]) => f(x!, k!),
  jvp: (f, args, dxs) => jvp(scalarOf(f))([args], [dxs]),
  "jvp, one argument moving": (f, [x, k], [dx]) => jvp((y: NdArray) => scalarOf(f)([y, k!]))([x!], [dx!]),
  vjp: (f, args) => {
    const [y, pullback] = vjp(scalarOf(f))(args);
    return [y, ...pullback(2)[0]];
  },
  "grad, each argument": (f, args) =>
    args.map((x, i) => grad((y: NdArray) => scalarOf(f)(args.with(i, y)))(x)),
  hvp: (f, args, dxs) => hvp(scalarOf(f))(args, dxs),
  "reverse over reverse": (f, args, dxs) => {
    const slope = (xs: Arrays): NdArray =>
      grad(scalarOf(f))(xs)
        .map((g, i) => sum(mul(g, dxs[i]!)))
        .reduce((a, b) => add(a, b));
    return grad(slope)(args);
  },
  "reverse over forward": (f, args, dxs) =>
    grad((xs: Arrays): NdArray => jvp(scalarOf(f))([xs], [dxs])[1])(args),
  "vmap over what decides": (f, [x, k], [dx]) => vmap((y: NdArray) => f(y, k!))(stack([x!, dx!])),
  "vmap over something else, of the gradient": (f, [x, k], [, dk]) =>
    vmap((y: NdArray) => grad(scalarOf(f))([x!, y]))(stack([k!, dk!])),
  compiled: (f, args, dxs) => compile((xs: Arrays) => hvp(scalarOf(f))(xs, dxs))(args),
};

// [eq:cond] [eq:cond-jvp] [eq:cond-vjp]
describe.each(Object.entries(conditionals))("%s", (_name, { of, shapes }: Conditional) => {
  it.each(Object.entries(transforms))("%s", (_transform, how) => {
    const arrays = (domain: typeof direction): fc.Arbitrary<NdArray[]> =>
      fc.tuple(...shapes.map((shape) => values(shape, domain)));
    fc.assert(
      fc.property(arrays(eighths(-1, 1)), arrays(direction), fc.boolean(), (args, dxs, which) => {
        const run = (choose: Choose): Arrays => how(of(choose, which), args, dxs);
        const [got, expected] = [run(byCond), run(alone)];
        expect(got.map(({ shape, dtype }) => [shape, dtype])).toEqual(
          expected.map(({ shape, dtype }) => [shape, dtype]),
        );
        got.forEach((y, i) => {
          expect(distance(y, expected[i]!)).toBeLessThanOrEqual(1e-12);
        });
      }),
      { numRuns: runs(6) },
    );
  });
});

describe("many at once", () => {
  // Each row its own branch; outside it, either is NaN or has an infinite slope.
  const f = (x: NdArray, k: NdArray): NdArray =>
    cond(
      less(sum(x), 0),
      (y) => mul(k, log(sub(0, sum(y)))),
      (y) => mul(log(sum(y)), k),
      x,
    );
  const rows = array([
    [0.5, 1],
    [-2, 1],
    [0.25, 3],
    [-0.5, -0.25],
  ]);
  const k = array([0.5, -3]);
  const total = (x: NdArray, y: NdArray): NdArray => sum(mul(f(x, y), f(x, y)));
  const each = (g: (x: NdArray) => NdArray): NdArray =>
    stack(Array.from({ length: 4 }, (_, i) => g(array([...rows.data.slice(2 * i, 2 * i + 2)]))));

  it.each<readonly [string, () => NdArray, () => NdArray]>([
    ["values", () => vmap((x: NdArray) => f(x, k))(rows), () => each((x) => f(x, k))],
    [
      "jvp of vmap",
      () => jvp((m: NdArray) => vmap((x: NdArray) => f(x, k))(m))([rows], [sin(rows)])[1],
      () => each((x) => jvp((y: NdArray) => f(y, k))([x], [sin(x)])[1]),
    ],
    [
      "grad of vmap",
      () => grad((m: NdArray) => sum(vmap((x: NdArray) => total(x, k))(m)))(rows),
      () => each((x) => grad((y: NdArray) => total(y, k))(x)),
    ],
    [
      "vmap of hvp",
      () => vmap((x: NdArray) => hvp((y: NdArray) => total(y, k))(x, sin(x)))(rows),
      () => each((x) => hvp((y: NdArray) => total(y, k))(x, sin(x))),
    ],
    [
      "hvp of vmap",
      () => hvp((m: NdArray) => sum(vmap((x: NdArray) => total(x, k))(m)))(rows, sin(rows)),
      () => each((x) => hvp((y: NdArray) => total(y, k))(x, sin(x))),
    ],
    [
      "grad of what is the same for all",
      () => grad((y: NdArray) => sum(vmap((x: NdArray) => total(x, y))(rows)))(k),
      () =>
        sum(
          each((x) => grad((y: NdArray) => total(x, y))(k)),
          0,
        ),
    ],
    [
      "vmap of vmap",
      () => reshape(vmap(vmap((x: NdArray) => f(x, k)))(reshape(rows, [2, 2, 2])), [4, 2]),
      () => each((x) => f(x, k)),
    ],
    [
      "grad of vmap of vmap, over other axes",
      () => {
        const g = (m: NdArray): NdArray =>
          sum(vmap((y: NdArray) => vmap((x: NdArray) => total(x, y))(m))(stack([k, sin(k)])));
        return grad(g)(rows);
      },
      () => each((x) => add(grad((y: NdArray) => total(y, k))(x), grad((y: NdArray) => total(y, sin(k)))(x))),
    ],
  ])("%s", (_what, got, expected) => {
    for (const y of [got(), compile(got)(), compile(got, { backend: reference })()]) {
      expect(distance(y, expected())).toBeLessThanOrEqual(1e-12);
    }
  });
});

describe("what is not chosen is not computed", () => {
  const table = array([1, 2, 3]);
  const outside = array(5, undefined, "int32");
  const f = (x: NdArray): NdArray =>
    cond(
      less(x, 0),
      () => gather(mul(table, mul(x, x)), outside),
      () => mul(x, x),
    );
  it.each<readonly [string, (x: NdArray) => NdArray]>([
    ["eager", f],
    ["on the reference", compile(f, { backend: reference })],
    ["on wasm", compile(f)],
    ["differentiated", (x) => grad(f)(x)],
    ["hvp, on wasm", compile((x: NdArray) => hvp(f)(x, 1))],
    ["under vmap over something else", (x) => sum(vmap((y: NdArray) => mul(y, f(x)))(array([1, 0])))],
  ])("%s", (_how, run) => {
    expect(Number.isFinite(run(array(2)).data[0])).toBe(true);
    expect(() => run(array(-2))).toThrow(IndexError);
  });
});
