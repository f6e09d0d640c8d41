/**
 * The instructions this backend uses, grouped by signature. A group's table gives the opcode of each name;
 * the function of expression.ts that takes the group's keys gives the operand and result types.
 *
 * Source  WebAssembly Core Specification 2.0, section 5.4 (Instructions) and appendix A.7; W3C, 2022
 */

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

export const valueTypeCode: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** SIMD instructions are the prefix 0xFD and the opcode in LEB128. */
export const simdPrefix = 0xfd;

/** (i32, i32) -> i32 */
export const i32Binary = {
  add: 0x6a,
  sub: 0x6b,
  mul: 0x6c,
  and: 0x71,
  shr_s: 0x75,
  eq: 0x46,
  ne: 0x47,
  lt_s: 0x48,
  lt_u: 0x49,
  le_s: 0x4c,
} as const;

/** (i64, i64) -> i64 */
export const i64Binary = {
  add: 0x7c,
  sub: 0x7d,
  mul: 0x7e,
  and: 0x83,
  or: 0x84,
  xor: 0x85,
  shl: 0x86,
  shr_s: 0x87,
  shr_u: 0x88,
} as const;

/** (i64, i64) -> i32 */
export const i64Compare = { eq: 0x51, lt_u: 0x54 } as const;

/** Conversions of scalars: [opcode, from, to]. */
export const conversions = {
  "i32.wrap_i64": [[0xa7], "i64", "i32"],
  "i64.extend_i32_u": [[0xad], "i32", "i64"],
  "i64.reinterpret_f64": [[0xbd], "f64", "i64"],
  "i64.clz": [[0x79], "i64", "i64"],
  "f64.reinterpret_i64": [[0xbf], "i64", "f64"],
  "f64.convert_i64_u": [[0xba], "i64", "f64"],
} as const;

/** (v128) -> v128 */
export const vectorUnary = {
  "v128.not": 0x4d,
  "f32x4.demote_f64x2_zero": 0x5e,
  "f64x2.promote_low_f32x4": 0x5f,
  "f32x4.floor": 0x68,
  "f32x4.nearest": 0x6a,
  "f64x2.floor": 0x75,
  "f64x2.nearest": 0x94,
  "f32x4.abs": 0xe0,
  "f32x4.neg": 0xe1,
  "f32x4.sqrt": 0xe3,
  "f64x2.abs": 0xec,
  "f64x2.neg": 0xed,
  "f64x2.sqrt": 0xef,
  "i32x4.abs": 0xa0,
  "i32x4.neg": 0xa1,
  "i32x4.trunc_sat_f32x4_s": 0xf8,
  "f32x4.convert_i32x4_s": 0xfa,
  "i32x4.trunc_sat_f64x2_s_zero": 0xfc,
  "f64x2.convert_low_i32x4_s": 0xfe,
} as const;

/** (v128, v128) -> v128 */
export const vectorBinary = {
  "i32x4.eq": 0x37,
  "i32x4.ne": 0x38,
  "i32x4.lt_s": 0x39,
  "i32x4.le_s": 0x3d,
  "f32x4.eq": 0x41,
  "f32x4.ne": 0x42,
  "f32x4.lt": 0x43,
  "f32x4.gt": 0x44,
  "f32x4.le": 0x45,
  "f32x4.ge": 0x46,
  "f64x2.eq": 0x47,
  "f64x2.ne": 0x48,
  "f64x2.lt": 0x49,
  "f64x2.gt": 0x4a,
  "f64x2.le": 0x4b,
  "f64x2.ge": 0x4c,
  "v128.and": 0x4e,
  "v128.or": 0x50,
  "v128.xor": 0x51,
  "i32x4.add": 0xae,
  "i32x4.sub": 0xb1,
  "i32x4.mul": 0xb5,
  "i32x4.min_s": 0xb6,
  "i32x4.max_s": 0xb8,
  "i64x2.extmul_low_i32x4_u": 0xde,
  "i64x2.extmul_high_i32x4_u": 0xdf,
  "i64x2.add": 0xce,
  "i64x2.sub": 0xd1,
  "f32x4.add": 0xe4,
  "f32x4.sub": 0xe5,
  "f32x4.mul": 0xe6,
  "f32x4.div": 0xe7,
  "f32x4.min": 0xe8,
  "f32x4.max": 0xe9,
  "f32x4.pmin": 0xea,
  "f32x4.pmax": 0xeb,
  "f64x2.add": 0xf0,
  "f64x2.sub": 0xf1,
  "f64x2.mul": 0xf2,
  "f64x2.div": 0xf3,
  "f64x2.min": 0xf4,
  "f64x2.max": 0xf5,
  "f64x2.pmin": 0xf6,
  "f64x2.pmax": 0xf7,
} as const;

/** (v128, v128, v128) -> v128. The relaxed ones may or may not round between the product and the sum. */
export const vectorTernary = {
  "v128.bitselect": 0x52,
  "f32x4.relaxed_madd": 0x105,
  "f64x2.relaxed_madd": 0x107,
} as const;

/** (v128, i32) -> v128 */
export const vectorShift = {
  "i32x4.shl": 0xab,
  "i32x4.shr_u": 0xad,
  "i64x2.shl": 0xcb,
  "i64x2.shr_u": 0xcd,
} as const;

/** (scalar) -> v128 */
export const splats = {
  "i64x2.splat": [0x12, "i64"],
  "f64x2.splat": [0x14, "f64"],
} as const;

/** (v128) -> scalar, with a lane immediate */
export const extracts = {
  "i32x4.extract_lane": [0x1b, "i32"],
  "f64x2.extract_lane": [0x21, "f64"],
} as const;

/** (i32 address) -> value, with a byte offset: [opcode bytes, result type, log2 of the natural alignment] */
export const loads = {
  "i32.load": [[0x28], "i32", 2],
  "v128.load": [[0xfd, 0x00], "v128", 4],
  "v128.load32_splat": [[0xfd, 0x09], "v128", 2],
  "v128.load64_splat": [[0xfd, 0x0a], "v128", 3],
  "v128.load32_zero": [[0xfd, 0x5c], "v128", 2],
  "v128.load64_zero": [[0xfd, 0x5d], "v128", 3],
} as const;

/** (i32 address, value): [opcode bytes, stored type, log2 of the natural alignment]; lane stores name their lane. */
export const stores = {
  "i32.store": [[0x36], "i32", 2],
  "v128.store": [[0xfd, 0x0b], "v128", 4],
  "v128.store32_lane": [[0xfd, 0x5a], "v128", 2],
  "v128.store64_lane": [[0xfd, 0x5b], "v128", 3],
} as const;
