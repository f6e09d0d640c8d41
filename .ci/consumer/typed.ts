// TypeScript against the installed declarations, in a user's strict settings.
import assert from "node:assert/strict";
import { array, grad, hvp, mul, type NdArray, type ShapeError, sum, valueAndGrad } from "@sgmrl/autodiff";
import { type Key, key, normal } from "@sgmrl/autodiff/random";
import * as envs from "@sgmrl/envs";
import { type Estimator, estimators, type RunConfig, type TrainOptions } from "sgmrl";
import type { StartWorkerOptions } from "sgmrl/distributed";

interface Parameters {
  readonly a: NdArray;
  readonly b: NdArray;
}

// f(a, b) = Σ a b²
const f = ({ a, b }: Parameters): NdArray => sum(mul(a, mul(b, b)));
const at: Parameters = { a: array([1, 2]), b: array([3, 4]) };

const gradient: Parameters = grad(f)(at);
assert.deepEqual([...gradient.a.data], [9, 16]);
assert.deepEqual([...gradient.b.data], [6, 16]);

const product: Parameters = hvp(f)(at, { a: array([1, 0]), b: array([0, 1]) });
assert.deepEqual([...product.a.data], [0, 8]); //  2 b db
assert.deepEqual([...product.b.data], [6, 4]); //  2 b da + 2 a db

const [value]: [NdArray, Parameters] = valueAndGrad(f)(at);
assert.equal(value.data[0], 41);

// Compiled, not run: a tree without b is refused by the types.
// @ts-expect-error
export const refused = (): unknown => grad(f)({ a: array([1]) });

const stream: Key = key(7);
const draws: Float64Array = normal(stream, 2);
assert.equal(draws.length, 2);
const error: ShapeError["name"] = "ShapeError";

// Declarations of the training side check in full, those of its dependencies included (skipLibCheck is off).
export type Training = readonly [RunConfig, TrainOptions, StartWorkerOptions];

const claims: string[] = Object.values(estimators).map(({ unbiasedFor }: Estimator) => unbiasedFor);
assert.ok(claims.includes("∇V"));

console.log(`typed.ts: ${error} is typed, ${Object.keys(envs.environments).length} environments`);
