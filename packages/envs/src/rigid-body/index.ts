export { compileModel } from "./compile-model.ts";
export { bodyContactForces, contactForce } from "./contact-forces.ts";
export { type Linearization, linearize } from "./differentiable/linearize.ts";
export { DivergenceError, RobotError, StateError } from "./errors.ts";
export { forward } from "./forward.ts";
export type { Model } from "./model.ts";
export type { Robot } from "./robot.ts";
export { initialState, type State, step, stepInPlace } from "./step.ts";
export { createWorkspace, type Workspace } from "./workspace.ts";
