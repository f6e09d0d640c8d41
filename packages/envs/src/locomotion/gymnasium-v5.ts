/**
 * The -v5 environments of Gymnasium, each with one task: run forward as fast as possible.  [eq:gymnasium-v5]
 *
 *   r = d vx + h − c_u Σ u² − c_f Σ clip(contact force, 1)²        d = 1,   h = 1 where the robot is healthy, else 0
 *
 *               dt [s]      c_u       c_f      healthy, and not terminated
 *   half-cheetah  5 · 0.01    0.1       -        always, and h = 0
 *   swimmer       4 · 0.01    0.0001    -        always, and h = 0
 *   hopper        4 · 0.002   0.001     -        z > 0.7, |pitch| < 0.2, every other coordinate and velocity within ±100
 *   walker2d      4 · 0.002   0.001     -        0.8 < z < 2, |pitch| < 1
 *   ant           5 · 0.01    0.5       0.0005   0.2 <= z <= 1, and all numbers finite
 *
 * Observations are those of the families, except that the ant's omits the forces on the world (105). Both
 * feet of the walker have friction 1.9. Actions are controls: u = clip(a, 1), and the cost is that of u
 * (Gymnasium leaves clipping to a wrapper, and charges the action as given). Horizon 1,000. The ant's
 * displacement is that of its coordinates, as in its families.
 *
 * Source  half_cheetah_v5.py, swimmer_v5.py, hopper_v5.py, walker2d_v5.py, ant_v5.py at their defaults, and
 *         walker2d_v5.xml, of Gymnasium (Farama Foundation, MIT)
 */
import type { Environment } from "../framework/environment.ts";
import { finiteFamily } from "../framework/task-family.ts";
import type { Robot } from "../rigid-body/model/robot.ts";
import { ant } from "../rigid-body/robots/ant.ts";
import { halfCheetah } from "../rigid-body/robots/half-cheetah.ts";
import { hopper } from "../rigid-body/robots/hopper.ts";
import { swimmer } from "../rigid-body/robots/swimmer.ts";
import { walker2dV5 as walkerRobot } from "../rigid-body/robots/walker2d.ts";
import type { RobotEnvironment } from "./definition.ts";
import type { ObservedNumbers } from "./observation.ts";
import { robotEnvironment, startNoise } from "./robot-environment.ts";
import { type DirectionTask, directions, type TaskKind } from "./tasks.ts";

interface Variant {
  readonly name: string;
  readonly summary: string;
  readonly robot: Robot;
  readonly frameSkip: number;
  readonly start: NonNullable<RobotEnvironment<DirectionTask>["start"]>;
  readonly observes: ObservedNumbers;
  /** c_u */
  readonly effortCost: number;
  /** c_f */
  readonly contactCost: number;
  /** Absent for a robot without healthy reward, which never terminates. */
  readonly isHealthy?: (qpos: Float64Array, qvel: Float64Array) => boolean;
}

const forwards: TaskKind<DirectionTask> = {
  ...directions,
  family: finiteFamily<DirectionTask>("forward", [{ weight: 1, task: { direction: 1 } }]),
};

function variant({ effortCost, contactCost, isHealthy, ...data }: Variant): Environment<DirectionTask> {
  return robotEnvironment<DirectionTask>({
    ...data,
    ...forwards,
    actionScale: 1,
    horizon: 1000,
    reward({ direction }, { dx, dt, effort, contactEffort, qpos, qvel }) {
      const health = isHealthy?.(qpos, qvel) ? 1 : 0;
      return (direction * dx) / dt + health - effortCost * effort - contactCost * contactEffort;
    },
    terminated: (qpos, qvel) => isHealthy !== undefined && !isHealthy(qpos, qvel),
  });
}

/** Shapes  observation [17], action [6] */
export function halfCheetahV5(): Environment<DirectionTask> {
  return variant({
    name: "half-cheetah-v5",
    summary: "a half-cheetah runs forward (Gymnasium's HalfCheetah-v5)",
    robot: halfCheetah,
    frameSkip: 5,
    start: startNoise({ position: 0.1, velocity: 0.1, velocityLaw: "normal" }),
    observes: { positions: 1 },
    effortCost: 0.1,
    contactCost: 0,
  });
}

/** Shapes  observation [8], action [2] */
export function swimmerV5(): Environment<DirectionTask> {
  return variant({
    name: "swimmer-v5",
    summary: "a swimmer of three links swims forward (Gymnasium's Swimmer-v5)",
    robot: swimmer,
    frameSkip: 4,
    start: startNoise({ position: 0.1, velocity: 0.1, velocityLaw: "uniform" }),
    observes: { positions: 2 },
    effortCost: 1e-4,
    contactCost: 0,
  });
}

const legged = {
  frameSkip: 4,
  start: startNoise({ position: 5e-3, velocity: 5e-3, velocityLaw: "uniform" }),
  observes: { positions: 1, velocityClip: 10 },
  effortCost: 1e-3,
  contactCost: 0,
} as const;

/** Shapes  observation [11], action [3] */
export function hopperV5(): Environment<DirectionTask> {
  const isWithin = (x: number) => x > -100 && x < 100;
  return variant({
    ...legged,
    name: "hopper-v5",
    summary: "a hopper hops forward (Gymnasium's Hopper-v5)",
    robot: hopper,
    isHealthy: (qpos, qvel) =>
      qpos[1]! > 0.7 && Math.abs(qpos[2]!) < 0.2 && qpos.subarray(2).every(isWithin) && qvel.every(isWithin),
  });
}

/** Shapes  observation [17], action [6] */
export function walker2dV5(): Environment<DirectionTask> {
  return variant({
    ...legged,
    name: "walker2d-v5",
    summary: "a planar biped walks forward (Gymnasium's Walker2d-v5)",
    robot: walkerRobot,
    isHealthy: (qpos) => qpos[1]! > 0.8 && qpos[1]! < 2 && Math.abs(qpos[2]!) < 1,
  });
}

/** Shapes  observation [105], action [8] */
export function antV5(): Environment<DirectionTask> {
  return variant({
    name: "ant-v5",
    summary: "an ant runs forward (Gymnasium's Ant-v5)",
    robot: ant,
    frameSkip: 5,
    start: startNoise({ position: 0.1, velocity: 0.1, velocityLaw: "normal" }),
    observes: { positions: 2, contactForces: true, withoutWorld: true },
    effortCost: 0.5,
    contactCost: 5e-4,
    isHealthy: (qpos, qvel) =>
      qpos[2]! >= 0.2 && qpos[2]! <= 1 && qpos.every(Number.isFinite) && qvel.every(Number.isFinite),
  });
}
