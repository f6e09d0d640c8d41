import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import {
  abs,
  add,
  array,
  compile,
  customFunction,
  div,
  grad,
  hvp,
  jacobian,
  jvp,
  less,
  linearize,
  mul,
  type NdArray,
  reference,
  sin,
  square,
  stack,
  stopGradient,
  sub,
  sum,
  UnsupportedError,
  vmap,
  whileLoop,
} from "../../src/index.ts";
import { distance } from "../backends/support/distance.ts";
import { direction, eighths, values } from "../support/values.ts";
import { asWhile, stepsFrom, type While, whiles, written } from "../support/whiles.ts";

// A loop that ends by itself is as many steps as it takes: same values, same derivatives in forward mode.

type Arrays = readonly NdArray[];
type Of = (c: NdArray, k: NdArray) => Arrays;

const whole = (n: number): NdArray => array(n, undefined, "int32");

const floats = (f: Of): Of => {
  return (c, k) => f(c, k).filter(({ dtype }) => dtype !== "int32");
};

const transforms: Readonly<Record<string, (f: Of, args: Arrays, dxs: Arrays) => Arrays>> = {
  value: (f, [c, k]) => f(c!, k!),
  jvp: (f, args, dxs) => jvp((xs: Arrays) => f(xs[0]!, xs[1]!))([args], [dxs]).flat(),
  "jvp, one argument moving": (f, [c, k], [, dk]) => jvp((y: NdArray) => f(c!, y))([k!], [dk!]).flat(),
  "forward over forward": (f, args, dxs) => {
    const slope = (xs: Arrays): Arrays => jvp((ys: Arrays) => floats(f)(ys[0]!, ys[1]!))([xs], [dxs])[1];
    return jvp(slope)([args], [dxs.map((dx) => sin(dx))])[1];
  },
  linearize: (f, [c, k], dxs) => {
    const [y, pushforward] = linearize((a: NdArray, b: NdArray) => floats(f)(a, b))(c!, k!);
    return [...y, ...pushforward(dxs[0]!, dxs[1]!), ...pushforward(dxs[0]!, mul(2, dxs[1]!))];
  },
  jacobian: (f, [c, k]) => jacobian((a: NdArray) => floats(f)(a, k!), { mode: "forward" })(c!) as Arrays,
  compiled: (f, args, dxs) =>
    compile((xs: Arrays) => jvp((ys: Arrays) => f(ys[0]!, ys[1]!))([xs], [dxs]).flat())(args),
};

const pairs = (shapes: While["shapes"], domain: typeof direction): fc.Arbitrary<NdArray[]> =>
  fc.tuple(...shapes.map((shape) => values(shape, domain)));

function expectSame(got: Arrays, expected: Arrays): void {
  expect(got.map(({ shape, dtype }) => [shape, dtype])).toEqual(
    expected.map(({ shape, dtype }) => [shape, dtype]),
  );
  got.forEach((y, i) => {
    expect(distance(y, expected[i]!)).toBeLessThanOrEqual(1e-12);
  });
}

// [eq:while] [eq:scan-jvp]
describe.each(Object.entries(whiles))("%s", (_name, loop) => {
  it.each(Object.entries(transforms))("%s", (_transform, how) => {
    fc.assert(
      fc.property(pairs(loop.shapes, eighths(-1, 1)), pairs(loop.shapes, direction), (args, dxs) => {
        const steps = stepsFrom(loop, args[0]!, args[1]!);
        expectSame(how(asWhile(loop), args, dxs), how(written(loop, steps), args, dxs));
      }),
      { numRuns: runs(6) },
    );
  });

  it("each row ends in its own time under vmap, of jvp too, compiled or not", () => {
    const rows = fc.array(fc.tuple(pairs(loop.shapes, eighths(-1, 1)), pairs(loop.shapes, direction)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(rows, fc.boolean(), (points, sameK) => {
        const k = points[0]![0][1]!;
        const at = points.map(([[c, own]]) => [c!, sameK ? k : own!] as const);
        const along = points.map(([, dxs]) => dxs);
        const expected = at.map(([c, own], row) => {
          const program = written(loop, stepsFrom(loop, c, own));
          const [dc, dk] = along[row]!;
          return jvp((a: NdArray, b: NdArray) => program(a, b))([c, own], [dc!, dk!]).flat();
        });
        const of = asWhile(loop);
        const many = (c: NdArray, own: NdArray): Arrays =>
          sameK ? vmap((a: NdArray) => of(a, k))(c) : vmap((a: NdArray, b: NdArray) => of(a, b))(c, own);
        const [c, own] = [stack(at.map(([a]) => a)), stack(at.map(([, b]) => b))];
        const values = expected.map((row) => row.slice(0, row.length / 2));
        const columns = (all: readonly Arrays[]): Arrays =>
          all[0]!.map((_, i) => stack(all.map((row) => row[i]!)));
        expectSame(many(c, own), columns(values));
        expectSame(compile(many)(c, own), columns(values));
        if (sameK) return;
        const [dc, dk] = [stack(along.map(([a]) => a!)), stack(along.map(([, b]) => b!))];
        const outside = jvp((a: NdArray, b: NdArray) => many(a, b))([c, own], [dc, dk]).flat();
        expectSame(outside, columns(expected));
        const inside = vmap((a: NdArray, b: NdArray, da: NdArray, db: NdArray) =>
          jvp((x: NdArray, y: NdArray) => of(x, y))([a, b], [da, db]).flat(),
        );
        expectSame(inside(c, own, dc, dk), columns(expected));
      }),
      { numRuns: runs(5) },
    );
  });
});

describe("reverse mode", () => {
  /** √a by Newton's iteration. */
  const root = (a: NdArray): NdArray =>
    whileLoop(
      (y: NdArray) => less(1e-14, abs(sub(div(square(y), a), 1))),
      (y) => mul(0.5, add(y, div(a, y))),
      a,
    );
  const refused =
    /UnsupportedError: whileLoop: reverse mode .* Use scan with a bound on the steps .* customFunction/;

  it.each<readonly [string, () => unknown]>([
    ["grad", () => grad(root)(array(2))],
    ["hvp", () => hvp(root)(array(2), array(1))],
    ["compiled", () => compile(grad(root))(array(2))],
    ["of a vmap", () => grad((a: NdArray) => sum(vmap(root)(a)))(array([2, 3]))],
    ["over forward mode", () => grad((a: NdArray) => jvp(root)([a], [array(1)])[1])(array(2))],
    ["jacobian by rows", () => jacobian(root)(array(2))],
  ])("is refused by name, with ways out: %s", (_what, mistake) => {
    let thrown: unknown;
    try {
      mistake();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UnsupportedError);
    expect(String(thrown)).toMatch(refused);
  });

  it("is no matter where no derivative passes", () => {
    expect(grad((a: NdArray) => mul(a, stopGradient(root(a))))(array(4)).data[0]).toBeCloseTo(2, 12);
    expect(grad((a: NdArray) => mul(a, root(array(9))))(array(4)).data[0]).toBeCloseTo(3, 12);
    // The count depends on a, the number that is used does not.
    const counted = (a: NdArray): NdArray => {
      const [b] = whileLoop(
        ([, m]: Arrays) => less(m!, 3),
        ([c, m]) => [sin(c!), add(m!, whole(1))],
        [array(1), less(a, 1)],
      );
      return mul(a, b!);
    };
    expect(grad(counted)(array(4)).data[0]).toBeCloseTo(Math.sin(Math.sin(Math.sin(1))), 12);
  });

  it("works by a rule of one's own: dy = da / 2y for the root", () => {
    const withRule: (a: NdArray) => NdArray = customFunction({
      name: "root",
      apply: root,
      jvp: ([da], _inputs, y) => div(da!, mul(2, y)),
    });
    for (const f of [
      grad(withRule),
      compile(grad(withRule)),
      compile(grad(withRule), { backend: reference }),
    ]) {
      expect(f(array(2)).data[0]).toBeCloseTo(0.5 / Math.SQRT2, 14);
    }
    expect(hvp(withRule)(array(2), array(1)).data[0]).toBeCloseTo(-(2 ** -1.5) / 4, 13);
  });
});
