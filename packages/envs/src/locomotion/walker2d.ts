/**
 * The walker's families.                                                                  [eq:walker2d-families]
 *
 *   dt = 8 · 0.002 s,   vx = Δx/dt
 *   direction    r = d vx + 1 − 0.001 Σ u²              d = ±1
 *   velocity     r = −|vx − v| + 15 − 0.001 Σ u²        v ~ U[0, 10] m/s
 *   terminated   unless 0.8 < z < 2 and |pitch| < 1
 *
 * Observation: all coordinates but x, then velocities clipped to ±10 (17).
 *
 * Source  walker2d_rand_direc, walker2d_rand_vel of the code of Fallah et al., NeurIPS 2021, arXiv:2002.05135
 */
import type { Environment } from "../framework/environment.ts";
import { walker2d } from "../rigid-body/robots/walker2d.ts";
import { robotEnvironment, startNoise } from "./robot-environment.ts";
import { type DirectionTask, directions, type VelocityTask, velocitiesBetween } from "./tasks.ts";

const jumps = "a shape touches the floor, a joint reaches its limit or the walker falls";

const common = {
  robot: walker2d,
  frameSkip: 8,
  start: startNoise({ position: 0.005, velocity: 0.005, velocityLaw: "uniform" }),
  observes: { positions: 1, velocityClip: 10 },
  terminated: (qpos: Float64Array) => !(qpos[1]! > 0.8 && qpos[1]! < 2 && Math.abs(qpos[2]!) < 1),
} as const;

/** Walk forward or backward. Shapes  observation [17], action [6] */
export function walker2dDirection(): Environment<DirectionTask> {
  return robotEnvironment<DirectionTask>({
    ...common,
    name: "walker2d-direction",
    summary: "a planar biped walks forward or backward",
    ...directions,
    reward: ({ direction }, { dx, dt, effort }) => (direction * dx) / dt + 1 - 1e-3 * effort,
    differentiable: { slopes: ({ direction }, { dt }) => ({ dx: direction / dt, effort: -1e-3 }), jumps },
  });
}

/** Walk at an unknown speed. Shapes  observation [17], action [6] */
export function walker2dVelocity(): Environment<VelocityTask> {
  return robotEnvironment<VelocityTask>({
    ...common,
    name: "walker2d-velocity",
    summary: "a planar biped walks at an unknown speed",
    ...velocitiesBetween(0, 10),
    reward: ({ velocity }, { dx, dt, effort }) => -Math.abs(dx / dt - velocity) + 15 - 1e-3 * effort,
    differentiable: {
      slopes: ({ velocity }, { dx, dt }) => ({ dx: -Math.sign(dx / dt - velocity) / dt, effort: -1e-3 }),
      jumps,
    },
  });
}
