/** What can be set on the page; also what its address may hold, and what `sgmrl train --config` reads. */
import * as z from "zod/mini";

export const environments = [
  "navigation-2d",
  "corner-2d-dense",
  "momentum-2d-dense",
  "half-cheetah-direction",
] as const;
/** Those that need neither a simulator nor the data of other tasks. */
export const compared = [
  "jackknife-linear",
  "jackknife-whole-path",
  "jackknife-next-step",
  "jackknife-per-decision",
  "jackknife-coupled",
  "sgmrl",
  "sgmrl-leave-one-out",
  "lvc",
  "loaded-dice",
  "dice",
  "tmaml",
  "emaml",
  "emaml-sum",
  "lsf",
  "reference-2021",
  "fomaml",
  "maml",
] as const;

export const Setting = z.strictObject({
  environment: z.enum(environments),
  estimators: z.tuple([z.enum(compared), z.enum(compared)]),
  seed: z.int().check(z.minimum(0), z.maximum(2 ** 32 - 1)),
  iterations: z.int().check(z.minimum(1), z.maximum(200)),
});
export type Setting = z.infer<typeof Setting>;

export const first: Setting = {
  environment: "navigation-2d",
  estimators: ["jackknife-linear", "maml"],
  seed: 0,
  iterations: 30,
};

/** All else, the same for every run of the page: small enough to be watched. */
export const fixed = {
  tasks: 8, // B
  hidden: [16],
  inner: {
    steps: 1, // ζ
    stepSize: 0.1, // α
    trajectories: 10, // N
    advantage: "standardised-gae",
    convention: "timestep-mean",
  },
  outerTrajectories: 10, // M
  horizon: 100,
  discount: 0.99,
  optimizer: { name: "adam", learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
} as const;

/** The same run, as a part of a config. */
export function configOf({ environment, seed, iterations }: Setting, estimator: string): object {
  return {
    experiment: {
      environment,
      policy: { kind: "gaussian-mlp", hidden: fixed.hidden },
      estimator: { name: estimator },
      inner: fixed.inner,
      outer: { trajectories: fixed.outerTrajectories },
      horizon: fixed.horizon,
      discount: fixed.discount,
      precision: "float64",
    },
    optimizer: fixed.optimizer,
    seed,
    iterations,
    tasks: fixed.tasks,
    evaluation: { every: 1000, tasks: 2, finalTasks: 2, steps: 1 },
  };
}
