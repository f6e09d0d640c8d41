export { type Audit, audit } from "./audit/audit.ts";
export { type AuditSpec, parseAuditSpec } from "./audit/spec.ts";
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
