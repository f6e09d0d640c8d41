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
  field("env", "experiment.environment", "text", "name", "environment (sgmrl envs lists them)"),
  field(
    "estimator",
    "experiment.estimator.name",
    "text",
    "name",
    "meta-gradient estimator (sgmrl estimators)",
  ),
  field(
    "score-coefficient",
    "experiment.estimator.scoreCoefficient",
    "number or word",
    "0..1",
    'factor on the score term: 0 is MAML, 1 unbiased, "auto" the least error',
  ),
  field(
    "score-every",
    "experiment.estimator.scoreEvery",
    "number",
    "K",
    "with a lattice of tasks: every K-th computes its score term, for all",
  ),
  field(
    "groups",
    "experiment.estimator.groups",
    "number",
    "K",
    "jackknife: groups of trajectories left out together",
  ),
  field("policy", "experiment.policy.kind", "text", "kind", "gaussian-mlp or categorical-mlp"),
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
    "of the actions of a Gaussian policy before training",
  ),
  field("horizon", "experiment.horizon", "number", "H", "time limit of a trajectory"),
  field("discount", "experiment.discount", "number", "γ", "discount factor"),
  field("inner-steps", "experiment.inner.steps", "number", "ζ", "adaptation steps"),
  field("step-size", "experiment.inner.stepSize", "number", "α", "size of an adaptation step"),
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
    "what an adaptation step weights actions by",
  ),
  field("gae-lambda", "experiment.inner.gaeLambda", "number", "λ", "of generalised advantage estimates"),
  field("convention", "experiment.inner.convention", "text", "name", "paper or timestep-mean"),
  field("backend", "experiment.backend", "text", "name", "wasm or reference"),
  field("precision", "experiment.precision", "text", "dtype", "float64 or float32"),
  field("seed", "seed", "number", "n", "of all randomness"),
  field("iterations", "iterations", "number", "n", "meta-iterations"),
  field("tasks", "tasks", "number", "n", "tasks per meta-iteration"),
  field("task-sampling", "taskSampling", "text", "how", "independent, or lattice: evenly over the family"),
  field("optimizer", "optimizer.name", "text", "name", "adam or sgd"),
  field("learning-rate", "optimizer.learningRate", "number", "x", "of the optimizer"),
  field("evaluate-every", "evaluation.every", "number", "n", "iterations between evaluations"),
  field(
    "evaluate-tasks",
    "evaluation.tasks",
    "number",
    "n",
    "held-out tasks of an evaluation while training",
  ),
  field("final-tasks", "evaluation.finalTasks", "number", "n", "held-out tasks of the last evaluation"),
  field("evaluate-steps", "evaluation.steps", "number", "K", "adaptation steps of an evaluation"),
  field("checkpoint-every", "checkpointEvery", "number", "n", "iterations between checkpoints"),
];
