/** The laws of derivatives as assertions, for users' functions and for autodiff's own tests. */

export { argumentsAreLeftAlone, compiledRunsAgree, float32RunsAgree, mappedRunsAgree } from "./agreement.ts";
export { checkGradients, type GradientCheck, type GradientReport } from "./check-gradients.ts";
export { type DifferenceQuotient, differentiateByDifferences } from "./differences.ts";
export {
  type ArrayFunction,
  type Arrays,
  cotangentsOf,
  type DifferenceTolerance,
  derivativesAreLinear,
  gradIsPullbackOfOne,
  jvpMatchesDifferences,
  primalIsKept,
  tangentOf,
  vjpIsTransposeOfJvp,
} from "./first-order.ts";
export { float32AgreesWithFloat64 } from "./precision.ts";
export { hessianIsSymmetric, hessianProductsAgree } from "./second-order.ts";
export { LawViolation } from "./violation.ts";
