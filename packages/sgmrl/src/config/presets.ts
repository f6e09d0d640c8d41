import type { Experiment, RunConfig } from "../settings.ts";

/** The settings of a run. The default estimator is that of the environment (`defaultEstimator`). */
export interface Preset extends Omit<RunConfig, "experiment"> {
  readonly experiment: Omit<Experiment, "estimator"> & Partial<Pick<Experiment, "estimator">>;
}

const adam = { name: "adam", learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/**
 * The default: learns 2-D navigation in less than a minute on two cores. In float32 `jackknife-per-decision` learned as in
 * float64 (−15.5 ± 0.4 and −15.6 ± 0.4 after one step, on 1,000 tasks, one seed) in half the time.
 */
const quick: Preset = {
  version: 1,
  experiment: {
    environment: "navigation-2d",
    policy: { kind: "gaussian-mlp", hidden: [32, 32] },
    inner: {
      steps: 1,
      stepSize: 0.1,
      trajectories: 20,
      advantage: "standardised-gae",
      convention: "timestep-mean",
    },
    outer: { trajectories: 20 },
    backend: "wasm",
    precision: "float32",
  },
  seed: 0,
  iterations: 40,
  tasks: 20,
  optimizer: { ...adam, learningRate: 1e-2 },
  evaluation: { every: 10, tasks: 40, finalTasks: 1000, steps: 3 },
  checkpointEvery: 10,
};

/**
 * 2-D navigation at the sizes and steps of the paper's public configuration, which has λ = 0.997 (`--gae-lambda 0.997`;
 * here 1) and a different outer gradient: standardised generalised advantages, averaged over rows.
 */
const paperNavigation: Preset = {
  ...quick,
  experiment: { ...quick.experiment, policy: { kind: "gaussian-mlp", hidden: [100, 100] } },
  iterations: 500,
  optimizer: adam,
  evaluation: { every: 25, tasks: 100, finalTasks: 1000, steps: 3 },
  checkpointEvery: 25,
};

/**
 * Locomotion at the sizes, steps and λ of the paper's public configuration, whose outer gradient is different, as above.
 * Choose another family with `--env`.
 */
const locomotion: Preset = {
  ...paperNavigation,
  experiment: {
    ...paperNavigation.experiment,
    environment: "half-cheetah-direction",
    horizon: 200,
    inner: { ...quick.experiment.inner, gaeLambda: 0.997 },
    estimator: { name: "jackknife-per-decision" },
  },
  iterations: 400,
  tasks: 40,
  evaluation: { every: 25, tasks: 40, finalTasks: 200, steps: 1 },
};

/**
 * A half-cheetah that runs forward or backward, learned in minutes: a short step on many trajectories of a
 * small policy. The score term is noisy here: jackknife-per-decision with a fixed coefficient of 1 lost after about fifty
 * iterations what it had learned; jackknife-linear with a coefficient chosen while training got further (one seed each).
 * On a lattice, half of the tasks are forward. Not for robots that fall: within 100 steps, at the published discount, hopper and walker
 * learn to fall far (docs/results/rigid-body-speed.md, where they have 250 to 300 steps and --discount 0.998).
 */
const halfCheetahShort: Preset = {
  ...quick,
  experiment: {
    ...quick.experiment,
    environment: "half-cheetah-direction",
    policy: { kind: "gaussian-mlp", hidden: [32] },
    horizon: 100,
    inner: { ...quick.experiment.inner, stepSize: 0.5, trajectories: 40 },
    estimator: { name: "jackknife-linear", scoreCoefficient: "auto" },
  },
  iterations: 80,
  tasks: 10,
  taskSampling: "lattice",
  evaluation: { every: 20, tasks: 20, finalTasks: 200, steps: 1 },
};

/**
 * The sparse corners: exploration before adapting decides what can be learned from it. With α = 0.1 and σ = 1
 * an adapted policy earns nothing, whatever its gradient. MAML: with rates chosen for each, the full score term learns
 * less in equal time (docs/results/rivals.md).
 */
const corners: Preset = {
  ...quick,
  experiment: {
    ...quick.experiment,
    environment: "corner-2d",
    policy: { kind: "gaussian-mlp", hidden: [32, 32], initialStd: 2.7 },
    inner: { ...quick.experiment.inner, stepSize: 2 },
    estimator: { name: "maml" },
  },
  iterations: 100,
  tasks: 80,
  optimizer: { ...adam, learningRate: 5e-3 },
  evaluation: { every: 20, tasks: 100, finalTasks: 500, steps: 3 },
};

/**
 * The needle: adaptation can only find what the policy tries before it. SG-MRL, like most corrections of MAML, reaches
 * about 0.9 after adaptation; MAML (`--estimator maml`) stays below 0.6.
 */
const needle: Preset = {
  ...quick,
  experiment: {
    ...quick.experiment,
    environment: "needle-bandit",
    policy: { kind: "categorical-mlp", hidden: [] },
    inner: { steps: 1, stepSize: 10, trajectories: 3, advantage: "reward-to-go", convention: "paper" },
    outer: { trajectories: 10 },
    estimator: { name: "sgmrl-leave-one-out" },
    precision: "float64",
  },
  iterations: 300,
  tasks: 40,
  optimizer: { ...adam, learningRate: 0.05 },
  evaluation: { every: 50, tasks: 200, finalTasks: 1000, steps: 1 },
  checkpointEvery: 50,
};

/** Complete configs to start from; a file and flags override single settings. */
export const presets: Readonly<Record<string, Preset>> = {
  quick,
  "paper-navigation": paperNavigation,
  locomotion,
  "half-cheetah-short": halfCheetahShort,
  corners,
  needle,
};

export const defaultPreset = "quick";
