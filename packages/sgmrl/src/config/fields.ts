/** The fields of a config that have a flag of their own: the flag, where the field is, one sentence. */
export interface Field {
  /** `--inner-steps`; also how errors name the field. */
  readonly flag: string;
  readonly path: string;
  readonly kind: "number" | "number or word" | "text" | "list";
  readonly placeholder: string;
  readonly help: string;
}

const field = (
  flag: string,
  path: string,
  kind: Field["kind"],
  placeholder: string,
  help: string,
): Field => ({
  flag: `--${flag}`,
  path,
  kind,
  placeholder,
  help,
});

export const fields: readonly Field[] = [
  field(
    "env",
    "experiment.environment",
    "text",
    "name",
    'environment: a name (listed by "envs") or the path of your own module',
  ),
  field(
    "estimator",
    "experiment.estimator.name",
    "text",
    "name",
    'meta-gradient estimator: a name (listed by "estimators") or the path of your own module',
  ),
  field(
    "score-coefficient",
    "experiment.estimator.scoreCoefficient",
    "number or word",
    "0..1",
    'coefficient of the score term: 0 gives MAML, 1 is unbiased, "auto" minimises the estimated error of a step',
  ),
  field(
    "score-every",
    "experiment.estimator.scoreEvery",
    "number",
    "K",
    "with lattice sampling: only every K-th task computes its score term, up-weighted to represent the others",
  ),
  field(
    "groups",
    "experiment.estimator.groups",
    "number",
    "K",
    "jackknife: leave trajectories out in K groups instead of one at a time",
  ),
  field(
    "policy",
    "experiment.policy.kind",
    "text",
    "kind",
    "gaussian-mlp, categorical-mlp, or the path of your own module",
  ),
  field(
    "hidden",
    "experiment.policy.hidden",
    "list",
    "n,m,..",
    'widths of the hidden layers; "none" for a linear policy',
  ),
  field(
    "initial-std",
    "experiment.policy.initialStd",
    "number",
    "σ",
    "initial standard deviation of a Gaussian policy's actions",
  ),
  field("horizon", "experiment.horizon", "number", "H", "maximum length of a trajectory"),
  field("discount", "experiment.discount", "number", "γ", "discount factor"),
  field("inner-steps", "experiment.inner.steps", "number", "ζ", "number of adaptation steps"),
  field("step-size", "experiment.inner.stepSize", "number", "α", "step size of an adaptation step"),
  field(
    "inner-trajectories",
    "experiment.inner.trajectories",
    "number",
    "N",
    "trajectories per adaptation step",
  ),
  field(
    "outer-trajectories",
    "experiment.outer.trajectories",
    "number",
    "M",
    "trajectories after adaptation",
  ),
  field(
    "outer-baseline",
    "experiment.outer.baseline",
    "text",
    "name",
    "of the other trajectories after adaptation: their mean, or fitted to states and times",
  ),
  field(
    "advantage",
    "experiment.inner.advantage",
    "text",
    "name",
    "advantage estimate that weights the actions in an adaptation step",
  ),
  field("gae-lambda", "experiment.inner.gaeLambda", "number", "λ", "λ of generalised advantage estimation"),
  field(
    "convention",
    "experiment.inner.convention",
    "text",
    "name",
    "normalisation of the adaptation step: paper (per trajectory) or timestep-mean (per time step)",
  ),
  field("backend", "experiment.backend", "text", "name", "wasm or reference"),
  field("precision", "experiment.precision", "text", "dtype", "float64 or float32"),
  field("seed", "seed", "number", "n", "random seed"),
  field("iterations", "iterations", "number", "n", "meta-iterations (optimizer steps)"),
  field("tasks", "tasks", "number", "n", "tasks per meta-iteration"),
  field("task-sampling", "taskSampling", "text", "how", "independent, or lattice (quasi-Monte Carlo)"),
  field("optimizer", "optimizer.name", "text", "name", "adam or sgd"),
  field("learning-rate", "optimizer.learningRate", "number", "x", "learning rate of the optimizer"),
  field("evaluate-every", "evaluation.every", "number", "n", "iterations between evaluations"),
  field("evaluate-tasks", "evaluation.tasks", "number", "n", "held-out tasks per evaluation during training"),
  field("final-tasks", "evaluation.finalTasks", "number", "n", "held-out tasks of the final evaluation"),
  field("evaluate-steps", "evaluation.steps", "number", "K", "adaptation steps in an evaluation"),
  field("checkpoint-every", "checkpointEvery", "number", "n", "iterations between checkpoints"),
];
