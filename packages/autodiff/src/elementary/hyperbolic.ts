/**
 * tanh.
 *
 *   |x| < 0.625   tanh x = x + x³ P(x²) / Q(x²)
 *   otherwise     tanh |x| = 1 − 2 / (e^(2|x|) + 1),   the denominator and quotient as sums of two doubles
 *
 * Numerics  at most 1 unit in the last place (test/elementary/accuracy.test.ts); 1 from 22 on
 * Source    P and Q: Moshier, Cephes tanh.c, 1989, to 2^−56
 */
import { expPair } from "./exponential.ts";
import { add, divide, negate } from "./pairs.ts";

const [P0, P1, P2] = [-1.61468768441708447952e3, -9.92877231001918586564e1, -9.64399179425052238628e-1];
const [Q0, Q1, Q2] = [4.84406305325125486048e3, 2.2354883906010044858e3, 1.12811678491632931402e2];
/** P and Q, from the lowest term. */
export const tanhTerms: Readonly<Record<"numerator" | "denominator", readonly number[]>> = {
  numerator: [P0, P1, P2],
  denominator: [Q0, Q1, Q2, 1],
};

export function tanh(x: number): number {
  const a = Math.abs(x);
  if (a < 2 ** -28) return x; // keeps −0 and what is subnormal
  if (a < 0.625) {
    const z = x * x;
    return x + (x * z * ((P2 * z + P1) * z + P0)) / (((z + Q2) * z + Q1) * z + Q0);
  }
  if (a > 22) return x > 0 ? 1 : -1;
  if (Number.isNaN(x)) return x;
  const denominator = add(expPair(2 * a), { high: 1, low: 0 });
  const quotient = divide({ high: 2, low: 0 }, denominator);
  const magnitude = add({ high: 1, low: 0 }, negate(quotient)).high;
  return x < 0 ? -magnitude : magnitude;
}
