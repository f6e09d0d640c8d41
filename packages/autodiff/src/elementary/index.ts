/**
 * The elementary functions of numbers, of the same bits on every host: JavaScript leaves the last ones of Math.exp and its
 * kin open, and Node and Chromium, and versions of either, differ.
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
