// The unit of work from objects: your own environment, policy and estimator.
import { fold, key } from "@sgmrl/autodiff/random";
import { needleBandit } from "@sgmrl/envs";
import { createPolicy, createUnit, defineEstimator, estimators } from "sgmrl";

const environment = needleBandit();
const policy = createPolicy({ kind: "categorical-mlp", hidden: [] }, environment);
const unit = createUnit({
  environment,
  policy,
  // SG-MRL with half the return as a constant baseline.
  estimator: defineEstimator({
    ...estimators.sgmrl!,
    name: "shifted",
    summary: "SG-MRL with the multiplier Ĵ − 1/2",
    score: ({ step, outer }) => ({
      multipliers: new Float64Array(step.batch.trajectories).fill(outer.meanReturn - 0.5),
    }),
  }),
  inner: { steps: 1, stepSize: 10, trajectories: 3, advantage: "reward-to-go", convention: "paper" },
  outer: { trajectories: 5 },
});

// Stochastic ascent in steps of 3 along the mean over 20 tasks of P + S.
let theta = unit.initialize(key(0));
for (let k = 0; k < 60; k++) {
  for (let i = 0; i < 20; i++) {
    const { pathwise, score } = unit.contribute(theta, fold(key(1), k, i), fold(key(2), k, i));
    theta = theta.map((x, d) => x + (3 * (pathwise[d]! + score![d]!)) / 20);
  }
}
const returnsAfter = (steps: number) =>
  Array.from(
    { length: 200 },
    (_, i) => unit.evaluate(theta, fold(key(3), i), fold(key(4), i), 1).returns[steps]!,
  );
const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x / values.length, 0);
console.log(
  "return before a step",
  mean(returnsAfter(0)).toFixed(2),
  "after it",
  mean(returnsAfter(1)).toFixed(2),
);

//> return before a step 0.49 after it 0.91
