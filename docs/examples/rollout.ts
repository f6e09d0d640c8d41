// A policy, its trajectories, and the gradient of its return by REINFORCE with rewards to go.
import { key } from "@sgmrl/autodiff/random";
import { navigation2D } from "@sgmrl/envs";
import { createPolicy, drawNoise, logLikelihood, returns, rewardsToGo, rollout } from "sgmrl";

const environment = navigation2D();
const policy = createPolicy({ kind: "gaussian-mlp", hidden: [] }, environment);
const model = logLikelihood(policy);
const task = environment.family.sample(key(1));
const [N, horizon] = [50, 20];

/** N trajectories from the same random numbers at any θ. */
const noise = drawNoise(policy, key(2), N, horizon);
const sample = (theta: Float64Array) => rollout(environment, task, policy, model, theta, noise);
const meanReturn = (theta: Float64Array) => returns(sample(theta), 1).reduce((sum, R) => sum + R / N, 0);

let theta = policy.initialize(key(3));
const before = meanReturn(theta);
for (let k = 0; k < 20; k++) {
  // ∇J ≈ (1/N) Σ_j Σ_h ∇ln π(a_h|s_h; θ) R^h(τ_j), less the mean of R^h as a baseline (1 − 1/N of ∇J on average)
  const batch = sample(theta);
  const toGo = rewardsToGo(batch, 1);
  const mean = (h: number) => toGo.reduce((sum, R, row) => sum + (row % horizon === h ? R / N : 0), 0);
  const means = Array.from({ length: horizon }, (_, h) => mean(h));
  const gradient = model.gradient(
    theta,
    batch,
    toGo.map((R, row) => (R - means[row % horizon]!) / N),
  );
  theta = theta.map((x, i) => x + 0.05 * gradient[i]!);
}
const batch = sample(theta);
console.log("actions", batch.actions.length / policy.actionWidth, "of width", policy.actionWidth);
console.log("ln π of the first", model.logProbability(theta, batch)[0]!.toFixed(3));
console.log("mean return", before.toFixed(1), "→", meanReturn(theta).toFixed(1));

//> actions 1000 of width 2
//> ln π of the first -3.143
//> mean return -10.9 → -6.8
