/** Everything that decides the numbers of a run, and nothing that does not (workers, progress bars, where it is kept). */
import type { Experiment } from "../meta-gradient/experiment.ts";
import type { OptimizerSettings } from "../training/optimizer/optimizer.ts";

/** Raised when a config of an older version would mean something else, or nothing. */
export const configVersion = 1;

export interface RunConfig {
  readonly version: typeof configVersion;
  readonly experiment: Experiment;
  /** All randomness of the run derives from it. */
  readonly seed: number;
  /** Where θ comes from, if not from the seed. */
  readonly start?: WarmStart;
  /** Meta-iterations: steps of the optimizer. */
  readonly iterations: number;
  /** Tasks per meta-iteration, and how they are drawn (default "independent"). */
  readonly tasks: number;
  readonly taskSampling?: TaskSampling;
  readonly optimizer: OptimizerSettings;
  readonly evaluation: EvaluationSettings;
  /** Iterations between checkpoints. */
  readonly checkpointEvery: number;
}

/** The θ that another run has reached: its directory, the iteration of a checkpoint, and the hash of the numbers. */
export interface WarmStart {
  readonly run: string;
  readonly iteration: number;
  /** SHA-256 of θ as little-endian float64. */
  readonly sha256: string;
}

/** One by one, or evenly over p(task): the mean is the same, the variance between tasks all but gone. */
export type TaskSampling = "independent" | "lattice";

/** Measurements on held-out tasks; their samples count as no training. */
export interface EvaluationSettings {
  /** Iterations between evaluations; the first and the last parameters are always evaluated. */
  readonly every: number;
  /** Held-out tasks while training, and for the last parameters. */
  readonly tasks: number;
  readonly finalTasks: number;
  /** K: the return is measured after 0, 1, …, K adaptation steps. */
  readonly steps: number;
}
