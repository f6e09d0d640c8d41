/**
 * The half-cheetah's families.                                                        [eq:half-cheetah-families]
 *
 *   dt = 5 · 0.01 s,   vx = Δx/dt
 *   direction   r = d vx − 0.05 Σ u²              d = ±1
 *   velocity    r = −|vx − v| − 0.05 Σ u²         v ~ U[0, 3] m/s
 *
 * Observation: all coordinates but x, then all velocities (17). Never terminates.
 *
 * Source  half_cheetah_env_rand_direc, half_cheetah_env_rand_vel of the code of Fallah et al., NeurIPS 2021,
 *         arXiv:2002.05135, after Finn et al., ICML 2017, arXiv:1703.03400
 */
import type { Environment } from "../framework/environment.ts";
import type { Robot } from "../rigid-body/model/robot.ts";
import { halfCheetah } from "../rigid-body/robots/half-cheetah.ts";
import { robotEnvironment, startNoise } from "./robot-environment.ts";
import { type DirectionTask, directions, type VelocityTask, velocitiesBetween } from "./tasks.ts";

const common = {
  robot: halfCheetah,
  frameSkip: 5,
  start: startNoise({ position: 0.1, velocity: 0.1, velocityLaw: "normal" }),
  observes: { positions: 1 },
} as const;

/** Run forward or backward, with this robot or a variant of it. Shapes  observation [17], action [6] */
export function halfCheetahDirection(robot: Robot = halfCheetah): Environment<DirectionTask> {
  return robotEnvironment<DirectionTask>({
    ...common,
    robot,
    name: "half-cheetah-direction",
    summary: "a half-cheetah runs forward or backward",
    ...directions,
    reward: ({ direction }, { dx, dt, effort }) => (direction * dx) / dt - 0.05 * effort,
    differentiable: { slopes: ({ direction }, { dt }) => ({ dx: direction / dt, effort: -0.05 }) },
  });
}

/** Run at an unknown speed. Shapes  observation [17], action [6] */
export function halfCheetahVelocity(): Environment<VelocityTask> {
  return robotEnvironment<VelocityTask>({
    ...common,
    name: "half-cheetah-velocity",
    summary: "a half-cheetah runs at an unknown speed",
    ...velocitiesBetween(0, 3),
    reward: ({ velocity }, { dx, dt, effort }) => -Math.abs(dx / dt - velocity) - 0.05 * effort,
    differentiable: {
      slopes: ({ velocity }, { dx, dt }) => ({ dx: -Math.sign(dx / dt - velocity) / dt, effort: -0.05 }),
    },
  });
}
