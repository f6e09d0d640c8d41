import type { OuterBaseline } from "./outer.ts";

/** What is learnt, on what, and how: plain data, so that it travels between threads, machines and files. */
export interface Experiment {
  /** A name in the registry of @sgmrl/envs, or a part of one's own (`modules`). */
  readonly environment: string;
  readonly policy: PolicySettings;
  /** H, and γ; by default those of the environment. */
  readonly horizon?: number;
  readonly discount?: number;
  readonly inner: InnerSettings;
  /** M, the trajectories after adaptation. */
  readonly outer: {
    readonly trajectories: number;
    /** What is subtracted from the returns in ĝ, of the other trajectories (default "mean"). */
    readonly baseline?: OuterBaseline;
  };
  readonly estimator: EstimatorSettings;
  readonly backend: "wasm" | "reference";
  readonly precision: "float64" | "float32";
  /**
   * Parts of one's own that the names above stand for: of a module by its path, the SHA-256 of its code; of an object by
   * its name, "object".
   */
  readonly modules?: Readonly<Record<string, string>>;
}

export interface PolicySettings {
  /** "gaussian-mlp", "categorical-mlp", or a policy of one's own. */
  readonly kind: string;
  /** Widths of the hidden tanh layers; none for a linear policy (on unit-vector observations: a table). */
  readonly hidden: readonly number[];
  /** Of the actions of a Gaussian policy, before training (default 1). */
  readonly initialStd?: number;
}

/** The adaptation step U(θ; D). */
export interface InnerSettings {
  /** ζ. */
  readonly steps: number;
  /** α. */
  readonly stepSize: number;
  /** N, trajectories per step. */
  readonly trajectories: number;
  /** What the log-likelihood of each action is weighted by (inner/advantage.ts). */
  readonly advantage: AdvantageName;
  /** λ of the generalised advantage estimates, 0 to 1 (default 1). */
  readonly gaeLambda?: number;
  /**
   * What those weights are divided by: "paper" the number of trajectories (a mean over trajectories of sums over
   * time), "timestep-mean" the number of time steps in the batch. Timestep-mean with step size α equals paper
   * with α / (mean length of the trajectories of the batch).
   */
  readonly convention: "paper" | "timestep-mean";
}

export type AdvantageName =
  | "reward-to-go"
  | "centred"
  | "standardised"
  | "leave-one-out"
  | "gae"
  | "standardised-gae";

export interface EstimatorSettings {
  /** A name in the table of meta-gradient/catalogue.ts, or an estimator of one's own. */
  readonly name: string;
  /** Coefficient on the score term, 0 (MAML) to 1 (unbiased; the default); "auto" [eq:score-coefficient]. */
  readonly scoreCoefficient?: number | "auto";
  /** On a lattice of tasks, every K-th task computes its score term, for all of them (default: every one). */
  readonly scoreEvery?: number;
  /** Jackknife: K groups of trajectories left out together (default: N, one each). */
  readonly groups?: number;
}
