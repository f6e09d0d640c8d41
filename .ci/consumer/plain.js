// Plain JavaScript against the installed packages. f(x) = Σ x³: ∇f = 3 x², ∇²f v = 6 x v.
import assert from "node:assert/strict";
import { array, grad, hvp, mul, sum } from "@sgmrl/autodiff";
import { key, uniform } from "@sgmrl/autodiff/random";
import * as envs from "@sgmrl/envs";
import { estimators, exact } from "sgmrl";

const f = (x) => sum(mul(x, mul(x, x)));
const x = array([1, -2, 0.5]);

assert.deepEqual([...grad(f)(x).data], [3, 12, 0.75]);
assert.deepEqual([...hvp(f)(x, array([1, 1, 2])).data], [6, -12, 6]);
assert.throws(() => grad((y) => y)(x), { name: "ShapeError" });
assert.deepEqual(uniform(key(1), 3), uniform(key(1), 3));

// A bandit with two arms that pay 1 and 0, played by a fair coin: V = 1/2 without adaptation.
const bandit = { initial: [1], transitions: [[[1], [1]]], rewards: [[1, 0]], horizon: 1, discount: 1 };
const problem = {
  tasks: [{ weight: 1, mdp: bandit }],
  theta: [[0, 0]],
  inner: { stepSize: 0, steps: 1, trajectories: 1 },
  outerTrajectories: 1,
};
assert.equal(exact.objective(problem), 0.5);
assert.deepEqual([...exact.gradient(problem)], [0.25, -0.25]); // π (1 − π)

console.log(
  `plain.js: ${Object.keys(envs.environments).length} environments, ${Object.keys(estimators).length} estimators`,
);
