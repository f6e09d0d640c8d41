// Meta-training on one screen, from an environment to θ. The last lines check that `train` gives the same bits.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fold } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { navigation2D, sampleTask } from "@sgmrl/envs";
import {
  adaptFrom,
  createOptimizer,
  createPolicy,
  drawNoise,
  estimators,
  type InnerUpdate,
  initializationKey,
  logLikelihood,
  metaGradient,
  outerEstimate,
  surrogateWeights,
  taskSampler,
  train,
  trainable,
  trainingKeys,
  treeSum,
} from "sgmrl";

const [seed, iterations, B] = [0, 3, 4]; // B tasks an iteration
const [N, M, horizon, discount] = [5, 5, 20, 0.99]; // N trajectories an inner step, M after adaptation
const inner = {
  steps: 1, // ζ
  stepSize: 0.1, // α
  trajectories: N,
  advantage: "standardised-gae",
  convention: "timestep-mean",
} as const;
const optimizerSettings = {
  name: "adam",
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
} as const;

const environment = navigation2D();
const policy = createPolicy({ kind: "gaussian-mlp", hidden: [8] }, environment);
const model = logLikelihood(policy, { backend: wasm });
const estimator = estimators["jackknife-per-decision"]!;
const optimizer = createOptimizer(optimizerSettings);
const update: InnerUpdate = {
  model,
  stepSize: inner.stepSize,
  discount,
  surrogate: (batch) => surrogateWeights(inner, batch, discount),
};

let theta = policy.initialize(initializationKey(seed));
let memory = optimizer.initialState(theta.length);
for (let iteration = 0; iteration < iterations; iteration++) {
  const gradients = trainingKeys({ seed, tasks: B }, iteration).map(({ task: taskKey, noise: noiseKey }) => {
    const task = sampleTask(environment.family, taskKey);
    const noises = Array.from({ length: inner.steps + 1 }, (_, i) =>
      drawNoise(policy, fold(noiseKey, i + 1), i < inner.steps ? N : M, horizon),
    );
    const sampler = taskSampler({ environment, task, policy, model }, noises);
    const adaptation = adaptFrom(update, theta, inner.steps, sampler.sample); // θ_t = U(θ_{t−1}; D_t)
    const outer = outerEstimate(update, adaptation, sampler.sample(adaptation.adapted, inner.steps + 1));
    return metaGradient(estimator, { update, adaptation, outer, sampler }).gradient; // λ_0
  });
  const gradient = treeSum(gradients).map((total) => total / B);
  ({ theta, state: memory } = optimizer.ascend(theta, gradient, memory));
}
console.log("parameters", theta.length, "Adam steps", memory.step);

const config = await trainable({
  environment: "navigation-2d",
  estimator: estimator.name,
  config: {
    experiment: {
      policy: { kind: "gaussian-mlp", hidden: [8] },
      inner,
      outer: { trajectories: M },
      horizon,
      discount,
      precision: "float64",
    },
    optimizer: optimizerSettings,
    seed,
    iterations,
    tasks: B,
    evaluation: { every: 100, tasks: 2, finalTasks: 2, steps: 1 },
  },
});
const { state } = await train(config, join(mkdtempSync(join(tmpdir(), "sgmrl-")), "run"), { workers: 0 });
console.log(
  "the bits of train:",
  theta.every((x, i) => Object.is(x, state.theta[i])),
);

//> parameters 44 Adam steps 3
//> the bits of train: true
