/**
 * Elementary functions in fixed-point integer arithmetic: the oracle the SIMD functions are measured against.
 * A number v is the integer floor(v 2^bits); `bits` is chosen so that 100 and more bits of every result are right.
 */

interface Binary {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** A finite double as mantissa * 2^exponent, exactly. */
export function decompose(x: number): Binary {
  const word = new BigUint64Array(Float64Array.of(x).buffer)[0]!;
  const biased = Number((word >> 52n) & 0x7ffn);
  const fraction = word & 0xfffffffffffffn;
  const magnitude = biased === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: x < 0 ? -magnitude : magnitude, exponent: Math.max(biased, 1) - 1075 };
}

const shift = (value: bigint, by: number): bigint => (by >= 0 ? value << BigInt(by) : value >> BigInt(-by));

/** floor(log2 |x|), or -1074 for 0. */
function magnitudeOf(x: number): number {
  return x === 0 ? -1074 : Math.floor(Math.log2(Math.abs(x)));
}

function toFixed(x: number, bits: number): bigint {
  const { mantissa, exponent } = decompose(x);
  return shift(mantissa, exponent + bits);
}

const constantBits = 2600;
const one = 1n << BigInt(constantBits);

function arctanOfInverse(k: bigint): bigint {
  let sum = 0n;
  for (let i = 1n, sign = 1n, power = one / k; power !== 0n; i += 2n, sign = -sign, power /= k * k)
    sum += (sign * power) / i;
  return sum;
}

function artanhOfInverse(k: bigint): bigint {
  let sum = 0n;
  for (let i = 1n, power = one / k; power !== 0n; i += 2n, power /= k * k) sum += power / i;
  return sum;
}

const pi = 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n);
const ln2 = 18n * artanhOfInverse(26n) - 2n * artanhOfInverse(4801n) + 8n * artanhOfInverse(8749n);

const constant = (value: bigint, bits: number): bigint => value >> BigInt(constantBits - bits);

/** e^v for a fixed-point v. */
function expFixed(v: bigint, bits: number): bigint {
  const work = bits + 40;
  const scaled = v << 40n;
  const ln2Here = constant(ln2, work);
  const n = scaled / ln2Here;
  const r = scaled - n * ln2Here;
  let term = 1n << BigInt(work);
  let sum = term;
  for (let k = 1n; term !== 0n; k++) {
    term = (term * r) / (k << BigInt(work));
    sum += term;
  }
  return shift(sum, Number(n) - 40);
}

/** log v for a fixed-point v near enough to a double: one correction of Math.log by the series of log(1 + t). */
function logFixed(v: bigint, bits: number): bigint {
  const length = v.toString(2).length;
  const mantissa = Number(shift(v, 60 - length)) / 2 ** 60; // v = mantissa * 2^length, 1/2 <= mantissa < 1
  const guess = toFixed(Math.log(mantissa), bits);
  const unit = 1n << BigInt(bits);
  const t = ((shift(v, bits - length) * expFixed(-guess, bits)) >> BigInt(bits)) - unit;
  let power = t;
  let series = 0n;
  for (let k = 1n; power !== 0n && power !== -1n; k++, power = (power * t) >> BigInt(bits)) {
    series += (k % 2n === 1n ? power : -power) / k;
  }
  return guess + series + BigInt(length - bits) * constant(ln2, bits);
}

function sinCosFixed(v: bigint, bits: number): readonly [sin: bigint, cos: bigint] {
  const half = constant(pi, bits) >> 1n;
  const n = (2n * v + half) / (2n * half) - (2n * v + half < 0n ? 1n : 0n);
  const r = v - n * half;
  let [s, c] = [0n, 0n];
  let term = 1n << BigInt(bits);
  for (let k = 0n; term !== 0n; k++) {
    const signed = (k >> 1n) % 2n === 0n ? term : -term;
    if (k % 2n === 0n) c += signed;
    else s += signed;
    term = (term * r) / ((k + 1n) << BigInt(bits));
  }
  const quadrant = Number(((n % 4n) + 4n) % 4n);
  return [
    [s, c],
    [c, -s],
    [-s, -c],
    [-c, s],
  ][quadrant] as [bigint, bigint]; // four quadrants, each a pair
}

export interface Fixed {
  readonly value: bigint;
  readonly bits: number;
}

/** f(x) in fixed point, for finite x. */
type Oracle = (x: number) => Fixed;

/** Bits so that results as small as x, or as e^x for negative x, keep 120 good ones. */
const enough = (x: number): number =>
  200 + Math.max(0, -2 * magnitudeOf(x)) + Math.ceil(Math.max(0, -x, x) * 1.5);

function oracle(f: (v: bigint, bits: number) => bigint, bitsOf: (x: number) => number = enough): Oracle {
  return (x) => {
    const bits = bitsOf(x);
    return { value: f(toFixed(x, bits), bits), bits };
  };
}

const unitOf = (bits: number): bigint => 1n << BigInt(bits);
const byMagnitude = (x: number): number => 300 + Math.abs(2 * magnitudeOf(x));

export const exact: Readonly<
  Record<
    "exp" | "expm1" | "log" | "log1p" | "tanh" | "sechSquared" | "sigmoid" | "softplus" | "sin" | "cos",
    Oracle
  >
> = {
  exp: oracle(expFixed),
  expm1: oracle((v, bits) => expFixed(v, bits) - unitOf(bits)),
  log: oracle(logFixed, byMagnitude),
  log1p: oracle((v, bits) => logFixed(unitOf(bits) + v, bits), byMagnitude),
  tanh: oracle((v, bits) => {
    const e = expFixed(2n * v, bits);
    return ((e - unitOf(bits)) << BigInt(bits)) / (e + unitOf(bits));
  }),
  // 4 e / (1 + e)² of e^(−2|x|), with as many bits again as it is small
  sechSquared: oracle(
    (v, bits) => {
      const e = expFixed(v < 0n ? 2n * v : -2n * v, bits);
      const root = unitOf(bits) + e;
      return (4n * e * unitOf(2 * bits)) / (root * root);
    },
    (x) => enough(2 * x),
  ),
  sigmoid: oracle((v, bits) => {
    const e = expFixed(v, bits);
    return (e << BigInt(bits)) / (e + unitOf(bits));
  }),
  softplus: oracle((v, bits) => logFixed(unitOf(bits) + expFixed(v, bits), bits)),
  sin: oracle((v, bits) => sinCosFixed(v, bits)[0], byMagnitude),
  cos: oracle((v, bits) => sinCosFixed(v, bits)[1], byMagnitude),
};

/** x^y for x > 0. */
export function exactPow(x: number, y: number): Fixed {
  const bits =
    400 +
    Math.abs(magnitudeOf(x)) +
    Math.abs(2 * magnitudeOf(y)) +
    Math.ceil(Math.abs(1.5 * y * Math.log(x)));
  const v = (toFixed(y, bits) * logFixed(toFixed(x, bits), bits)) >> BigInt(bits);
  return { value: expFixed(v, bits), bits };
}

/** The angle of (x, y): a rotation by the host's answer leaves an angle near 0. */
export function exactAtan2(y: number, x: number): Fixed {
  const bits = 300 + 2 * Math.abs(magnitudeOf(x)) + 2 * Math.abs(magnitudeOf(y));
  const [fy, fx] = [toFixed(y, bits), toFixed(x, bits)];
  const guess = toFixed(Math.atan2(y, x), bits);
  const [s, c] = sinCosFixed(guess, bits);
  const t = ((fy * c - fx * s) << BigInt(bits)) / (fx * c + fy * s);
  const cube = (t * t * t) >> BigInt(2 * bits);
  return { value: guess + t - cube / 3n, bits };
}

/** |computed - exact| in units in the last place of the exact value, for the element type. */
export function ulpError(computed: number, { value, bits }: Fixed, dtype: "float32" | "float64"): number {
  const [precision, lowest, highest] = dtype === "float64" ? [53, -1074, 1024] : [24, -149, 128];
  const magnitude = (value < 0n ? -value : value).toString(2).length - bits; // 2^(magnitude-1) <= |v| < 2^magnitude
  if (value === 0n) return computed === 0 ? 0 : Number.POSITIVE_INFINITY;
  if (!Number.isFinite(computed)) return magnitude > highest ? 0 : Number.POSITIVE_INFINITY;
  const ulpExponent = Math.max(magnitude - precision, lowest);
  const scale = 40; // compare in units of 2^-40 ulp
  const exactUnits = shift(value, scale - ulpExponent - bits);
  const { mantissa, exponent } = decompose(computed);
  const computedUnits = shift(mantissa, exponent + scale - ulpExponent);
  const difference = exactUnits - computedUnits;
  return Number(difference < 0n ? -difference : difference) / 2 ** scale;
}
