// Runs anywhere: in Node of any version, and in a page. A number for each function, of the bits of all its values.
import * as elementary from "../../src/elementary/index.ts";

const count = 200_000;

/** Numbers from 0 to 1, by exact arithmetic: 32 bits of a Weyl sequence, so that they are the same everywhere. */
function spread(step: number): Float64Array {
  let word = 0;
  return Float64Array.from({ length: count }, () => {
    word = (word + step) >>> 0;
    return word / 2 ** 32;
  });
}
const us = spread(0x9e3779b9);
const vs = spread(0x7f4a7c15);

/** u from −1 to 1, of every magnitude from 2^low to 2^high in turn. */
function everySize(u: number, i: number, low: number, high: number): number {
  return (2 * u - 1) * 2 ** (low + (i % (high - low)));
}

type Name = keyof typeof elementary;
/** Values of the i-th argument: half of them ordinary, half of every size. */
const values: Readonly<Record<Name, (i: number, u: number, v: number) => number>> = {
  exp: (i, u) => elementary.exp(i % 2 ? 1500 * u - 750 : everySize(u, i, -60, 9)),
  expm1: (i, u) => elementary.expm1(i % 2 ? 100 * u - 50 : everySize(u, i, -60, 10)),
  log: (i, u) => elementary.log(i % 2 ? 3 * u : Math.abs(everySize(u, i, -1070, 1023))),
  log1p: (i, u) => elementary.log1p(i % 2 ? 3 * u - 1 : Math.abs(everySize(u, i, -1070, 1023))),
  tanh: (i, u) => elementary.tanh(i % 2 ? 50 * u - 25 : everySize(u, i, -60, 3)),
  sin: (i, u) => elementary.sin(i % 2 ? 20 * u - 10 : everySize(u, i, -60, 1023)),
  cos: (i, u) => elementary.cos(i % 2 ? 20 * u - 10 : everySize(u, i, -60, 1023)),
  atan2: (i, u, v) => elementary.atan2(u - 0.5, everySize(v, i, -40, 40)),
  hypot: (i, u, v) => elementary.hypot(u, v, everySize(u * v, i, -900, 900)),
  pow: (i, u, v) => elementary.pow(4 * u, i % 2 ? 16 * v - 8 : everySize(v, i, -30, 9)),
};

export interface Hashes {
  /** How many values each is of. */
  readonly count: number;
  /** FNV-1a of the values' bytes in little-endian order; every NaN counts as one. */
  readonly own: Readonly<Record<string, string>>;
  /** The same of Math's functions, for the sake of comparison. */
  readonly host: Readonly<Record<string, string>>;
}

export function hashes(): Hashes {
  const own = Object.entries(values).map(([name, at]) => [name, hash((i) => at(i, us[i]!, vs[i]!))] as const);
  const host = (["exp", "log", "sin", "tanh"] as const).map(
    (name) => [name, hash((i) => Math[name](20 * us[i]! - (name === "log" ? 0 : 10)))] as const,
  );
  return { count, own: Object.fromEntries(own), host: Object.fromEntries(host) };
}

function hash(at: (i: number) => number): string {
  const word = new DataView(new ArrayBuffer(8));
  let h = 0x811c9dc5;
  for (let i = 0; i < count; i++) {
    const value = at(i);
    word.setFloat64(0, Number.isNaN(value) ? Number.NaN : value, true);
    for (let byte = 0; byte < 8; byte++) h = Math.imul(h ^ word.getUint8(byte), 0x01000193);
  }
  return (h >>> 0).toString(16).padStart(8, "0");
}

Object.assign(globalThis, { elementaryHashes: hashes });
