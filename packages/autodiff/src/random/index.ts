/** Counter-based random numbers: every draw is a function of a key, so runs repeat bit for bit on any machine. */
export { categorical, categoryAt, fillCategorical, permutation } from "./discrete.ts";
export { RandomArgumentError } from "./errors.ts";
export { assertKey, fold, type Key, key, split } from "./key.ts";
export { fillNormal, normal, normalAt } from "./normal.ts";
export { normalQuantile } from "./normal-quantile.ts";
export { type Block, philox } from "./philox.ts";
export { fillUniform, uniform, uniformAt } from "./uniform.ts";
