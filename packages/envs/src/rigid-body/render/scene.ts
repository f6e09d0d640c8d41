import type { Drawing, DrawnMoment, ForceArrow, GoalMark } from "../../render/drawing.ts";
import { contactForce } from "../dynamics/contact-forces.ts";
import { forward } from "../dynamics/forward.ts";
import { kinematics } from "../dynamics/kinematics.ts";
import { workspaceOf } from "../dynamics/workspace.ts";
import type { Model } from "../model/model.ts";

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

/** Planar robots are viewed along their plane's normal, others in cabinet projection, depth at a third. */
function viewOf(model: Model): View {
  if (model.plane?.n === 2) return (x, y, z) => [x, y, -z];
  if (model.plane !== undefined) return (x, y, z) => [x, z, y];
  const depth = 1 / 3;
  return (x, y, z) => [x + depth * Math.SQRT1_2 * y, z + depth * Math.SQRT1_2 * y, y];
}

/** The shapes of a motion, placed and projected. */
export function drawMotion({ title, model, moments, dt, goals = [] }: Motion): Drawing {
  const view = viewOf(model);
  return {
    title,
    dt,
    isTimed: true,
    moments: moments.map((moment) => drawMoment(model, view, moment)),
    goals: goals.map((goal) => drawGoal(view, model.floorHeight, moments[0]?.qpos[0] ?? 0, goal)),
    leavesTrail: false,
  };
}

function drawGoal(view: View, floor: number, start: number, goal: MotionGoal): GoalMark {
  if ("velocity" in goal) return { kind: "pace", x: start, v: goal.velocity };
  if ("heading" in goal) {
    const [x, y] = view(...goal.heading, 0);
    return { kind: "heading", x, y };
  }
  const [x, y] = view(...goal.place, Number.isFinite(floor) ? floor : 0);
  return { kind: "goal", x, y };
}

function drawMoment(model: Model, view: View, { qpos, qvel, control }: Moment): DrawnMoment {
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
  const placed = model.shapes.map(({ body, cx, cy, cz, ux, uy, uz, halfLength: h, radius }) => {
    const at = (s: number) => {
      const [lx, ly, lz] = [cx + s * ux, cy + s * uy, cz + s * uz];
      const row = (k: number) =>
        ws.position[3 * body + k]! +
        ws.rotation[9 * body + 3 * k]! * lx +
        ws.rotation[9 * body + 3 * k + 1]! * ly +
        ws.rotation[9 * body + 3 * k + 2]! * lz;
      return view(row(0), row(1), row(2));
    };
    const [x1, y1, depth1] = at(h);
    const [x2, y2, depth2] = at(-h);
    return { stroke: { x1, y1, x2, y2, radius }, depth: depth1 + depth2 };
  });
  const [x, y, z] = ws.position.subarray(3, 6) as unknown as [number, number, number]; // the first body's origin
  const [focusX, focusY] = view(x, y, z);
  const edge = (depth: number) => view(x, y + depth, model.floorHeight)[1];
  return {
    strokes: placed.toSorted((a, b) => b.depth - a.depth).map(({ stroke }) => stroke),
    forces,
    focus: [focusX, focusY],
    caption: `x = ${x.toFixed(2)} m`,
    ground: model.plane?.n === 2 ? undefined : [edge(-groundDepth), edge(groundDepth)],
  };
}
