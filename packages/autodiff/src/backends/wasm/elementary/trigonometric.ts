/**
 * sin and cos in float64.
 *
 *   n = round(x * 2/pi),  x - n pi/2 = y0 + y1,  |y0| <= pi/4
 *   sin x = +-sin(y0 + y1) or +-cos(y0 + y1), by n mod 4
 *
 *   sin(y0 + y1) = y0 - ((z (y1/2 - y0^3 S(z)) - y1) - y0^3 S_1),         z = y0^2
 *   cos(y0 + y1) = w + ((1 - w) - z/2 + (z^2 C(z) - y0 y1)),  w = 1 - z/2
 *
 * Numerics  < 1 ulp for every finite x. Up to 2^20 pi/2 the reduction subtracts pi/2 in four parts (three of 33 bits,
 *           so that n times a part is exact); beyond, trigonometric-large.ts multiplies by 1100 bits of 2/pi
 * Source    FDLIBM k_sin.c, k_cos.c, e_rem_pio2.c, Sun Microsystems 1993 (coefficients and parts of pi/2)
 */

import { cosTerms, halfPiParts, largestForParts, sinTerms } from "../../../elementary/trigonometric.ts";
import { anyTrue, type V } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/function.ts";
import { and, type Lanes, polynomial, roundToInteger, select, signOf, xor } from "./lanes.ts";
import { reduceLargeArgument } from "./trigonometric-large.ts";

interface Reduced {
  readonly y0: V;
  readonly y1: V;
  /** n mod 2^51 in the low bits. */
  readonly quadrant: V;
}

/** x - n pi/2 as y0 + y1, for |x| <= largestForParts. */
function reduceByParts(L: Lanes, x: V): Reduced {
  const { n, shifted } = roundToInteger(L, L.mul(x, L.constant(2 / Math.PI)));
  const part = (i: 0 | 1 | 2 | 3): V => L.mul(n, L.constant(halfPiParts[i]!));
  const first = L.sub(x, part(0));
  const second = L.sub(first, part(1));
  const secondLost = L.sub(L.sub(first, second), part(1));
  const third = L.sub(second, part(2));
  const thirdLost = L.sub(L.sub(second, third), part(2));
  const low = L.sub(L.add(secondLost, thirdLost), part(3));
  const y0 = L.add(third, low);
  return { y0, y1: L.add(L.sub(third, y0), low), quadrant: shifted };
}

function reduce(fn: FunctionBuilder, L: Lanes, x: V): Reduced {
  const parts = reduceByParts(L, x);
  const [y0, y1, quadrant] = [fn.local("v128"), fn.local("v128"), fn.local("v128")];
  fn.set(y0, parts.y0);
  fn.set(y1, parts.y1);
  fn.set(quadrant, parts.quadrant);
  const isLarge = fn.let(L.gt(L.abs(x), L.constant(largestForParts)));
  fn.if(anyTrue(isLarge), () => {
    const large = reduceLargeArgument(fn, x);
    fn.set(y0, select(isLarge, large.y0, y0));
    fn.set(y1, select(isLarge, large.y1, y1));
    fn.set(quadrant, select(isLarge, large.quadrant, quadrant));
  });
  return { y0, y1, quadrant };
}

function sinKernel(L: Lanes, y0: V, y1: V): V {
  const z = L.mul(y0, y0);
  const cube = L.mul(z, y0);
  const inner = L.sub(L.mul(L.constant(0.5), y1), L.mul(cube, polynomial(L, z, sinTerms.slice(1))));
  return L.sub(y0, L.sub(L.sub(L.mul(z, inner), y1), L.mul(cube, L.constant(sinTerms[0]!))));
}

function cosKernel(L: Lanes, y0: V, y1: V): V {
  const z = L.mul(y0, y0);
  const halfZ = L.mul(L.constant(0.5), z);
  const w = L.sub(L.constant(1), halfZ);
  const tail = L.sub(L.mul(L.mul(z, z), polynomial(L, z, cosTerms)), L.mul(y0, y1));
  return L.add(w, L.add(L.sub(L.sub(L.constant(1), w), halfZ), tail));
}

/** Bit 0 of the quadrant exchanges sin and cos; bit 1 changes the sign. */
function byQuadrant(L: Lanes, quadrant: V, even: V, odd: V): V {
  const one = L.constantBits(1n);
  const isOdd = L.subBits(L.constantBits(0n), and(quadrant, one));
  const sign = L.shiftLeft(and(quadrant, L.constantBits(2n)), 62);
  return xor(select(isOdd, odd, even), sign);
}

/** sin x; sin(-0) = -0, sin of an infinity is NaN. */
export function sin(fn: FunctionBuilder, L: Lanes, x: V): V {
  const { y0, y1, quadrant } = reduce(fn, L, L.abs(x));
  const value = byQuadrant(L, quadrant, sinKernel(L, y0, y1), cosKernel(L, y0, y1));
  return xor(value, signOf(L, x));
}

/** cos x = sin(|x| + pi/2): one quadrant further. */
export function cos(fn: FunctionBuilder, L: Lanes, x: V): V {
  const { y0, y1, quadrant } = reduce(fn, L, L.abs(x));
  const next = L.addBits(quadrant, L.constantBits(1n));
  return byQuadrant(L, next, sinKernel(L, y0, y1), cosKernel(L, y0, y1));
}

/** sin x and cos x, reduced and evaluated once: the same bits as each alone. */
export function sinCos(fn: FunctionBuilder, L: Lanes, x: V): { readonly sin: V; readonly cos: V } {
  const { y0, y1, quadrant } = reduce(fn, L, L.abs(x));
  const sine = fn.let(sinKernel(L, y0, y1));
  const cosine = fn.let(cosKernel(L, y0, y1));
  const next = L.addBits(quadrant, L.constantBits(1n));
  return {
    sin: xor(byQuadrant(L, quadrant, sine, cosine), signOf(L, x)),
    cos: byQuadrant(L, next, sine, cosine),
  };
}
