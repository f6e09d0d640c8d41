/**
 * log and log1p.
 *
 *   x = 2^k (1 + f),  √½ ≤ 1 + f < √2,  s = f / (2 + f)
 *   ln(1 + f) = f − (f²/2 − s (f²/2 + R)),   R(s²) = 2 artanh(s)/s − 2
 *   ln x = k ln 2 + ln(1 + f)
 *   ln(1 + x) = ln u + (1 + x − u) / u,   u = 1 + x as rounded
 *
 * Numerics  at most 1 unit in the last place (test/elementary/accuracy.test.ts); the operations, and so the bits, of the
 *           wasm backend's in float64
 * Source    R: FDLIBM e_log.c and s_log1p.c, Sun Microsystems 1993 (by Remez' algorithm), to 2^−58
 */
import { splitExponent } from "./binary.ts";
import { ln2 } from "./pairs.ts";

const [R1, R2, R3] = [6.66666666666673513e-1, 3.999999999940941908e-1, 2.857142874366239149e-1];
const [R4, R5, R6] = [2.222219843214978396e-1, 1.818357216161805012e-1, 1.531383769920937332e-1];
const R7 = 1.479819860511658591e-1;
/** R = s² (the odd terms in s⁴) + s⁴ (the even ones), each from the lowest. */
export const logTerms: Readonly<Record<"odd" | "even", readonly number[]>> = {
  odd: [R1, R3, R5, R7],
  even: [R2, R4, R6],
};

/** ln(2^k (1 + f)) + correction */
function logOfParts(k: number, f: number, correction: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const R = w * ((R6 * w + R4) * w + R2) + z * (((R7 * w + R5) * w + R3) * w + R1);
  const halfSquare = 0.5 * (f * f);
  return k * ln2.high - (halfSquare - (s * (halfSquare + R) + (k * ln2.low + correction)) - f);
}

/** ln x; −∞ at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return atEdge(x);
  const { k, m } = splitExponent(x);
  return logOfParts(k, m - 1, 0);
}

/** ln(1 + x), without the loss of it near x = 0, where it is x; −∞ at −1, NaN below. */
export function log1p(x: number): number {
  if (Math.abs(x) < 2 ** -54) return x; // keeps −0 and what is subnormal
  const u = 1 + x;
  if (!(u > 0 && u < Number.POSITIVE_INFINITY)) return atEdge(u);
  const { k, m } = splitExponent(u);
  if (k === 0) return logOfParts(0, x, 0);
  const lost = x >= 1 ? 1 - (u - x) : x - (u - 1);
  return logOfParts(k, m - 1, lost / u);
}

/** ln x of what is not positive and finite. */
function atEdge(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  return x > 0 ? x : Number.NaN;
}
