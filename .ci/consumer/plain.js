// Plain JavaScript against the installed packages. f(x) = Σ x³: ∇f = 3 x², ∇²f v = 6 x v.
import assert from "node:assert/strict";
import { array, grad, hvp, mul, sum } from "@sgmrl/autodiff";
import { key, uniform } from "@sgmrl/autodiff/random";
import * as envs from "@sgmrl/envs";
import * as sgmrl from "sgmrl";

const f = (x) => sum(mul(x, mul(x, x)));
const x = array([1, -2, 0.5]);

assert.deepEqual([...grad(f)(x).data], [3, 12, 0.75]);
assert.deepEqual([...hvp(f)(x, array([1, 1, 2])).data], [6, -12, 6]);
assert.throws(() => grad((y) => y)(x), { name: "ShapeError" });
assert.deepEqual(uniform(key(1), 3), uniform(key(1), 3));

console.log(
  `plain.js: @sgmrl/envs has ${Object.keys(envs).length} names, sgmrl ${Object.keys(sgmrl).length}`,
);
