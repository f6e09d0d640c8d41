import type { NdArray } from "../array/ndarray.ts";
import { convert } from "../primitives/comparison.ts";
import { type ArrayFunction, type Arrays, cotangentsOf, tangentOf } from "./first-order.ts";
import { LawViolation, requireClose } from "./violation.ts";

/** Half the gap between 1 and the next float32: one rounding. */
const unitRoundoff = 2 ** -24;

/**
 * In float32, value, tangent and cotangents agree with those of float64 up to rounding:
 *
 *   max_i |y32_i − y64_i| ≤ roundings · 2^−24 · (1 + max_i |y64_i|)
 *
 * The point, the tangents and the cotangent must themselves be float32 numbers (such as multiples of 1/8).
 */
export function float32AgreesWithFloat64(
  f: ArrayFunction,
  xs: Arrays,
  dxs: Arrays,
  yBar: NdArray,
  roundings = 64,
): number {
  const single = (x: NdArray): NdArray => convert(x, "float32");
  const [xs32, dxs32] = [xs.map(single), dxs.map(single)];
  const pairs: readonly (readonly [string, Arrays, Arrays])[] = [
    ["the value", [f(...xs32)], [f(...xs)]],
    ["the tangent", [tangentOf(f, xs32, dxs32)], [tangentOf(f, xs, dxs)]],
    ["a cotangent", cotangentsOf(f, xs32, single(yBar)), cotangentsOf(f, xs, yBar)],
  ];
  const discrepancies = pairs.flatMap(([what, got, expected]) =>
    expected.map((want, i) => {
      const have = got[i]!;
      if (have.dtype !== "float32") {
        throw new LawViolation(
          "float32 agrees with float64",
          `${what} of float32 arguments must be float32; it is ${have.dtype}`,
          "Look for a constant of another type.",
        );
      }
      const scale = 1 + Math.max(0, ...Float64Array.from(want.data, Math.abs));
      const scaled = (x: NdArray): Float64Array => Float64Array.from(x.data, (value) => value / scale);
      return requireClose(
        "float32 agrees with float64",
        what,
        scaled(have),
        scaled(want),
        roundings * unitRoundoff,
      );
    }),
  );
  return Math.max(0, ...discrepancies);
}
