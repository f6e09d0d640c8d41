/**
 * The ant's families.                                                                           [eq:ant-families]
 *
 *   dt = 5 · 0.01 s,   (vx, vy) = (Δx, Δy)/dt of the torso,   k = 0.0005 Σ clip(contact force, 1)²
 *   direction      r = d vx − 0.5 Σ u² − k + 1                    d = ±1
 *   direction 2D   r = h·(vx, vy) − 0.5 Σ u² − k + 1              h uniform on the circle
 *   goal           r = −‖(x, y) − g‖_1 − 0.1 Σ u² − k             g uniform over the disc of radius 3 m
 *   terminated     unless 0 <= z <= 1 (the goal family: never)
 *
 * Observation: coordinates without x and y (with them for the goal), velocities, and for each body, the world
 * included, the contact torque and force clipped to ±1 (111; 113 for the goal).
 * The displacement is between the torso's coordinates before and after the step; the published code reads
 * body positions left over from the integrator's last stage, which differ by less than a step's integration
 * error.
 *
 * Source  ant_env_rand_direc, ant_env_rand_direc_2d, ant_env_rand_goal of the code of Fallah et al., NeurIPS 2021,
 *         arXiv:2002.05135, after Finn et al., ICML 2017, arXiv:1703.03400
 */
import type { Environment } from "../framework/environment.ts";
import { ant } from "../rigid-body/robots/ant.ts";
import { robotEnvironment, startNoise } from "./robot-environment.ts";
import {
  type DirectionTask,
  directions,
  type HeadingTask,
  headings,
  type PlaceTask,
  placesWithin,
} from "./tasks.ts";

const contactCost = 0.5e-3;

const common = {
  robot: ant,
  frameSkip: 5,
  start: startNoise({ position: 0.1, velocity: 0.1, velocityLaw: "normal" }),
  observes: { positions: 2, contactForces: true },
  terminated: (qpos: Float64Array) => !(qpos[2]! >= 0 && qpos[2]! <= 1),
} as const;

/** Run forward or backward. Shapes  observation [111], action [8] */
export function antDirection(): Environment<DirectionTask> {
  return robotEnvironment<DirectionTask>({
    ...common,
    name: "ant-direction",
    summary: "an ant runs forward or backward",
    ...directions,
    reward: ({ direction }, { dx, dt, effort, contactEffort }) =>
      (direction * dx) / dt - 0.5 * effort - contactCost * contactEffort + 1,
  });
}

/** Run along an unknown heading. Shapes  observation [111], action [8] */
export function antDirection2D(): Environment<HeadingTask> {
  return robotEnvironment<HeadingTask>({
    ...common,
    name: "ant-direction-2d",
    summary: "an ant runs in an unknown direction of the plane",
    ...headings,
    reward: ({ heading: [hx, hy] }, { dx, dy, dt, effort, contactEffort }) =>
      (hx * dx + hy * dy) / dt - 0.5 * effort - contactCost * contactEffort + 1,
  });
}

/** Walk to an unknown place; the observation includes x and y. Shapes  observation [113], action [8] */
export function antGoal(): Environment<PlaceTask> {
  return robotEnvironment<PlaceTask>({
    ...common,
    name: "ant-goal",
    summary: "an ant walks to an unknown place",
    ...placesWithin(3),
    observes: { contactForces: true },
    terminated: () => false,
    reward: ({ goal: [gx, gy] }, { qpos, effort, contactEffort }) =>
      -Math.abs(qpos[0]! - gx) - Math.abs(qpos[1]! - gy) - 0.1 * effort - contactCost * contactEffort,
  });
}
