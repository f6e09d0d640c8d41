import { InputError } from "../errors.ts";
import { type AdaptivePolicy, adaptivePolicy } from "../inner/adaptive-policy.ts";
import { partsOf } from "../meta-gradient/parts.ts";
import { loadCheckpoint } from "./resume.ts";
import { readConfig, runFiles } from "./store/run-directory.ts";
import { unitOf } from "./train.ts";

/** Which policy `loadPolicy` loads. */
export interface LoadPolicyOptions {
  /** The iteration of a checkpoint; by default the last. */
  readonly from?: number;
}

/**
 * The policy that a run has learnt, for acting and adapting. It computes in float64, whatever the precision of the run.
 *
 * Errors  InputError if the directory holds no run, or no such checkpoint
 */
export async function loadPolicy(
  directory: string,
  { from }: LoadPolicyOptions = {},
): Promise<AdaptivePolicy> {
  const { config, configSha256 } = readConfig(directory);
  const { experiment } = config;
  const unit = await unitOf(config);
  const checkpoint = loadCheckpoint(runFiles(directory), unit, configSha256, from);
  if (checkpoint === undefined) throw new InputError(`${directory}: the run has no checkpoint yet.`);
  const { environment, policy, discount = environment.discount } = partsOf(experiment);
  return adaptivePolicy(policy, checkpoint.state.theta, { ...experiment.inner, discount });
}
