/** Short names of settings, and labels that distinguish groups of runs. */
import { leaves } from "../config/tree.ts";
import type { RunConfig } from "../settings.ts";

/** Symbols of settings, from docs/notation.md; other settings are named by the words of their path. */
const symbols: Readonly<Record<string, string>> = {
  "experiment.environment": "environment",
  "experiment.policy.initialStd": "initial σ",
  "experiment.horizon": "horizon H",
  "experiment.discount": "discount γ",
  "experiment.inner.steps": "steps ζ",
  "experiment.inner.stepSize": "α",
  "experiment.inner.trajectories": "inner N",
  "experiment.inner.advantage": "advantage",
  "experiment.inner.gaeLambda": "GAE λ",
  "experiment.inner.convention": "convention",
  "experiment.outer.trajectories": "outer M",
  "experiment.outer.baseline": "outer baseline",
  "experiment.estimator.name": "estimator",
  "experiment.estimator.scoreCoefficient": "c",
  "experiment.estimator.scoreEvery": "score every",
  "experiment.estimator.groups": "jackknife groups",
  "experiment.estimator.damping": "damping ρ",
  "experiment.estimator.clip": "clip κ",
  "experiment.estimator.clipBy": "clipped",
  "experiment.estimator.contactDepth": "contact depth",
  "experiment.backend": "backend",
  "experiment.precision": "precision",
  "optimizer.name": "optimizer",
  "optimizer.learningRate": "rate",
  "evaluation.steps": "evaluation K",
};

export function shortName(path: string): string {
  return (
    symbols[path] ??
    path
      .replace(/^experiment\./, "")
      .replaceAll(/[.]|(?<=[a-z])(?=[A-Z])/g, " ")
      .toLowerCase()
  );
}

/**
 * Labels that distinguish each config from the others: the estimator, then the settings that differ, as in
 * "maml, α 0.1". Configs are distinguished within their environment, which comes first if there are several.
 */
export function labelsOf(configs: readonly RunConfig[]): string[] {
  const environments = new Set(configs.map(({ experiment }) => experiment.environment));
  return configs.map((config) => {
    const { environment, estimator } = config.experiment;
    const peers = configs
      .filter((other) => other.experiment.environment === environment)
      .map((other) => leaves(other));
    const own = leaves(config);
    const differing = [...new Set(peers.flatMap((peer) => [...peer.keys()]))].filter(
      (path) => path !== "seed" && new Set(peers.map((peer) => peer.get(path))).size > 1,
    );
    const others = differing
      .filter((path) => path !== "experiment.estimator.name" && own.has(path))
      .map((path) => `${shortName(path)} ${shortValue(own.get(path)!)}`);
    return [...(environments.size > 1 ? [environment] : []), estimator.name, ...others].join(", ");
  });
}

/** Shortens a hash to its first eight digits. */
function shortValue(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 8) : value;
}
