/**
 * Reduction of huge arguments modulo pi/2, lane by lane, in 64-bit integers (Payne and Hanek's method).
 *
 *   |x| = m 2^e,  m an integer of 53 bits;   2/pi = sum_i b_i 2^-i
 *   x (2/pi) mod 4 = (m W mod 2^192) 2^-190,   W = the 192 bits b_i from i = e - 1 on
 *
 * since bits before that contribute multiples of 4. The two top bits of the product are the quadrant, the others a
 * fraction g in [-1/2, 1/2), and y0 + y1 = g pi/2.
 *
 * Numerics  no double comes nearer to a multiple of pi/2 than about 2^-61, so 190 bits leave more than 120 good ones
 * Source    Payne & Hanek, ACM SIGNUM Newsletter 18(1), 1983, doi:10.1145/1057600.1057602
 */

import { halfPi, twoOverPi } from "../../../elementary/trigonometric-large.ts";
import {
  convert,
  type Expr,
  extract,
  i32,
  i64,
  integer,
  long,
  longCompare,
  selectScalar,
  shuffle,
  splat,
  type V,
} from "../assembler/expression.ts";
import { FunctionBuilder } from "../assembler/function.ts";
import { type DoubleDouble, multiply } from "./double-double.ts";
import { float64Lanes as L } from "./lanes.ts";

type Word = Expr<"i64">;

/** Zero bits before b_1, so that the window may start before the binary point. */
const leadingZeros = 64;
const tableWords = 22;

/** (i32 j) -> the j-th 64-bit word of leadingZeros zeros followed by the bits of 2/pi. */
const tableWord: FunctionBuilder = makeTableWord();

function makeTableWord(): FunctionBuilder {
  const fn = new FunctionBuilder("twoOverPiWord", ["i32"], "i64");
  const index = fn.parameter(0, "i32");
  const totalBits = tableWords * 64;
  const bits = twoOverPi(totalBits - leadingZeros);
  let value: Word = i64(0n);
  for (let j = 0; j < tableWords; j++) {
    const word = (bits >> BigInt(totalBits - 64 * (j + 1))) & 0xffffffffffffffffn;
    value = selectScalar(integer("eq", index, i32(j)), i64(word), value);
  }
  fn.return(value);
  return fn;
}

/** The high word of the 128-bit product of a 53-bit and a 64-bit integer, by halves of 32 bits. */
function highProduct(a: Word, b: Word): Word {
  const low = (x: Word): Word => long("and", x, i64(0xffffffffn));
  const high = (x: Word): Word => long("shr_u", x, i64(32n));
  const lowLow = long("mul", low(a), low(b));
  const middle = long("add", long("mul", high(a), low(b)), high(lowLow)); // no overflow: high(a) < 2^21
  const cross = long("add", long("mul", low(a), high(b)), low(middle));
  return long("add", long("add", long("mul", high(a), high(b)), high(middle)), high(cross));
}

/**
 * The reduction of one positive finite lane. Depending on `returns`: (y0, y1), or the quadrant in both lanes'
 * bits.
 */
function makeReduction(returns: "remainder" | "quadrant"): FunctionBuilder {
  const fn = new FunctionBuilder(`reduceLarge_${returns}`, ["f64"], "v128");
  const bits = fn.let(convert("i64.reinterpret_f64", fn.parameter(0, "f64")));
  const m = fn.let(long("or", long("and", bits, i64(0xfffffffffffffn)), i64(1n << 52n)));
  // e = biased exponent - 1075; the window starts at table bit leadingZeros + (e - 1) - 1.
  const biased = convert("i32.wrap_i64", long("shr_u", bits, i64(52n)));
  const start = fn.let(integer("add", biased, i32(leadingZeros - 1077)));
  const first = fn.let(integer("shr_s", start, i32(6)));
  const offset = fn.let(convert("i64.extend_i32_u", integer("and", start, i32(63))));
  const table = [0, 1, 2, 3].map((k) =>
    fn.let(fn.callValue(tableWord, "i64", integer("add", first, i32(k)))),
  );
  // (next >> 1) >> (63 - offset) equals next >> (64 - offset), and is also right at offset 0.
  const joined = (word: Word, next: Word): Word =>
    long(
      "or",
      long("shl", word, offset),
      long("shr_u", long("shr_u", next, i64(1n)), long("sub", i64(63n), offset)),
    );
  const [w2, w1, w0] = [0, 1, 2].map((k) => fn.let(joined(table[k]!, table[k + 1]!))) as [Word, Word, Word]; // three words

  const product0 = fn.let(long("mul", m, w0));
  const low1 = fn.let(long("mul", m, w1));
  const product1 = fn.let(long("add", low1, highProduct(m, w0)));
  const carry = convert("i64.extend_i32_u", longCompare("lt_u", product1, low1));
  const product2 = fn.let(long("add", long("add", long("mul", m, w2), highProduct(m, w1)), carry));

  if (returns === "quadrant") {
    const rounded = long("add", product2, i64(1n << 61n));
    fn.return(splat("i64x2.splat", long("shr_u", rounded, i64(62n))));
    return fn;
  }

  // g as a signed fraction of 2^128, then its sign and magnitude.
  const take = (high: Word, low: Word): Word =>
    long("or", long("shl", high, i64(2n)), long("shr_u", low, i64(62n)));
  const signedHigh = fn.let(take(product2, product1));
  const signedLow = fn.let(take(product1, product0));
  const mask = fn.let(long("shr_s", signedHigh, i64(63n)));
  const low = fn.let(long("xor", signedLow, mask)); // one's complement: wrong by 2^-128, below the last good bit
  const high = fn.let(long("xor", signedHigh, mask));

  // Normalise: shift the leading one to the top of 128 bits.
  const highIsZero = longCompare("eq", high, i64(0n));
  const wordShift = fn.let(selectScalar(highIsZero, i64(64n), i64(0n)));
  const top = fn.let(selectScalar(highIsZero, low, high));
  const rest = fn.let(selectScalar(highIsZero, i64(0n), low));
  const zeros = fn.let(convert("i64.clz", top));
  const h = fn.let(
    long(
      "or",
      long("shl", top, zeros),
      long("shr_u", long("shr_u", rest, i64(1n)), long("sub", i64(63n), zeros)),
    ),
  );
  const l = fn.let(long("shl", rest, zeros));

  // g = 2^-(64 + shift) (hi + lo), hi the top 53 bits, lo the next 64.
  const exponent = long("sub", i64(1023n - 64n), long("add", zeros, wordShift));
  const scale = fn.let(splat("f64x2.splat", convert("f64.reinterpret_i64", long("shl", exponent, i64(52n)))));
  const hiInteger = convert("f64.convert_i64_u", long("and", h, i64(~0x7ffn)));
  const loInteger = convert(
    "f64.convert_i64_u",
    long("or", long("shl", h, i64(53n)), long("shr_u", l, i64(11n))),
  );
  const hi = fn.let(L.mul(splat("f64x2.splat", hiInteger), scale));
  const lo = fn.let(L.mul(L.mul(splat("f64x2.splat", loInteger), L.constant(2 ** -53)), scale));

  const { high: y0, low: y1 } = multiply({ high: hi, low: lo }, halfPiLanes);
  const sign = splat("i64x2.splat", long("shl", mask, i64(63n)));
  const lanes = shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23], y0, y1);
  fn.return(L.subBits(lanes, sign)); // subtracting the sign bit modulo 2^64 flips it
  return fn;
}

const halfPiLanes: DoubleDouble = { high: L.constant(halfPi.high), low: L.constant(halfPi.low) };

const remainderOf: FunctionBuilder = makeReduction("remainder");
const quadrantOf: FunctionBuilder = makeReduction("quadrant");

/** y0 + y1 and the quadrant of both lanes of a non-negative x; an infinite or NaN lane gives NaN. */
export function reduceLargeArgument(
  fn: FunctionBuilder,
  x: V,
): { readonly y0: V; readonly y1: V; readonly quadrant: V } {
  const lane = (k: number): Expr<"f64"> => extract("f64x2.extract_lane", k, x);
  const first = fn.let(fn.callValue(remainderOf, "v128", lane(0)));
  const second = fn.let(fn.callValue(remainderOf, "v128", lane(1)));
  const lowLanes = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
  const highLanes = lowLanes.map((byte) => byte + 8);
  const quadrant = shuffle(
    lowLanes,
    fn.callValue(quadrantOf, "v128", lane(0)),
    fn.callValue(quadrantOf, "v128", lane(1)),
  );
  const notFinite = L.sub(x, x); // 0, or NaN for Inf and NaN
  return {
    y0: fn.let(L.add(shuffle(lowLanes, first, second), notFinite)),
    y1: fn.let(shuffle(highLanes, first, second)),
    quadrant: fn.let(quadrant),
  };
}
