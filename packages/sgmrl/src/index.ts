export { type Audit, audit } from "./audit/audit.ts";
export { type AuditSpec, parseAuditSpec } from "./audit/spec.ts";
export { parseConfig } from "./config/parse-config.ts";
export { presets } from "./config/presets.ts";
export type { RunConfig } from "./config/run-config.ts";
export type { Engine, TaskKeys } from "./engine/engine.ts";
export { defineEstimator, MultiplierError } from "./estimator/define-estimator.ts";
export {
  type Estimator,
  type MetaGradient,
  type MultiplierRule,
  type Multipliers,
  metaGradient,
} from "./estimator/estimator.ts";
export { type OuterEstimate, outerEstimate } from "./estimator/outer.ts";
export { type Adaptation, type AdaptationStep, adapt, adaptFrom, type Problem } from "./estimator/problem.ts";
export { estimators, findEstimator } from "./estimator/table.ts";
export * as exact from "./exact/index.ts";
export { createOptimizer, type Optimizer, type OptimizerSettings } from "./optimizer/optimizer.ts";
export { writeReport } from "./report/report.ts";
export { InputError, RunError } from "./run/errors.ts";
export { type EvaluateOptions, evaluate, type RunEvaluation } from "./run/evaluate-run.ts";
export { type Observer, resume, type TrainOptions, type TrainResult, train } from "./run/train.ts";
export { type TaskTheory, type Theory, theory } from "./theory/theory.ts";
