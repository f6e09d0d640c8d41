import { hypot } from "@sgmrl/autodiff/elementary";
import { decimals } from "../../render/decimals.ts";
import type { Drawing, DrawnMoment, ForceArrow, GoalMark, Stroke } from "../../render/drawing.ts";
import { contactForce } from "../dynamics/contact-forces.ts";
import { forward } from "../dynamics/forward.ts";
import { kinematics } from "../dynamics/kinematics.ts";
import { workspaceOf } from "../dynamics/workspace.ts";
import type { Model } from "../model/model.ts";
import type { Vec3 } from "../model/robot.ts";

/** One moment of a motion. Contact forces are drawn if velocities and control are given. */
export interface Moment {
  readonly qpos: Float64Array;
  readonly qvel?: Float64Array;
  readonly control?: Float64Array;
}

/** A motion to be drawn. */
export interface Motion {
  readonly title: string;
  readonly model: Model;
  readonly moments: readonly Moment[];
  /** Time between moments [s]. */
  readonly dt: number;
  /** The task's goals. */
  readonly goals?: readonly MotionGoal[];
}

/** A place on the floor [m], a speed along x [m/s], or a direction along the floor. */
export type MotionGoal =
  | { readonly place: readonly [x: number, y: number] }
  | { readonly velocity: number }
  | { readonly heading: readonly [x: number, y: number] };

/** (x, y, z) → coordinates in the drawing plane, and depth behind it. */
type View = (x: number, y: number, z: number) => [across: number, up: number, depth: number];

/** How far the ground is drawn in front of and behind the robot [m]. */
const groundDepth = 1;

/** How far a slope is drawn to either side of the robot [m]. */
const slopeLength = 2;

/** Planar robots are viewed along their plane's normal, others in cabinet projection, depth at a third. */
function viewOf(model: Model): View {
  const normal = normalOfMotion(model);
  if (normal === 2) return (x, y, z) => [x, y, -z];
  if (normal === 1) return (x, y, z) => [x, z, y];
  const depth = 1 / 3;
  return (x, y, z) => [x + depth * Math.SQRT1_2 * y, z + depth * Math.SQRT1_2 * y, y];
}

/**
 * The axis, y or z, across which nothing moves, if there is one: hinges are along it and slides at right angles to it.
 * Unlike `model.plane`, it is there for shapes of any kind.
 */
function normalOfMotion({ quaternions, dofAxis, dofRotates }: Model): 1 | 2 | undefined {
  if (quaternions.length > 0) return undefined;
  const keeps = (normal: number) =>
    dofAxis.every((part, i) => (i % 3 === normal) === (dofRotates[Math.floor(i / 3)] === 1) || part === 0);
  return ([1, 2] as const).find(keeps);
}

/** The shapes of a motion, placed and projected. */
export function drawMotion({ title, model, moments, dt, goals = [] }: Motion): Drawing {
  const view = viewOf(model);
  const places = goals.flatMap((goal) => ("place" in goal ? [goal.place[1]] : []));
  return {
    title,
    dt,
    isTimed: true,
    moments: moments.map((moment) => drawMoment(model, view, moment, places)),
    goals: goals.map((goal) => drawGoal(view, model, moments[0]?.qpos[0] ?? 0, goal)),
    leavesTrail: false,
  };
}

function drawGoal(
  view: View,
  { floorHeight, floorNormal }: Model,
  start: number,
  goal: MotionGoal,
): GoalMark {
  if ("velocity" in goal) return { kind: "pace", x: start, v: goal.velocity };
  if ("heading" in goal) {
    const [x, y] = view(...goal.heading, 0);
    return { kind: "heading", x, y };
  }
  const [nx, ny, nz] = floorNormal;
  const floor = (floorHeight - nx * goal.place[0] - ny * goal.place[1]) / nz;
  const [x, y] = view(...goal.place, Number.isFinite(floor) ? floor : 0);
  return { kind: "goal", x, y };
}

/** The floor reaches as far as `places`, y of the goals that lie on it. */
function drawMoment(
  model: Model,
  view: View,
  { qpos, qvel, control }: Moment,
  places: readonly number[],
): DrawnMoment {
  const ws = workspaceOf(model);
  const forces: ForceArrow[] = [];
  if (qvel !== undefined && control !== undefined) {
    forward(model, ws, qpos, qvel, control, new Float64Array(model.nv));
    for (const contact of ws.contacts.slice(0, ws.contactCount)) {
      const [px, py, pz] = contact.position as unknown as [number, number, number]; // a point of space
      const [fx, fy, fz] = contactForce(model, ws, contact) as unknown as [number, number, number];
      const [x, y] = view(px, py, pz);
      const [ax, ay] = view(fx, fy, fz);
      forces.push({ x, y, fx: ax, fy: ay });
    }
  }
  kinematics(model, ws, qpos);
  const placed = model.shapes.flatMap((shape) =>
    rods(shape).map(({ ends, radius }) => {
      const at = ([lx, ly, lz]: Vec3) => {
        const { body } = shape;
        const row = (k: number) =>
          ws.position[3 * body + k]! +
          ws.rotation[9 * body + 3 * k]! * lx +
          ws.rotation[9 * body + 3 * k + 1]! * ly +
          ws.rotation[9 * body + 3 * k + 2]! * lz;
        return view(row(0), row(1), row(2));
      };
      const [x1, y1, depth1] = at(ends[0]);
      const [x2, y2, depth2] = at(ends[1]);
      return { stroke: { x1, y1, x2, y2, radius }, depth: depth1 + depth2 };
    }),
  );
  const [x, y, z] = ws.position.subarray(3, 6) as unknown as [number, number, number]; // the first body's origin
  const isLevel = model.floorNormal[2] === 1;
  if (!isLevel) placed.push({ stroke: slope(model, view, [x, y, z]), depth: Number.POSITIVE_INFINITY });
  const [focusX, focusY] = view(x, y, z);
  const edge = (depth: number) => view(x, depth, model.floorHeight)[1];
  return {
    strokes: placed.toSorted((a, b) => b.depth - a.depth).map(({ stroke }) => stroke),
    forces,
    focus: [focusX, focusY],
    caption: `x = ${decimals(x, 2)} m`,
    ground:
      normalOfMotion(model) === 2 || !isLevel
        ? undefined
        : [edge(Math.min(y - groundDepth, ...places)), edge(Math.max(y + groundDepth, ...places))],
  };
}

/** A shape as strokes, in its body's frame: a box by its twelve edges. */
function rods(shape: Model["shapes"][number]): { ends: readonly [Vec3, Vec3]; radius: number }[] {
  const { cx, cy, cz } = shape;
  if (shape.kind !== "box") {
    const { ux, uy, uz, halfLength, radius } = shape;
    const end = (s: number): Vec3 => [cx + s * ux, cy + s * uy, cz + s * uz];
    return [{ ends: [end(halfLength), end(-halfLength)], radius }];
  }
  const { axes, halfSizes } = shape;
  const corner = (signs: readonly number[]): Vec3 => {
    const [x, y, z] = axes.map((row) =>
      row.reduce((sum, part, k) => sum + part * signs[k]! * halfSizes[k]!, 0),
    ) as [number, number, number];
    return [cx + x, cy + y, cz + z];
  };
  const radius = Math.min(...halfSizes) / 20;
  return [0, 1, 2].flatMap((along) =>
    [-1, 1].flatMap((s) =>
      [-1, 1].map((t) => {
        const end = (sign: number) => corner([s, t].toSpliced(along, 0, sign));
        return { ends: [end(-1), end(1)] as const, radius };
      }),
    ),
  );
}

/** A tilted floor below a point, as a line across the picture. */
function slope(model: Model, view: View, point: Vec3): Stroke {
  const { floorHeight, floorNormal: n } = model;
  const rise = n[0] * point[0] + n[1] * point[1] + n[2] * point[2] - floorHeight;
  // Across the line of sight, which is z from above and else y.
  const across: Vec3 = normalOfMotion(model) === 2 ? [n[1], -n[0], 0] : [-n[2], 0, n[0]];
  const length = hypot(...across) || 1;
  const end = (s: number) => {
    const [x, y, z] = point.map((p, k) => p - rise * n[k]! + (s * across[k]!) / length) as [
      number,
      number,
      number,
    ];
    return view(x, y, z);
  };
  const [[x1, y1], [x2, y2]] = [end(-slopeLength), end(slopeLength)];
  return { x1, y1, x2, y2, radius: 0.005 };
}
