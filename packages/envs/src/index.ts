export { drawTrajectory } from "./draw-trajectory.ts";
export { actionScale, clip, scaledAction } from "./framework/action-scaling.ts";
export { type CheckOptions, checkEnvironment } from "./framework/check-environment.ts";
export { assertScene } from "./framework/check-picture.ts";
export { defineEnvironment } from "./framework/define-environment.ts";
export {
  atTimeLimit,
  type Batch,
  type Dynamics,
  type Environment,
  type EnvironmentDefinition,
  type State,
  type StepBuffers,
  type Transition,
} from "./framework/environment.ts";
export { EnvironmentError } from "./framework/errors.ts";
export { assertMdp, type ExpectedMdp, type Mdp } from "./framework/mdp.ts";
export {
  isPlane,
  type OwnPicture,
  type Picture,
  type PlanePicture,
  type Scene,
  type Walk,
} from "./framework/picture.ts";
export {
  type Box,
  box,
  contains,
  type Discrete,
  discrete,
  type Space,
  samplePoint,
  width,
} from "./framework/space.ts";
export type { AdjointDynamics, DifferentiableDynamics } from "./framework/step-adjoint.ts";
export type { DifferentiableStep, Jumps, StepProgram, StepResult } from "./framework/step-program.ts";
export {
  type Cube,
  cubeFamily,
  finiteFamily,
  heldOutTaskKey,
  latticeTaskKeys,
  sampleTask,
  type TaskFamily,
  type TaskKey,
  trainingTaskKey,
  type WeightedTask,
} from "./framework/task-family.ts";
export { taskInWords } from "./framework/task-in-words.ts";
export { antDirection, antDirection2D, antGoal } from "./locomotion/ant.ts";
export type { Pose, RewardSlopes, RobotEnvironment, Stride } from "./locomotion/definition.ts";
export { antV5, halfCheetahV5, hopperV5, swimmerV5, walker2dV5 } from "./locomotion/gymnasium-v5.ts";
export { halfCheetahDirection, halfCheetahVelocity } from "./locomotion/half-cheetah.ts";
export { hopperParameters, type ParametersTask } from "./locomotion/hopper.ts";
export type { ObservedNumbers, OwnObservation } from "./locomotion/observation.ts";
export { robotEnvironment, startNoise } from "./locomotion/robot-environment.ts";
export { swimmerVelocity } from "./locomotion/swimmer.ts";
export type { DirectionTask, HeadingTask, PlaceTask, VelocityTask } from "./locomotion/tasks.ts";
export { walker2dDirection, walker2dVelocity } from "./locomotion/walker2d.ts";
export { corner2D } from "./point/corner-2d.ts";
export { momentum2D } from "./point/momentum-2d.ts";
export { type Navigation2DOptions, navigation2D } from "./point/navigation-2d.ts";
export type { CornerReward, GoalTask, Point } from "./point/plane.ts";
export { type Toy1DTask, toy1D } from "./point/toy-1d.ts";
export { type WallsReward, type WallsTask, walls2D } from "./point/walls-2d.ts";
export { environments, findEnvironment } from "./registry.ts";
export { animationPage } from "./render/animation.ts";
export { decimals } from "./render/decimals.ts";
export type { Drawing, DrawnMoment, ForceArrow, GoalMark, Mark, Stroke } from "./render/drawing.ts";
export { type Film, type FilmStripOptions, film, filmStrip, filmStyles } from "./render/film-strip.ts";
export * as rigidBody from "./rigid-body/index.ts";
export { type RobotName, robots } from "./rigid-body/robots/index.ts";
export {
  type BanditTask,
  banditMdp,
  bernoulliBandit,
  doorTasks,
  gaussianBandit,
  needleBandit,
  needleTasks,
  twoDoorsBandit,
} from "./tabular/bandit.ts";
export {
  type CorridorTask,
  corridorActions,
  corridorMdp,
  corridorTasks,
  treasureCorridor,
} from "./tabular/corridor.ts";
export { dirichlet } from "./tabular/dirichlet.ts";
export { type FiniteDefinition, finiteEnvironment, type RewardNoise } from "./tabular/finite-environment.ts";
export { tabularDense, tabularSparse } from "./tabular/random-mdp.ts";
