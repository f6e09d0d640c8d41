import { RandomArgumentError } from "./errors.ts";

/**
 * Phi^-1(p), the quantile function of the standard normal distribution, for 0 < p < 1.   [eq:normal-quantile]
 *
 *   |q| <= 0.425            z = q A(r) / B(r)                   q = p - 1/2,  r = 0.425^2 - q^2
 *   otherwise, s <= 5       z = sign(q) C(s - 1.6) / D(s - 1.6) s = sqrt(-log min(p, 1 - p))
 *   otherwise               z = sign(q) E(s - 5) / F(s - 5)
 *
 * A to F have degree 7 and were fitted to a relative error of about 1e-16.
 *
 * Errors    RandomArgumentError for any other p
 * Numerics  1 - p is exact when p is a multiple of 2^-53, as all our draws are
 * Source    Wichura, Algorithm AS 241, Applied Statistics 37(3), 1988, doi:10.2307/2347330 (PPND16)
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * centre(0.180625 - q * q);
  if (!(p > 0 && p < 1))
    throw new RandomArgumentError("normalQuantile", "p", p, "a probability, above 0 and below 1");
  const s = Math.sqrt(-log(q < 0 ? p : 1 - p));
  const z = s <= 5 ? tail(s - 1.6) : farTail(s - 5);
  return q < 0 ? -z : z;
}

type Eight = readonly [number, number, number, number, number, number, number, number];

/** The source's coefficients of powers 0 to 7 of A to F, rounded to doubles. @internal */
export const coefficients: Readonly<
  Record<"centre" | "tail" | "farTail", { readonly numerator: Eight; readonly denominator: Eight }>
> = {
  centre: {
    numerator: [
      3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987,
      67265.7709270087, 33430.57558358813, 2509.0809287301227,
    ],
    denominator: [
      1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
      28729.085735721943, 5226.495278852854,
    ],
  },
  tail: {
    numerator: [
      1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
      0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
    ],
    denominator: [
      1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
      0.0005475938084995345, 1.0507500716444169e-9,
    ],
  },
  farTail: {
    numerator: [
      6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
      0.0012426609473880784, 0.000027115555687434876, 2.0103343992922881e-7,
    ],
    denominator: [
      1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133,
      0.000018463183175100548, 1.421511758316446e-7, 2.0442631033899397e-15,
    ],
  },
};

/** A / B */
const centre = ratio(coefficients.centre);

/** C / D */
const tail = ratio(coefficients.tail);

/** E / F */
const farTail = ratio(coefficients.farTail);

function ratio({
  numerator,
  denominator,
}: {
  readonly numerator: Eight;
  readonly denominator: Eight;
}): (x: number) => number {
  const [n0, n1, n2, n3, n4, n5, n6, n7] = numerator;
  const [d0, d1, d2, d3, d4, d5, d6, d7] = denominator;
  return (x) => polynomial(x, n0, n1, n2, n3, n4, n5, n6, n7) / polynomial(x, d0, d1, d2, d3, d4, d5, d6, d7);
}

/** c0 + c1 x + ... + c7 x^7 by Horner's rule. Scalars, not an array: twice as fast. */
function polynomial(
  x: number,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  c4: number,
  c5: number,
  c6: number,
  c7: number,
): number {
  return ((((((c7 * x + c6) * x + c5) * x + c4) * x + c3) * x + c2) * x + c1) * x + c0;
}

/**
 * log x for 0 < x <= 1, from exact halvings and the series of the inverse hyperbolic tangent.
 *
 *   x = 2^-k m,  sqrt(1/2) <= m < sqrt(2)
 *   log x = 2 atanh(t) - k log 2,   t = (m - 1) / (m + 1),   atanh(t) = t + t^3 / 3 + t^5 / 5 + ...
 *
 * Numerics  |t| < 0.1716, so stopping after t^21 / 21 leaves less than 1e-17 of the sum
 */
export function log(x: number): number {
  let m = x;
  let k = 0;
  while (m < Math.SQRT1_2) {
    m *= 2;
    k += 1;
  }
  const t = (m - 1) / (m + 1);
  const t2 = t * t;
  let series = 0;
  for (let n = 21; n >= 1; n -= 2) series = series * t2 + 1 / n;
  return 2 * t * series - k * Math.LN2;
}
