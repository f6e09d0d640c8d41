/**
 * The swimmer's family.                                                                    [eq:swimmer-families]
 *
 *   dt = 4 · 0.01 s,   vx = Δx/dt
 *   velocity    r = −|vx − v| − 0.0001 Σ u²       v ~ U[0.1, 0.2] m/s
 *
 * The published code adds |vx − v| instead of subtracting it, which rewards missing the target; the sign is
 * fixed here. Observation: coordinates without x and y, then velocities (8). Never terminates.
 *
 * Source  swimmer_rand_vel of the code of Fallah et al., NeurIPS 2021, arXiv:2002.05135
 */
import type { Environment } from "../framework/environment.ts";
import type { Robot } from "../rigid-body/model/robot.ts";
import { swimmer } from "../rigid-body/robots/swimmer.ts";
import { robotEnvironment, startNoise } from "./robot-environment.ts";
import { type VelocityTask, velocitiesBetween } from "./tasks.ts";

/** Swim at an unknown speed, with this robot or a variant of it. Shapes  observation [8], action [2] */
export function swimmerVelocity(robot: Robot = swimmer): Environment<VelocityTask> {
  return robotEnvironment<VelocityTask>({
    name: "swimmer-velocity",
    summary: "a swimmer of three links swims at an unknown speed",
    ...velocitiesBetween(0.1, 0.2),
    robot,
    frameSkip: 4,
    start: startNoise({ position: 0.1, velocity: 0.1, velocityLaw: "uniform" }),
    observes: { positions: 2 },
    reward: ({ velocity }, { dx, dt, effort }) => -Math.abs(dx / dt - velocity) - 1e-4 * effort,
    differentiable: {
      slopes: ({ velocity }, { dx, dt }) => ({ dx: -Math.sign(dx / dt - velocity) / dt, effort: -1e-4 }),
      jumps: "a joint reaches its limit",
    },
  });
}
