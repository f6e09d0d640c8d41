export { compileModel } from "./compile/compile-model.ts";
export type { Linearization } from "./differentiable/differentiate-step.ts";
export { type SmoothState, smoothAcceleration, smoothStep } from "./differentiable/smooth.ts";
export { bodyContactForces, contactForce } from "./dynamics/contact-forces.ts";
export { forward } from "./dynamics/forward.ts";
export { initialState, type RobotState, step, stepInPlace } from "./dynamics/step.ts";
export { createWorkspace, type Workspace, workspaceOf } from "./dynamics/workspace.ts";
export { MjcfError } from "./mjcf/read-xml.ts";
export { robotFromMjcf } from "./mjcf/robot-from-mjcf.ts";
export { DivergenceError, RobotError, StateError } from "./model/errors.ts";
export type { Model } from "./model/model.ts";
export type { Robot } from "./model/robot.ts";
export { type BatchedSteps, batchedSteps } from "./program/batched-steps.ts";
export { jacobian, linearize } from "./program/linearize.ts";
export {
  type Trajectories,
  type TrajectoryCotangents,
  trajectoryPullback,
} from "./program/trajectory.ts";
export { type RobotPictureOptions, robotPicture } from "./render/robot-picture.ts";
export { drawMotion, type Moment, type Motion, type MotionGoal } from "./render/scene.ts";
