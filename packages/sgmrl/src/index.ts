import type { WriteReport } from "./report/report.ts";

export { type ConfigSources, parseConfig } from "./config/parse-config.ts";
export { presets } from "./config/presets.ts";
export { type TrainableParts, trainable } from "./config/trainable.ts";
export { InputError, RunError } from "./errors.ts";
export * as exact from "./exact/index.ts";
export { type TaskTheory, type Theory, theory } from "./exact/theory/theory.ts";
export type { Engine, TaskKeys } from "./execution/engine.ts";
export { type Audit, audit } from "./experiments/audit/audit.ts";
export { type AuditSpec, parseAuditSpec } from "./experiments/audit/spec.ts";
export { type Adaptation, type AdaptationStep, adapt, adaptFrom, type InnerUpdate } from "./inner/adapt.ts";
export { type AdaptivePolicy, adaptivePolicy, type Episode } from "./inner/adaptive-policy.ts";
export { type SurrogateWeights, surrogateWeights } from "./inner/surrogate-weights.ts";
export { estimators, findEstimator } from "./meta-gradient/catalogue.ts";
export type { UnitResult } from "./meta-gradient/contribution.ts";
export { defineEstimator, ScoreTermError } from "./meta-gradient/define-estimator.ts";
export type {
  Estimator,
  Multipliers,
  ScoreRule,
  ScoreRuleInput,
  ScoreTerm,
  ScoreVector,
  TaskRun,
} from "./meta-gradient/estimator.ts";
export type { Evaluation } from "./meta-gradient/evaluation.ts";
export { type OuterEstimate, outerEstimate } from "./meta-gradient/outer.ts";
export { PartError, type PolicyFactory, partsOf } from "./meta-gradient/parts.ts";
export { type MetaGradient, metaGradient } from "./meta-gradient/recursion.ts";
export type { UnitParts } from "./meta-gradient/task-setting.ts";
export { createUnit, type Unit, type UnitOptions } from "./meta-gradient/unit.ts";
export { createPolicy } from "./policy/create-policy.ts";
export { type Execution, type LogLikelihood, logLikelihood } from "./policy/log-likelihood.ts";
export type { Policy } from "./policy/policy.ts";
export { drawNoise, type RolloutNoise, rollout } from "./sampling/rollout.ts";
export { type TaskSampler, taskSampler } from "./sampling/task-sampler.ts";
export type {
  AdvantageName,
  Experiment,
  InnerSettings,
  OptimizerSettings,
  PolicySettings,
  RunConfig,
} from "./settings.ts";
export { type EvaluateOptions, evaluate, type RunEvaluation } from "./training/evaluate-run.ts";
export { initializationKey, trainingKeys } from "./training/keys.ts";
export { type LoadPolicyOptions, loadPolicy } from "./training/load-policy.ts";
export type { Observer, TrainResult } from "./training/loop.ts";
export { createOptimizer, type Optimizer } from "./training/optimizer.ts";
export { type ResumeOptions, resume } from "./training/resume.ts";
export { warmStart } from "./training/start.ts";
export { type TrainOptions, train } from "./training/train.ts";
export { returns, rewardsToGo, type TrajectoryBatch } from "./trajectory.ts";
export { treeSum } from "./tree-sum.ts";

/** Plots and HTML are loaded when a report is written: most programs draw nothing. */
export const writeReport: WriteReport = async (...args) =>
  (await import("./report/report.ts")).writeReport(...args);
