/**
 * sin and cos.
 *
 *   n = round(|x| 2/π),   |x| − n π/2 = y + e,   |y| ≤ π/4,   e below the last place of y
 *   sin |x| = ±sin(y + e) or ±cos(y + e), by n mod 4;   cos |x| likewise with n + 1
 *
 *   sin(y + e) = y − ((z (e/2 − y³ S(z)) − e) − y³ S_0),                  z = y²
 *   cos(y + e) = w + ((1 − w − z/2) + (z² C(z) − y e)),   w = 1 − z/2
 *
 * Numerics  at most 1 unit in the last place of every finite x (test/elementary/accuracy.test.ts); the operations, and so
 *           the bits, of the wasm backend's in float64. Up to 2^20 π/2 the parts of π/2 but the last have 33 bits, so that n
 *           times a part is exact; beyond, the bits of 2/π that matter are multiplied (trigonometric-large.ts)
 * Source    FDLIBM k_sin.c, k_cos.c, e_rem_pio2.c, Sun Microsystems 1993 (S, C by Remez' algorithm; the parts of π/2)
 */
import { nearest } from "./binary.ts";
import { reduceLarge } from "./trigonometric-large.ts";

const [half0, half1] = [1.57079632673412561417, 6.0771005063039659766e-11];
const [half2, half3] = [2.0222662487111664558e-21, 8.47842766036889956997e-32];
/** π/2 */
export const halfPiParts: readonly number[] = [half0, half1, half2, half3];

const [S0, S1, S2] = [-1.66666666666666324348e-1, 8.33333333332248946124e-3, -1.98412698298579493134e-4];
const [S3, S4] = [2.75573137070700676789e-6, -2.50507602534068634195e-8];
const S5 = 1.58969099521155010221e-10;
/** S_0, then S from the lowest term. */
export const sinTerms: readonly number[] = [S0, S1, S2, S3, S4, S5];

const [C0, C1, C2] = [4.16666666666666019037e-2, -1.38888888888741095749e-3, 2.48015872894767294178e-5];
const [C3, C4] = [-2.75573143513906633035e-7, 2.0875723212981748279e-9];
const C5 = -1.13596475577881948265e-11;
/** C, from the lowest term. */
export const cosTerms: readonly number[] = [C0, C1, C2, C3, C4, C5];

/** Up to here the parts of π/2 suffice. */
export const largestForParts: number = 2 ** 20 * 1.5;

/** sin x; sin −0 = −0, NaN at ±∞. */
export function sin(x: number): number {
  if (x === 0) return x;
  const value = turned(Math.abs(x), 0);
  return x < 0 ? -value : value;
}

/** cos x; NaN at ±∞. */
export function cos(x: number): number {
  return turned(Math.abs(x), 1);
}

/** sin(a + quarters π/2), for a ≥ 0. */
function turned(a: number, quarters: 0 | 1): number {
  if (a > largestForParts) {
    const { y, e, quadrant } = reduceLarge(a);
    return inQuadrant(y, e, quadrant + quarters);
  }
  const n = nearest(a * (2 / Math.PI));
  const first = a - n * half0;
  const second = first - n * half1;
  const third = second - n * half2;
  const low = first - second - n * half1 + (second - third - n * half2) - n * half3;
  const y = third + low;
  return inQuadrant(y, third - y + low, n + quarters);
}

/** sin(y + e + n π/2) */
function inQuadrant(y: number, e: number, n: number): number {
  const value = n & 1 ? cosKernel(y, e) : sinKernel(y, e);
  return n & 2 ? -value : value;
}

function sinKernel(y: number, e: number): number {
  const z = y * y;
  const cube = z * y;
  const inner = 0.5 * e - cube * ((((S5 * z + S4) * z + S3) * z + S2) * z + S1);
  return y - (z * inner - e - cube * S0);
}

function cosKernel(y: number, e: number): number {
  const z = y * y;
  const halfZ = 0.5 * z;
  const w = 1 - halfZ;
  const tail = z * z * (((((C5 * z + C4) * z + C3) * z + C2) * z + C1) * z + C0) - y * e;
  return w + (1 - w - halfZ + tail);
}
