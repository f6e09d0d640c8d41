import { contactForce } from "../dynamics/contact-forces.ts";
import { forward } from "../dynamics/forward.ts";
import { kinematics } from "../dynamics/kinematics.ts";
import { workspaceOf } from "../dynamics/workspace.ts";
import type { Model } from "../model/model.ts";

/** One moment of a motion. Contact forces are shown where velocities and control are given. */
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
}

/** A stroke from (x1, y1) to (x2, y2) in metres, y up. A sphere is a stroke of no length. */
export interface Stroke {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** Half the stroke's width [m]. */
  readonly radius: number;
}

/** A contact force as an arrow from its point [m, N]. */
export interface ForceArrow {
  readonly x: number;
  readonly y: number;
  readonly fx: number;
  readonly fy: number;
}

/** A moment in the drawing plane. */
export interface DrawnMoment {
  /** Farther shapes first. */
  readonly strokes: readonly Stroke[];
  readonly forces: readonly ForceArrow[];
  /** Where the camera looks: the first body [m]. */
  readonly focus: readonly [number, number];
  /** Its x in the world [m]. */
  readonly x: number;
  /** The ground's near and far edge [m]; the same in a side view, absent in a view from above. */
  readonly ground: readonly [near: number, far: number] | undefined;
}

/** A motion in the drawing plane. */
export interface DrawnMotion {
  readonly title: string;
  readonly dt: number;
  readonly moments: readonly DrawnMoment[];
}

/** (x, y, z) → the drawing plane and the depth behind it. */
type View = (x: number, y: number, z: number) => [across: number, up: number, depth: number];

/** How far the ground is drawn in front of and behind the robot [m]. */
const groundDepth = 1;

/** Planar robots are seen along their plane's normal, others in cabinet projection, depth drawn at a third. */
function viewOf(model: Model): View {
  if (model.plane?.n === 2) return (x, y, z) => [x, y, -z];
  if (model.plane !== undefined) return (x, y, z) => [x, z, y];
  const depth = 1 / 3;
  return (x, y, z) => [x + depth * Math.SQRT1_2 * y, z + depth * Math.SQRT1_2 * y, y];
}

/** The shapes of a motion, placed and projected. */
export function drawMotion({ title, model, moments, dt }: Motion): DrawnMotion {
  const view = viewOf(model);
  return { title, dt, moments: moments.map((moment) => drawMoment(model, view, moment)) };
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
    x,
    ground: model.plane?.n === 2 ? undefined : [edge(-groundDepth), edge(groundDepth)],
  };
}

/** The smallest box that holds every stroke of the moments, with the camera's focus at x = 0 [m]. */
export function extent(moments: readonly DrawnMoment[]): {
  left: number;
  right: number;
  bottom: number;
  top: number;
} {
  const box = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity };
  for (const { strokes, focus, ground } of moments) {
    box.bottom = Math.min(box.bottom, ground?.[0] ?? box.bottom);
    for (const { x1, y1, x2, y2, radius } of strokes) {
      box.left = Math.min(box.left, Math.min(x1, x2) - radius - focus[0]);
      box.right = Math.max(box.right, Math.max(x1, x2) + radius - focus[0]);
      box.bottom = Math.min(box.bottom, Math.min(y1, y2) - radius);
      box.top = Math.max(box.top, Math.max(y1, y2) + radius);
    }
  }
  return box;
}
