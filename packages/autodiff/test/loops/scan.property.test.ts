import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import {
  add,
  dot,
  grad,
  hvp,
  jvp,
  linearize,
  mul,
  type NdArray,
  type ScanOptions,
  sin,
  stack,
  sum,
  vjp,
  vmap,
} from "../../src/index.ts";
import { distance } from "../backends/support/distance.ts";
import { asScan, asVector, type Loop, type Looping, loops, unrolled } from "../support/loops.ts";
import { direction, eighths, values } from "../support/values.ts";

// A scan is the program that its unrolled steps are: same values, same derivatives of every kind.

type Transform = (f: Looping, args: NdArray[], directions: NdArray[]) => readonly NdArray[];

const scalarOf =
  (f: Looping) =>
  (args: readonly NdArray[]): NdArray => {
    const y = asVector(f)(...args);
    return dot(sin(y), y);
  };

const transforms: Readonly<Record<string, Transform>> = {
  value: (f, [c, xs, k]) => f(c!, xs!, k!),
  jvp: (f, args, dxs) => jvp((...xs: NdArray[]) => asVector(f)(...xs))(args, dxs),
  "jvp, one argument moving": (f, [c, ...rest], [dc]) =>
    jvp((x: NdArray) => asVector(f)(x, ...rest))([c!], [dc!]),
  vjp: (f, args) => {
    const [y, pullback] = vjp((...xs: NdArray[]) => asVector(f)(...xs))(...args);
    return [y, ...pullback(sin(y))];
  },
  "vjp, each argument": (f, args) =>
    args.map((x, i) => grad((y: NdArray) => scalarOf(f)(args.with(i, y)))(x)),
  linearize: (f, args, [dc, dxs, dk]) => {
    const [y, pushforward] = linearize((c: NdArray, xs: NdArray, k: NdArray) => asVector(f)(c, xs, k))(
      args[0]!,
      args[1]!,
      args[2]!,
    );
    return [y, pushforward(dc!, dxs!, dk!), pushforward(sin(dc!), dxs!, dk!)];
  },
  hvp: (f, args, dxs) => hvp(scalarOf(f))(args, dxs) as readonly NdArray[],
  vmap: (f, [c, xs, k], [dc, dxs]) => {
    const both = (x: NdArray, dx: NdArray): NdArray => stack([x, dx]);
    return vmap((a: NdArray, b: NdArray) => f(a, b, k!))(both(c!, dc!), both(xs!, dxs!));
  },
  "vmap over what the carry starts from": (f, [c, xs, k], [dc]) =>
    vmap((a: NdArray) => f(a, xs!, k!))(stack([c!, dc!])),
  "vmap over what is fixed, of the gradient": (f, [c, xs, k], [, , dk]) =>
    vmap((a: NdArray) => grad(scalarOf(f))([c!, xs!, a]))(stack([k!, dk!])) as readonly NdArray[],
  "reverse over reverse": (f, args, dxs) => {
    const slope = (xs: readonly NdArray[]): NdArray => {
      const gradient = grad(scalarOf(f))(xs) as readonly NdArray[];
      return gradient.map((g, i) => sum(mul(g, dxs[i]!))).reduce((a, b) => add(a, b));
    };
    return grad(slope)(args) as readonly NdArray[];
  },
  "reverse over forward": (f, args, dxs) => {
    const slope = (xs: readonly NdArray[]): NdArray => jvp(scalarOf(f))([xs], [dxs])[1];
    return grad(slope)(args) as readonly NdArray[];
  },
};

const options: fc.Arbitrary<ScanOptions> = fc.record(
  { reverse: fc.boolean(), checkpoint: fc.constantFrom(1, 2, 3, "sqrt" as const) },
  { requiredKeys: [] },
);

function argumentsOf({ shapes: [c, x, k] }: Loop, length: number): fc.Arbitrary<NdArray[][]> {
  const domain = eighths(-1, 1);
  const shapes = [c, [length, ...x], k];
  return fc.tuple(
    fc.tuple(...shapes.map((shape) => values(shape, domain))),
    fc.tuple(...shapes.map((shape) => values(shape, direction))),
  );
}

// [eq:scan] [eq:scan-jvp] [eq:scan-vjp] [eq:checkpoints]
describe.each(Object.entries(loops))("%s", (_name, loop) => {
  it.each(Object.entries(transforms))("%s", (_transform, of) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }).chain((length) => argumentsOf(loop, length)),
        options,
        ([args, directions], how) => {
          const got = of(asScan(loop, how), args!, directions!);
          const expected = of(unrolled(loop, how), args!, directions!);
          expect(got.map(({ shape, dtype }) => [shape, dtype])).toEqual(
            expected.map(({ shape, dtype }) => [shape, dtype]),
          );
          got.forEach((y, i) => {
            expect(distance(y, expected[i]!)).toBeLessThanOrEqual(1e-12);
          });
        },
      ),
      { numRuns: runs(6) },
    );
  });
});
