/**
 * A hopper with different physical parameters in each task.                              [eq:hopper-families]
 *
 *   mass_b, inertia_b, friction_g  ×=  1.5^U[−3, 3]        by body, by shape and the floor
 *   damping_i                      ×=  1.3^U[−3, 3]        by dof
 *   dt = 4 · 0.002 s,   r = Δx/dt + 1 − 0.001 Σ u²
 *   terminated   unless z > 0.7, |pitch| < 0.2, and every other coordinate and velocity is below 100
 *
 * A body's inertia has one factor, since only its moment about y matters. Constraint softness keeps the scale
 * of the original robot, as when the parameters of a compiled MuJoCo model are overwritten.
 * Observation: all coordinates but x, then velocities clipped to ±10 (11).
 *
 * Source  the random-parameter environments used by the code of Fallah et al., NeurIPS 2021, arXiv:2002.05135, and
 *         of Rothfuss et al., ProMP, ICLR 2019, arXiv:1810.06784
 */

import { exp, log } from "@sgmrl/autodiff/elementary";
import type { Environment } from "../framework/environment.ts";
import { cubeFamily } from "../framework/task-family.ts";
import { listed } from "../render/decimals.ts";
import { scaleParameters } from "../rigid-body/compile/scale-parameters.ts";
import { hopper } from "../rigid-body/robots/hopper.ts";
import { robotEnvironment, startNoise } from "./robot-environment.ts";
import { robotSizes } from "./robot-model.ts";

/** Factors on the hopper's parameters. */
export interface ParametersTask {
  /** By body. */
  readonly mass: readonly number[];
  readonly inertia: readonly number[];
  /** By shape, then the floor. */
  readonly friction: readonly number[];
  /** By dof. */
  readonly damping: readonly number[];
}

const sizes = robotSizes(hopper);
const bodies = sizes.bodies - 1;
const shapes = hopper.bodies.flatMap((body) => body.shapes).length;
const logScaleLimit = 3;

function parametersAt(u: ArrayLike<number>): ParametersTask {
  let next = 0;
  const factors = (count: number, base: number) =>
    Array.from({ length: count }, () => exp(log(base) * logScaleLimit * (2 * u[next++]! - 1)));
  return {
    mass: factors(bodies, 1.5),
    inertia: factors(bodies, 1.5),
    friction: factors(shapes + 1, 1.5),
    damping: factors(sizes.nv, 1.3),
  };
}

/** Hop forward with an unknown body. Shapes  observation [11], action [3] */
export function hopperParameters(): Environment<ParametersTask> {
  return robotEnvironment<ParametersTask>({
    name: "hopper-parameters",
    summary: "a hopper of unknown masses, inertias, friction and damping hops forward",
    numbers: { mass: bodies, inertia: bodies, friction: shapes + 1, damping: sizes.nv },
    family: cubeFamily(
      "each mass, inertia and friction times 1.5^U[-3, 3], each damping times 1.3^U[-3, 3]",
      2 * bodies + shapes + 1 + sizes.nv,
      parametersAt,
    ),
    inWords: (task) =>
      (["mass", "inertia", "friction", "damping"] as const)
        .map((field) => `${field} × ${listed(task[field])}`)
        .join("; "),
    robot: hopper,
    model: (task, model) => scaleParameters(hopper, model, task),
    frameSkip: 4,
    start: startNoise({ position: 0.005, velocity: 0.005, velocityLaw: "uniform" }),
    observes: { positions: 1, velocityClip: 10 },
    reward: (_task, { dx, dt, effort }) => dx / dt + 1 - 1e-3 * effort,
    differentiable: {
      slopes: (_task, { dt }) => ({ dx: 1 / dt, effort: -1e-3 }),
      jumps: "a shape touches the floor, a joint reaches its limit or the hopper falls",
    },
    terminated(qpos, qvel) {
      const bounded =
        qpos.subarray(2).every((q) => Math.abs(q) < 100) && qvel.every((v) => Math.abs(v) < 100);
      return !(bounded && qpos[1]! > 0.7 && Math.abs(qpos[2]!) < 0.2);
    },
  });
}
