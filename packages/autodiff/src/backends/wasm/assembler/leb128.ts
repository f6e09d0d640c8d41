/**
 * LEB128: an integer as groups of seven bits, least significant first; a set top bit means that more bytes
 * follow.
 *
 * Source  WebAssembly Core Specification 2.0, section 5.2.2 (Integers), W3C, 2022
 */

/** Unsigned form, for indices, sizes and opcodes. */
export function unsigned(value: number): number[] {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new RangeError(`internal: ${value} is no unsigned 32-bit integer`);
  }
  if (value < 0x80) return [value];
  const bytes: number[] = [];
  let rest = value;
  do {
    const group = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest === 0 ? group : group | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** Signed form, for i32.const (a number) and i64.const: stops when only sign bits remain. */
export function signed(value: number | bigint): number[] {
  if (typeof value === "number" && Number.isInteger(value) && value >= -0x40 && value < 0x40)
    return [value & 0x7f];
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (;;) {
    const group = Number(rest & 0x7fn);
    rest >>= 7n;
    const signBit = group & 0x40;
    if ((rest === 0n && signBit === 0) || (rest === -1n && signBit !== 0)) return [...bytes, group];
    bytes.push(group | 0x80);
  }
}
