/**
 * Every setting of a run, declared once: its allowed values, flag and meaning. Types, the check of a config, flags, their help
 * and docs/settings.md are all derived from this table. It contains everything that decides the numbers of a run, and
 * nothing else (no workers, progress bars or directories). Presets are in config/presets.ts.
 */

/** The values that each `type` of a declaration allows; a list of values allows one of these. */
export interface SettingTypes {
  text: string;
  /** Not empty. */
  path: string;
  /** Integers of at least 0, 1 and 2. */
  natural: number;
  count: number;
  several: number;
  positive: number;
  /** A standard deviation σ from 10⁻⁶ to 10⁶: densities and their slopes, of order 1/σ², are finite in both precisions. */
  deviation: number;
  /** From 0 to 1; `decay` without 1. */
  fraction: number;
  decay: number;
  "fraction or auto": number | "auto";
  counts: readonly number[];
  /** 64 hexadecimal digits. */
  sha256: string;
  /** For each part, by name, the hash of its code or "object". */
  versions: Readonly<Record<string, string>>;
}

export const settings = {
  /** Incremented when a config of an older version would change its meaning or become invalid. */
  version: { type: [1], help: "version of this format" },
  experiment: {
    environment: {
      type: "text",
      flag: "--env <name>",
      help: 'environment: a name (listed by "envs") or the path of your own module',
    },
    policy: {
      kind: {
        type: "text",
        flag: "--policy <kind>",
        help: "gaussian-mlp, categorical-mlp, or the path of your own module",
      },
      /** On one-hot observations, a linear policy is a table. */
      hidden: {
        type: "counts",
        flag: "--hidden <n,m,..>",
        help: 'widths of the hidden tanh layers; "none" for a linear policy',
      },
      initialStd: {
        type: "deviation",
        optional: true,
        flag: "--initial-std <σ>",
        help: "initial standard deviation of a Gaussian policy's actions (default: 1)",
      },
    },
    horizon: {
      type: "count",
      optional: true,
      flag: "--horizon <H>",
      help: "maximum length of a trajectory (default: the environment's)",
    },
    discount: {
      type: "fraction",
      optional: true,
      flag: "--discount <γ>",
      help: "discount factor (default: the environment's)",
    },
    inner: {
      steps: { type: "count", flag: "--inner-steps <ζ>", help: "number of adaptation steps" },
      stepSize: { type: "positive", flag: "--step-size <α>", help: "step size of an adaptation step" },
      trajectories: {
        type: "count",
        flag: "--inner-trajectories <N>",
        help: "trajectories per adaptation step",
      },
      advantage: {
        type: ["reward-to-go", "centred", "standardised", "leave-one-out", "gae", "standardised-gae"],
        flag: "--advantage <name>",
        help: "advantage estimate that weights the actions in an adaptation step",
      },
      gaeLambda: {
        type: "fraction",
        optional: true,
        flag: "--gae-lambda <λ>",
        help: "λ of generalised advantage estimation (default: 1)",
      },
      /**
       * "paper" divides by the number of trajectories (a mean over trajectories of sums over time), "timestep-mean" by the
       * number of time steps in the batch: it equals "paper" with α / (mean length of the trajectories of the batch).
       */
      convention: {
        type: ["paper", "timestep-mean"],
        flag: "--convention <name>",
        help: "normalisation of the adaptation step: paper (per trajectory) or timestep-mean (per time step)",
      },
    },
    outer: {
      trajectories: {
        type: "count",
        flag: "--outer-trajectories <M>",
        help: "trajectories after adaptation",
      },
      baseline: {
        type: ["mean", "fitted"],
        optional: true,
        flag: "--outer-baseline <name>",
        help: "baseline from the other trajectories after adaptation: their mean (the default), or a fit to states and times",
      },
      /** [eq:outer-gradient-reference] */
      advantage: {
        type: ["standardised-gae"],
        optional: true,
        flag: "--outer-advantage <name>",
        help: "standardised-gae: after adaptation the biased estimate of the public SG-MRL code (default: returns minus a baseline)",
      },
      gaeLambda: {
        type: "fraction",
        optional: true,
        flag: "--outer-gae-lambda <x>",
        help: "λ of --outer-advantage standardised-gae (default: 1)",
      },
    },
    estimator: {
      name: {
        type: "text",
        flag: "--estimator <name>",
        help: 'estimator: a name (listed by "estimators") or the path of your own module (default: by environment)',
      },
      /** [eq:score-coefficient] */
      scoreCoefficient: {
        type: "fraction or auto",
        optional: true,
        flag: "--score-coefficient <0..1>",
        help: 'coefficient of the score term: 0 leaves it out, 1 keeps it whole (the default), "auto" minimises the estimated error of a step, and is biased',
      },
      scoreEvery: {
        type: "count",
        optional: true,
        flag: "--score-every <K>",
        help: "with lattice sampling: only every K-th task computes its score term, up-weighted to represent the others",
      },
      groups: {
        type: "several",
        optional: true,
        flag: "--groups <K>",
        help: "jackknife: leave trajectories out in K groups instead of one at a time",
      },
      damping: {
        type: "fraction",
        optional: true,
        flag: "--damping <ρ>",
        help: "reparameterised-damped: factor on derivatives at each step back in time (default: 1)",
      },
      clip: {
        type: "positive",
        optional: true,
        flag: "--clip <κ>",
        help: "reparameterised-damped: bound on what is carried back, in medians of what one step adds (default: 30)",
      },
      clipBy: {
        type: ["coordinate", "norm"],
        optional: true,
        flag: "--clip-by <what>",
        help: "reparameterised-damped: beyond the bound, clip each coordinate of what is carried back (the default), or its norm",
      },
      contactDepth: {
        type: "positive",
        optional: true,
        flag: "--contact-depth <m>",
        help: "reparameterised-damped: metres over which contacts stiffen in derivatives, no less than the robot's own, which is exact (default: 0.02)",
      },
    },
    backend: { type: ["wasm", "reference"], flag: "--backend <name>", help: "wasm or reference" },
    precision: { type: ["float64", "float32"], flag: "--precision <dtype>", help: "float64 or float32" },
    arithmetic: {
      type: ["strict", "relaxed"],
      optional: true,
      flag: "--arithmetic <how>",
      help: "of matrix products on wasm: strict (the default: the same bits on every machine), or relaxed (faster: products and sums rounded once where the processor can)",
    },
    modules: {
      type: "versions",
      optional: true,
      help: 'your own parts among the names above: the SHA-256 of the code of each module, by its path; "object" for each object, by its name',
    },
  },
  seed: {
    type: "natural",
    flag: "--seed <n>",
    help: "random seed: all randomness of the run derives from it",
  },
  start: {
    optional: true,
    group: {
      run: {
        type: "path",
        help: "warm start: the run whose parameters this one begins with, instead of random ones",
      },
      iteration: { type: "natural", help: "the iteration of its checkpoint" },
      sha256: { type: "sha256", help: "SHA-256 of θ as little-endian float64" },
    },
  },
  iterations: { type: "count", flag: "--iterations <n>", help: "meta-iterations (optimizer steps)" },
  tasks: { type: "count", flag: "--tasks <n>", help: "tasks per meta-iteration" },
  /** Both have the same mean; on a lattice the variance between tasks almost vanishes. */
  taskSampling: {
    type: ["independent", "lattice"],
    optional: true,
    flag: "--task-sampling <how>",
    help: "independent (the default), or lattice (quasi-Monte Carlo)",
  },
  optimizer: {
    flag: "--optimizer <name>",
    help: "adam or sgd",
    group: {
      learningRate: {
        type: "positive",
        flag: "--learning-rate <x>",
        help: "learning rate of the optimizer",
      },
    },
    either: {
      adam: {
        beta1: { type: "decay", help: "decay of the mean of the gradients" },
        beta2: { type: "decay", help: "decay of the mean of their squares" },
        epsilon: { type: "positive", help: "added to the root of the mean square, to avoid division by 0" },
      },
      sgd: { momentum: { type: "decay", help: "heavy-ball momentum; 0 for plain gradient steps" } },
    },
  },
  evaluation: {
    every: { type: "count", flag: "--evaluate-every <n>", help: "iterations between evaluations" },
    tasks: {
      type: "several",
      flag: "--evaluate-tasks <n>",
      help: "held-out tasks per evaluation during training",
    },
    finalTasks: {
      type: "several",
      flag: "--final-tasks <n>",
      help: "held-out tasks of the final evaluation",
    },
    steps: { type: "count", flag: "--evaluate-steps <K>", help: "adaptation steps in an evaluation" },
  },
  checkpointEvery: {
    type: "count",
    flag: "--checkpoint-every <n>",
    help: "iterations between checkpoints",
  },
} as const;

/** The type of the values that a declaration allows. */
type Value<D> = D extends { readonly type: readonly (infer Choice)[] }
  ? Choice
  : D extends { readonly type: infer Name extends keyof SettingTypes }
    ? SettingTypes[Name]
    : D extends { readonly either: infer Cases; readonly group: infer Common }
      ? {
          [Name in keyof Cases]: Flat<{ readonly name: Name } & Fields<Common> & Fields<Cases[Name]>>;
        }[keyof Cases]
      : D extends { readonly group: infer Group }
        ? Fields<Group>
        : Fields<D>;
type Optional = { readonly optional: true };
type Fields<D> = Flat<
  { readonly [K in keyof D as D[K] extends Optional ? never : K]: Value<D[K]> } & {
    readonly [K in keyof D as D[K] extends Optional ? K : never]?: Value<D[K]>;
  }
>;
type Flat<T> = { [K in keyof T]: T[K] };

export const configVersion: 1 = settings.version.type[0];

/** Everything that decides the numbers of a run. */
export type RunConfig = Fields<typeof settings>;
/** What is learnt, on what, and how: plain data, so that it travels between threads, machines and files. */
export type Experiment = RunConfig["experiment"];
/** What `createPolicy` makes. */
export type PolicySettings = Experiment["policy"];
/** The adaptation step U(θ; D). */
export type InnerSettings = Experiment["inner"];
/** The names in the table `advantages` (inner/advantage.ts). */
export type AdvantageName = InnerSettings["advantage"];
/** How ∇J is estimated after adaptation. */
export type OuterRule = Omit<Experiment["outer"], "trajectories">;
/** b_j^h: the mean of R^h over the other trajectories, or a function of state and time that is fitted to them. */
export type OuterBaseline = NonNullable<Experiment["outer"]["baseline"]>;
/** Adam, or gradient steps with momentum. */
export type OptimizerSettings = RunConfig["optimizer"];
/** The θ that another run has reached: its directory, the iteration of a checkpoint, and the hash of the numbers. */
export type WarmStart = NonNullable<RunConfig["start"]>;
