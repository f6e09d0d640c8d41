import fc from "fast-check";
import { type Shape, sizeOf } from "../../src/array/shape.ts";
import { array, type NdArray } from "../../src/index.ts";

// Counterexamples should be readable: every number drawn is a small multiple of 1/8 or 1/16.

/** Numbers an input may take, so that the function and its differences stay inside its domain. */
export type Domain = fc.Arbitrary<number>;

export function eighths(from: number, to: number): Domain {
  return fc.integer({ min: Math.ceil(from * 8), max: Math.floor(to * 8) }).map((k) => k / 8);
}

export const anything: Domain = eighths(-2, 2);
export const positive: Domain = eighths(1 / 4, 2);
export const nonzero: Domain = fc.oneof(positive, eighths(-2, -1 / 4));
/** Never equal to a multiple of 1/8, and 1/16 away from each. */
export const betweenEighths: Domain = fc.integer({ min: -16, max: 15 }).map((k) => (2 * k + 1) / 16);
/** Tangents and cotangents. */
export const direction: Domain = eighths(-1, 1);

/** An array of the given shape. */
export function values(shape: Shape, domain: Domain): fc.Arbitrary<NdArray> {
  const size = sizeOf(shape);
  return fc
    .array(domain, { minLength: size, maxLength: size })
    .map((flat) => array(Float64Array.from(flat), shape));
}

/** Arrays of the shapes of others. */
export function valuesLike(xs: readonly NdArray[], domain: Domain): fc.Arbitrary<NdArray[]> {
  return fc.tuple(...xs.map(({ shape }) => values(shape, domain)));
}

/** Ranks 0 to 4, extents 1 to 3, and about one shape in eight with an axis of extent 0. */
export function shapes({
  minRank = 0,
  maxRank = 4,
  empty = true,
}: {
  minRank?: number;
  maxRank?: number;
  /** Whether extents of 0 may occur. */
  empty?: boolean;
} = {}): fc.Arbitrary<number[]> {
  const filled = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: minRank, maxLength: maxRank });
  const withZero = fc
    .tuple(filled, fc.nat(3))
    .map(([shape, at]) => shape.map((extent, axis) => (axis === at ? 0 : extent)));
  if (!empty) return filled;
  return fc.oneof({ weight: 6, arbitrary: filled }, { weight: 1, arbitrary: withZero });
}

/** A shape that broadcasts to the target: leading axes dropped, some extents 1. */
export function broadcastable(target: Shape): fc.Arbitrary<number[]> {
  return fc
    .tuple(
      fc.nat(target.length),
      fc.array(fc.boolean(), { minLength: target.length, maxLength: target.length }),
    )
    .map(([dropped, squeezed]) => target.map((extent, axis) => (squeezed[axis] ? 1 : extent)).slice(dropped));
}

/** Shapes of several arguments that broadcast together to a common shape (the first has it in full). */
export function shapesTogether(count: number): fc.Arbitrary<number[][]> {
  return shapes().chain((target) =>
    fc
      .tuple(
        fc.tuple(
          ...Array.from({ length: count - 1 }, () =>
            fc.oneof(fc.constant<number[]>([...target]), broadcastable(target)),
          ),
        ),
        fc.nat(count - 1),
      )
      .map(([others, place]) => [...others.slice(0, place), [...target], ...others.slice(place)]),
  );
}

export function axisOf(shape: Shape): fc.Arbitrary<number> {
  return fc.integer({ min: -shape.length, max: shape.length - 1 });
}

/** Some axes of a shape, or undefined for all. */
export function axesOf(shape: Shape): fc.Arbitrary<number[] | undefined> {
  return fc.option(fc.subarray(shape.map((_, axis) => axis)), { nil: undefined, freq: 4 });
}
