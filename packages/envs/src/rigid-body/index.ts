export { compileModel } from "./compile-model.ts";
export { DivergenceError, RobotError, StateError } from "./errors.ts";
export type { Model } from "./model.ts";
export type { Robot } from "./robot.ts";
export { initialState, type State, step, stepInPlace } from "./step.ts";
export { createWorkspace, type Workspace } from "./workspace.ts";
