import type { InnerSettings } from "../inner/advantage.ts";
import type { PolicySettings } from "../policy/create-policy.ts";
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
