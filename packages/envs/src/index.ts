export { defineEnvironment } from "./define-environment.ts";
export {
  atTimeLimit,
  type Batch,
  type Dynamics,
  type Environment,
  type EnvironmentDefinition,
  type State,
  type StepBuffers,
  type Transition,
} from "./environment.ts";
export { EnvironmentError } from "./errors.ts";
export type { Mark, Scene } from "./scene.ts";
export { type Box, box, contains, type Discrete, discrete, type Space, samplePoint, width } from "./space.ts";
export type { Mdp } from "./tabular/mdp.ts";
export { heldOutTaskKey, type TaskFamily, trainingTaskKey, type WeightedTask } from "./task-family.ts";
