import { tangents } from "../dynamics/collision.ts";
import { constraintLaw } from "../model/constraint-law.ts";
import type {
  BallLimit,
  Coordinate,
  JointLimit,
  Model,
  ModelBox,
  ModelShape,
  Plane,
} from "../model/model.ts";
import type { AxialJoint, BallJoint, Joint, MassProperties, Robot, Shape, Vec3 } from "../model/robot.ts";
import { type TreePaths, treePaths } from "../model/tree-factor.ts";
import { checkModel } from "./check-model.ts";
import { checkRobot } from "./check-robot.ts";
import { contactPairs, linksCanTouch } from "./contact-pairs.ts";
import { fluidBoxes } from "./fluid-box.ts";
import { combine, shapeMassProperties, unit } from "./mass-properties.ts";
import { planeOf } from "./plane.ts";
import { referenceWeights } from "./reference-weights.ts";
import { mergeWelded } from "./weld.ts";

/**
 * A robot as arrays, ready to step.
 *
 * Units   kg, m, s, rad
 * Errors  RobotError for a field that is missing, misspelt or impossible, naming its path in the robot
 */
export function compileModel(robot: Robot): Model {
  return mergeWelded(compileBodyByBody(robot));
}

/** A robot as arrays, with welded bodies still separate. */
export function compileBodyByBody(robot: Robot): Model {
  checkRobot(robot);
  const bodies = compileBodies(robot);
  const joints = compileJoints(robot, bodies.parent);
  const shapes = robot.bodies.flatMap((body, b) => body.shapes.map((shape) => modelShape(shape, b + 1)));
  const numbers = new Map(joints.dofJoint.map((name, dof) => [name, dof]));
  const motors = robot.motors.map((motor) => ({ ...motor, dof: numbers.get(motor.joint)! }));
  const { nq, nv } = joints;
  const dofParent = Int32Array.from(joints.dofs, (dof) => dof.parent);
  const paths = treePaths(linksCanTouch(robot) ? dofParent.map((_, i) => i - 1) : dofParent);

  const { height = 0, normal } = robot.floor ?? {};
  const floorNormal = normal === undefined ? ([0, 0, 1] as const) : unit(normal);

  const plane = planeOf(robot);
  const unweighted: Model = {
    name: robot.name,
    timestep: robot.timestep,
    integrator: robot.integrator,
    gravity: [...robot.gravity],
    nq,
    nv,
    nu: motors.length,
    qpos0: joints.qpos0,
    plane,
    partNames: ["world", ...robot.bodies.map((body) => body.name)],
    bodyParent: bodies.parent,
    bodyPosition: bodies.position,
    bodyMass: bodies.mass,
    bodyCenter: bodies.center,
    bodyInertia: bodies.inertia,
    bodyFirstDof: joints.bodyFirstDof,
    bodyLastDof: joints.bodyLastDof,
    bodyIsFree: joints.bodyIsFree,
    bodyInverseWeight: new Float64Array(2 * bodies.parent.length),
    coordinates: joints.coordinates,
    quaternions: joints.coordinates
      .filter(({ kind }) => kind !== "axial")
      .map(({ kind, qposAddress, dof }) =>
        kind === "free" ? { qposAddress: qposAddress + 3, dof: dof + 3 } : { qposAddress, dof },
      ),
    dofJoint: joints.dofJoint,
    dofBody: Int32Array.from(joints.dofs, (dof) => dof.body),
    dofParent,
    dofRotates: Uint8Array.from(joints.dofs, (dof) => (dof.rotates ? 1 : 0)),
    dofQpos: Int32Array.from(joints.dofs, (dof) => dof.qpos),
    dofBall: Int32Array.from(joints.dofs, (dof) => dof.ball),
    dofAxis: Float64Array.from(joints.dofs.flatMap((dof) => dof.axis)),
    dofAnchor: Float64Array.from(joints.dofs.flatMap((dof) => dof.anchor)),
    dofStiffness: Float64Array.from(joints.dofs, (dof) => dof.stiffness),
    dofSpringReference: Float64Array.from(joints.dofs, (dof) => dof.springReference),
    dofDamping: Float64Array.from(joints.dofs, (dof) => dof.damping),
    dofArmature: Float64Array.from(joints.dofs, (dof) => dof.armature),
    dofInverseWeight: new Float64Array(nv),
    isDamped: joints.dofs.some((dof) => dof.damping > 0),
    dofMovesBody: movedBodies(joints.bodyLastDof, dofParent),
    paths,
    strangers: strangersOf(paths, dofParent),
    motorDof: Int32Array.from(motors, (motor) => motor.dof),
    motorGear: Float64Array.from(motors, (motor) => motor.gear),
    motorLow: Float64Array.from(motors, (motor) => motor.range[0]),
    motorHigh: Float64Array.from(motors, (motor) => motor.range[1]),
    motorServo: motors.map((motor) => motor.servo),
    limits: [],
    ballLimits: [],
    shapes,
    floorHeight: height,
    floorNormal,
    floorTangent: tangentOf(floorNormal, plane),
    pairs: [],
    fluidBoxes: fluidBoxes(robot),
  };
  const weights = referenceWeights(unweighted);
  const limits = compileLimits(robot, joints, weights.dofInverseWeight);
  const ballLimits = compileBallLimits(robot, joints, weights.dofInverseWeight);
  const pairs = contactPairs(robot, shapes, weights.bodyInverseWeight);
  const model = { ...unweighted, ...weights, limits, ballLimits, pairs };
  checkModel(model);
  return model;
}

/** In a plane, the tangent that lies in it: the official one or, up to its sign, the second. */
function tangentOf(normal: Vec3, plane: Plane | undefined): Vec3 {
  if (plane !== undefined) {
    const tangent: [number, number, number] = [0, 0, 0];
    tangent[plane.u] = 0 - normal[plane.v];
    tangent[plane.v] = normal[plane.u];
    return tangent;
  }
  const frame = { normal, tangent1: new Float64Array(3), tangent2: new Float64Array(3) };
  tangents(frame);
  const [x, y, z] = frame.tangent1.map((t) => t + 0) as unknown as [number, number, number]; // −0 becomes 0
  return [x, y, z];
}

function compileBodies(robot: Robot) {
  const names = ["world", ...robot.bodies.map((body) => body.name)];
  const properties: MassProperties[] = [
    combine([]),
    ...robot.bodies.map((body) => combine([...body.shapes.map(shapeMassProperties), ...(body.masses ?? [])])),
  ];
  const total = properties.reduce((sum, { mass }) => sum + mass, 0);
  const scale = robot.totalMass === undefined ? 1 : robot.totalMass / total;
  return {
    parent: Int32Array.from(["world", ...robot.bodies.map((body) => body.parent)], (name) =>
      names.indexOf(name),
    ),
    position: Float64Array.from([0, 0, 0, ...robot.bodies.flatMap((body) => body.position)]),
    mass: Float64Array.from(properties, ({ mass }) => mass * scale),
    center: Float64Array.from(properties.flatMap(({ center }) => center)),
    inertia: Float64Array.from(properties.flatMap(({ inertia }) => inertia.map((i) => i * scale))),
  };
}

function strangersOf({ start, dofs }: TreePaths, dofParent: Int32Array): Int32Array {
  const entries: number[] = [];
  dofParent.forEach((_, i) => {
    const path = new Set<number>();
    for (let j = i; j >= 0; j = dofParent[j]!) path.add(j);
    for (let k = start[i]!; k < start[i + 1]!; k++) if (!path.has(dofs[k]!)) entries.push(k);
  });
  return Int32Array.from(entries);
}

function movedBodies(bodyLastDof: Int32Array, dofParent: Int32Array): Uint8Array {
  const nv = dofParent.length;
  const moves = new Uint8Array(bodyLastDof.length * nv);
  bodyLastDof.forEach((last, b) => {
    for (let i = last; i >= 0; i = dofParent[i]!) moves[b * nv + i] = 1;
  });
  return moves;
}

interface Dof {
  body: number;
  parent: number;
  rotates: boolean;
  qpos: number;
  ball: number;
  axis: Vec3;
  anchor: Vec3;
  stiffness: number;
  springReference: number;
  damping: number;
  armature: number;
}

function compileJoints(robot: Robot, bodyParent: Int32Array) {
  const count = bodyParent.length;
  const bodyFirstDof = new Int32Array(count + 1);
  const bodyLastDof = new Int32Array(count).fill(-1);
  const bodyIsFree = new Uint8Array(count);
  const dofs: Dof[] = [];
  const dofJoint: string[] = [];
  const qpos0: number[] = [];
  const coordinates: Coordinate[] = [];
  robot.bodies.forEach((body, index) => {
    const b = index + 1;
    bodyFirstDof[b] = dofs.length;
    let last = bodyLastDof[bodyParent[b]!]!;
    for (const joint of body.joints) {
      const qposAddress = qpos0.length;
      coordinates.push({
        joint: joint.name,
        kind: joint.kind === "free" || joint.kind === "ball" ? joint.kind : "axial",
        qposAddress,
        dof: dofs.length,
      });
      if (joint.kind === "free") {
        bodyIsFree[b] = 1;
        qpos0.push(...body.position, ...(joint.orientation ?? [1, 0, 0, 0]));
      } else if (joint.kind === "ball") {
        qpos0.push(1, 0, 0, 0);
      } else {
        qpos0.push(joint.reference);
      }
      for (const dof of jointDofs(joint, b, qposAddress)) {
        dofs.push({ ...dof, parent: last });
        dofJoint.push(joint.name);
        last = dofs.length - 1;
      }
    }
    bodyLastDof[b] = last;
  });
  bodyFirstDof[count] = dofs.length;
  return {
    nq: qpos0.length,
    nv: dofs.length,
    qpos0: Float64Array.from(qpos0),
    bodyFirstDof,
    bodyLastDof,
    bodyIsFree,
    dofs,
    dofJoint,
    coordinates,
  };
}

function jointDofs(joint: Joint, body: number, qpos: number): Omit<Dof, "parent">[] {
  const { armature, damping } = joint;
  if (joint.kind === "slide" || joint.kind === "hinge") {
    const { anchor, stiffness, springReference = 0 } = joint;
    const rotates = joint.kind === "hinge";
    const axis = unit(joint.axis);
    return [{ body, rotates, qpos, ball: -1, axis, anchor, stiffness, springReference, damping, armature }];
  }
  const idle = { stiffness: 0, springReference: 0, damping, armature };
  if (joint.kind === "ball") {
    const { anchor, axes } = joint;
    return axes.map((axis, k) => ({
      body,
      rotates: true,
      qpos: -1,
      ball: k === 0 ? qpos : -1,
      axis: unit(axis),
      anchor,
      ...idle,
    }));
  }
  const axes: Vec3[] = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  return [false, true].flatMap((rotates) =>
    axes.map((axis, k) => ({
      body,
      rotates,
      qpos: rotates ? -1 : qpos + k,
      ball: -1,
      axis,
      anchor: [0, 0, 0] as Vec3,
      ...idle,
    })),
  );
}

function compileLimits(
  robot: Robot,
  joints: ReturnType<typeof compileJoints>,
  inverseWeight: Float64Array,
): JointLimit[] {
  const axial = robot.bodies.flatMap((body) =>
    body.joints.filter((joint): joint is AxialJoint => joint.kind === "slide" || joint.kind === "hinge"),
  );
  return axial.flatMap((joint) => {
    if (joint.range === undefined) return [];
    const { dof, qposAddress } = joints.coordinates.find((coordinate) => coordinate.joint === joint.name)!;
    const law = constraintLaw(
      joint.limitSoftness,
      robot.timestep,
      joint.limitMargin ?? 0,
      inverseWeight[dof]!,
    );
    return [{ joint: joint.name, qposAddress, dof, low: joint.range[0], high: joint.range[1], law }];
  });
}

function compileBallLimits(
  robot: Robot,
  joints: ReturnType<typeof compileJoints>,
  inverseWeight: Float64Array,
): BallLimit[] {
  const balls = robot.bodies.flatMap((body) =>
    body.joints.filter((joint): joint is BallJoint => joint.kind === "ball"),
  );
  return balls.flatMap(({ name, limit }) => {
    if (limit === undefined) return [];
    const { dof, qposAddress } = joints.coordinates.find(({ joint }) => joint === name)!;
    const law = constraintLaw(limit.softness, robot.timestep, limit.margin, inverseWeight[dof]!);
    return [{ joint: name, qposAddress, dof, angle: limit.angle, law }];
  });
}

function modelShape(shape: Shape, body: number): ModelShape | ModelBox {
  const [cx, cy, cz] = shape.center;
  if (shape.kind === "box") {
    const { name, kind, axes, halfSizes } = shape;
    return { name, kind, body, part: body, cx, cy, cz, axes, halfSizes };
  }
  const [ux, uy, uz] = shape.kind === "capsule" ? unit(shape.axis) : ([0, 0, 1] as const);
  const halfLength = shape.kind === "capsule" ? shape.halfLength : 0;
  return {
    name: shape.name,
    kind: shape.kind,
    body,
    part: body,
    cx,
    cy,
    cz,
    ux,
    uy,
    uz,
    halfLength,
    radius: shape.radius,
  };
}
