/** What a policy sees of a robot's state: chosen numbers of it, or an author's function of it. */
import { clip } from "../framework/action-scaling.ts";
import { EnvironmentError } from "../framework/errors.ts";
import type { Robot } from "../rigid-body/model/robot.ts";
import { type JointPlace, jointPlaces, robotSizes } from "./robot-model.ts";

/** Coordinates, then velocities, then contact forces. */
export interface ObservedNumbers {
  /** The coordinates from this index of qpos on, or those of these joints (default: all). */
  readonly positions?: number | readonly string[];
  /** The velocities of these joints (default: all), clipped to ±velocityClip (default: as they are). */
  readonly velocities?: readonly string[];
  readonly velocityClip?: number;
  /** Whether torque and force of the contacts on each body, clipped to ±1, are observed (default: not). */
  readonly contactForces?: boolean;
  /** Whether the forces on the world, which are 0, are omitted (default: not). */
  readonly withoutWorld?: boolean;
}

/** A function of coordinates and velocities, through which data are not differentiated. */
export interface OwnObservation {
  readonly size: number;
  /** Writes all of `out`, [size]. */
  write(qpos: Float64Array, qvel: Float64Array, out: Float64Array): void;
}

/** An observation of state rows, which begin with qpos and qvel; the contact forces are behind the warm start. */
export interface Observation {
  readonly size: number;
  /** Numbers in a state's row for contact forces. */
  readonly forces: number;
  observe(state: Float64Array, s: number, out: Float64Array, o: number): void;
  /** s̄ += (∂o/∂s)ᵀ ō, or in words why it is not known. */
  readonly pull:
    | string
    | ((
        state: Float64Array,
        s: number,
        outBars: Float64Array,
        o: number,
        stateBars: Float64Array,
        b: number,
      ) => void);
}

/** Errors  `EnvironmentError` for a joint that the robot does not have, an index beyond qpos, and a size that is none */
export function observationOf(
  name: string,
  robot: Robot,
  observes: ObservedNumbers | OwnObservation = {},
): Observation {
  return "write" in observes ? ownObservation(name, robot, observes) : observedNumbers(name, robot, observes);
}

function ownObservation(name: string, robot: Robot, own: OwnObservation): Observation {
  const { size } = own;
  if (!(Number.isSafeInteger(size) && size >= 1))
    throw new EnvironmentError(name, "observes.size", size, "a whole number of at least 1");
  const { nq, nv } = robotSizes(robot);
  return {
    size,
    forces: 0,
    observe(state, s, out, o) {
      own.write(state.subarray(s, s + nq), state.subarray(s + nq, s + nq + nv), out.subarray(o, o + size));
    },
    pull: "its observation is a function of its own",
  };
}

function observedNumbers(name: string, robot: Robot, observes: ObservedNumbers): Observation {
  const { positions = 0, velocities, contactForces = false, withoutWorld = false } = observes;
  const { velocityClip = Number.POSITIVE_INFINITY } = observes;
  const { nq, nv, bodies } = robotSizes(robot);
  if (!(velocityClip > 0))
    throw new EnvironmentError(name, "observes.velocityClip", velocityClip, "a positive number");
  const seenPositions = positionsOf(name, robot, positions);
  const seenVelocities =
    velocities === undefined
      ? indices(0, nv)
      : byJoint(name, robot, "velocities", velocities).flatMap(({ dof, dofs }) => indices(dof, dofs));
  const [forces, firstForce] = [contactForces ? 6 * bodies : 0, contactForces && withoutWorld ? 6 : 0];
  const forcesAt = nq + 2 * nv;
  return {
    size: seenPositions.length + seenVelocities.length + forces - firstForce,
    forces,
    observe(state, s, out, o) {
      let next = o;
      for (const i of seenPositions) out[next++] = state[s + i]!;
      for (const i of seenVelocities) out[next++] = clip(state[s + nq + i]!, velocityClip);
      for (let k = firstForce; k < forces; k++) out[next++] = clip(state[s + forcesAt + k]!, 1);
    },
    pull: contactForces
      ? "its observation includes contact forces"
      : (state, s, outBars, o, stateBars, b) => {
          let next = o;
          for (const i of seenPositions) stateBars[b + i]! += outBars[next++]!;
          for (const i of seenVelocities) {
            const bar = outBars[next++]!;
            if (Math.abs(state[s + nq + i]!) < velocityClip) stateBars[b + nq + i]! += bar;
          }
        },
  };
}

function positionsOf(name: string, robot: Robot, positions: number | readonly string[]): number[] {
  if (typeof positions !== "number")
    return byJoint(name, robot, "positions", positions).flatMap(({ qpos, coordinates }) =>
      indices(qpos, coordinates),
    );
  const { nq } = robotSizes(robot);
  if (!(Number.isSafeInteger(positions) && positions >= 0 && positions <= nq))
    throw new EnvironmentError(name, "observes.positions", positions, `an index of qpos, 0 to ${nq}`);
  return indices(positions, nq - positions);
}

function byJoint(name: string, robot: Robot, field: string, joints: readonly string[]): JointPlace[] {
  const places = jointPlaces(robot);
  if (!Array.isArray(joints))
    throw new EnvironmentError(name, `observes.${field}`, joints, "a list of names of joints");
  return joints.map((joint: unknown, k) => {
    const place = places.find((one) => one.joint === joint);
    if (place !== undefined) return place;
    const known = places.map((one) => `"${one.joint}"`).join(", ");
    throw new EnvironmentError(name, `observes.${field}[${k}]`, joint, `a joint: ${known}`);
  });
}

const indices = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => first + k);
