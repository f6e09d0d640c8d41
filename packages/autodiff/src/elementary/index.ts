/**
 * Elementary functions of numbers, with the same bits on every host: JavaScript does not specify the last
 * bits of Math.exp and the like, and Node and Chromium, and their versions, differ.
 *
 * Numerics  float64; at most 1 unit in the last place
 */
export { atan2 } from "./arctangent.ts";
export { exp, expm1 } from "./exponential.ts";
export { tanh } from "./hyperbolic.ts";
export { log, log1p } from "./logarithm.ts";
export { hypot } from "./norm.ts";
export { pow } from "./pow.ts";
export { cos, sin } from "./trigonometric.ts";
