import { arange, array } from "../array/creation.ts";
import type { ArrayType, FloatDType, NdArray } from "../array/ndarray.ts";
import { checkShape, type Shape, sizeOf } from "../array/shape.ts";
import { DomainError, describe } from "../errors.ts";
import { add, div, mul, neg, sub } from "../primitives/arithmetic.ts";
import { bitXor, shiftRight } from "../primitives/bits.ts";
import { asArray, reshape } from "../primitives/broadcasting.ts";
import { convert, less, lessEqual, select } from "../primitives/comparison.ts";
import { stack } from "../primitives/joining.ts";
import { abs } from "../primitives/piecewise.ts";
import { type Primitive, sameSettings } from "../primitives/primitive.ts";
import { sqrt } from "../primitives/transcendental.ts";
import { assertNatural } from "../random/errors.ts";
import { assertKey, type Key, key as keyOf, use } from "../random/key.ts";
import { coefficients } from "../random/normal-quantile.ts";
import { bind } from "../trace/bind.ts";
import { part } from "./along-axis.ts";
import { philoxBlocks, requireKey } from "./random-words.ts";

type Draw = { readonly shape: Shape; readonly dtype: FloatDType };

/** A key for use in programs, an array of two words: from a seed, or from a Key of @sgmrl/autodiff/random. */
export function randomKey(seed: number | Key): NdArray {
  if (typeof seed === "number") assertNatural("randomKey", "seed", seed);
  else assertKey("randomKey", seed);
  const { k0, k1 } = typeof seed === "number" ? keyOf(seed) : seed;
  return array([k0, k1], [2], "int32");
}

function drawing(name: string, expand: (key: NdArray, draw: Draw) => NdArray): Primitive<Draw> {
  return {
    name,
    elementwise: false,
    batching: sameSettings, // one key per example
    outputType: ([key], { shape, dtype }): ArrayType => {
      requireKey(name, key!);
      checkShape(name, shape);
      return { shape: [...key!.shape.slice(0, -1), ...shape], dtype };
    },
    jvp: () => null,
    vjp: () => [null],
    expand: ([key], draw) => expand(key!, draw),
  };
}

/**
 * u_i = 2^−53 (2^26 ⌊w/2^5⌋ + ⌊w′/2^6⌋),   w, w′ = words 2i, 2i + 1 of the key's stream                         [eq:uniform]
 *
 * Numerics  rounded in float32, except that a result of 1 becomes the largest number below 1
 */
const randomUniformPrimitive: Primitive<Draw> = drawing("randomUniform", (key, draw) => {
  const { high, low } = pairsOfWords(key, draw);
  const [a, b] = [convert(shiftRight(high, 5), draw.dtype), convert(shiftRight(low, 6), draw.dtype)];
  const u = mul(add(mul(a, 2 ** 26), b), 2 ** -53);
  return select(less(u, 1), u, 1 - 2 ** -24);
});

/**
 * z_i = Φ⁻¹(u_i),   u_i = 2^−52 (j_i + 1/2),   j_i = 2^26 ⌊w/2^6⌋ + ⌊w′/2^6⌋                                      [eq:normal]
 *
 * Numerics  in float64 the operations of random/normal.ts, whose rounding IEEE 754 fixes: the same bits on
 *           every machine. The words give the smaller of p and 1 − p (above 1/2 the bits of j are flipped),
 *           so float32 has both tails
 * Source    see random/normal-quantile.ts
 */
const randomNormalPrimitive: Primitive<Draw> = drawing("randomNormal", (key, draw) => {
  const { high, low } = pairsOfWords(key, draw);
  const isBelow = lessEqual(0, high); // the top bit tells the side of 1/2
  const flip = sub(isBelow, 1); // all ones where it is not
  const [a, b] = [high, low].map((word) => convert(shiftRight(bitXor(word, flip), 6), draw.dtype)) as [
    NdArray,
    NdArray,
  ]; // two
  const p = mul(add(add(mul(a, 2 ** 26), b), 0.5), 2 ** -52); // ≤ 1/2
  const q = sub(p, 0.5);
  const z = select(
    lessEqual(abs(q), 0.425),
    mul(q, ratio("centre", sub(0.180625, mul(q, q)))),
    neg(tailOf(p)),
  );
  return select(isBelow, z, neg(z));
});

/** −Φ⁻¹(p) for a p below 0.075. */
function tailOf(p: NdArray): NdArray {
  const s = sqrt(neg(logOfFraction(p)));
  return select(lessEqual(s, 5), ratio("tail", sub(s, 1.6)), ratio("farTail", sub(s, 5)));
}

function ratio(name: keyof typeof coefficients, x: NdArray): NdArray {
  const { numerator, denominator } = coefficients[name];
  return div(polynomial(x, numerator), polynomial(x, denominator));
}

/** c_0 + c_1 x + … by Horner's rule, from the highest power. */
function polynomial(x: NdArray, c: readonly number[]): NdArray {
  const [highest, ...others] = c.toReversed();
  return others.reduce<NdArray | number>((sum, next) => add(mul(sum, x), next), highest!) as NdArray; // of x
}

/** ln p for 2^−63 < p ≤ 1, by the operations of random/normal-quantile.ts: p = 2^−k m, √½ ≤ m < √2. */
function logOfFraction(p: NdArray): NdArray {
  let [m, k]: (NdArray | number)[] = [p, 0];
  for (const by of [32, 16, 8, 4, 2, 1]) {
    const isSmall = less(mul(m!, 2 ** (by - 1)), Math.SQRT1_2);
    m = select(isSmall, mul(m!, 2 ** by), m!);
    k = add(k!, mul(convert(isSmall, p.dtype), by));
  }
  const t = div(sub(m!, 1), add(m!, 1));
  const t2 = mul(t, t);
  let series: NdArray | number = 0;
  for (let n = 21; n >= 1; n -= 2) series = add(mul(series, t2), 1 / n);
  return sub(mul(mul(2, t), series), mul(k!, Math.LN2));
}

/** Words 2i and 2i + 1 of the key's stream for every element i of the shape. */
function pairsOfWords(key: NdArray, { shape }: Draw): { readonly high: NdArray; readonly low: NdArray } {
  const size = sizeOf(shape);
  const words = philoxBlocks(key, arange(Math.ceil(size / 2), "int32"), 0, use.draw);
  const batch = key.shape.slice(0, -1);
  const interleaved = (first: NdArray, second: NdArray): NdArray => {
    const all = reshape(stack([first, second], -1), [...batch, 2 * Math.ceil(size / 2)]);
    return reshape(part(all, batch.length, 0, size), [...batch, ...shape]);
  };
  return { high: interleaved(words[0], words[2]), low: interleaved(words[1], words[3]) };
}

/**
 * Independent draws from the uniform distribution on [0, 1) in a program: for the same key, the numbers of
 * `uniform` of @sgmrl/autodiff/random, bit for bit in float64 and rounded in float32. A key gives the same
 * numbers wherever it is used; derive different keys with foldIn or splitKey. No derivative; under vmap every
 * key has its own draws.
 *
 * Shapes  key: [...b, 2], int32 → [...b, ...shape]
 * Errors  UnsupportedError on a graphics card, where float32 cannot hold 32-bit words
 */
export function randomUniform(key: NdArray, shape: Shape = [], dtype: FloatDType = "float64"): NdArray {
  return draw(randomUniformPrimitive, key, shape, dtype);
}

/**
 * The same from the standard normal distribution: the numbers of `normal`.
 *
 * Errors  as `randomUniform`
 */
export function randomNormal(key: NdArray, shape: Shape = [], dtype: FloatDType = "float64"): NdArray {
  return draw(randomNormalPrimitive, key, shape, dtype);
}

function draw(primitive: Primitive<Draw>, key: NdArray, shape: Shape, dtype: FloatDType): NdArray {
  if (dtype !== "float64" && dtype !== "float32") {
    throw new DomainError(
      primitive.name,
      `the element type must be "float64" or "float32"; got ${describe(dtype)}`,
      "Correct it.",
    );
  }
  requireKey(primitive.name, asArray(key, primitive.name, "key"));
  checkShape(primitive.name, shape);
  return bind(primitive, [key], { shape: [...shape], dtype });
}
