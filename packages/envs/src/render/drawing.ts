/** The drawing of any trajectory: strokes in a plane, at each moment. */

/** A stroke from (x1, y1) to (x2, y2), y up. A sphere or a point is a stroke of no length. */
export interface Stroke {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** Half the stroke's width. */
  readonly radius: number;
}

/** A contact force as an arrow from its point [m, N]. */
export interface ForceArrow {
  readonly x: number;
  readonly y: number;
  readonly fx: number;
  readonly fy: number;
}

/** One moment of a drawing. */
export interface DrawnMoment {
  /** Farthest shapes first. The same number at every moment. */
  readonly strokes: readonly Stroke[];
  readonly forces: readonly ForceArrow[];
  /** Where the camera looks. */
  readonly focus: readonly [number, number];
  /** Shown beside the picture. */
  readonly caption: string;
  /** The ground's near and far edge [m]; the same in a side view, absent in a view from above. */
  readonly ground: readonly [near: number, far: number] | undefined;
}

/** Something in a plane that does not move. */
export type Mark =
  /** A place to reach; `radius` is the tolerance or the reach of the reward, if any. */
  | { readonly kind: "goal"; readonly x: number; readonly y: number; readonly radius?: number }
  /** The goal of another task. */
  | { readonly kind: "other-goal"; readonly x: number; readonly y: number }
  | { readonly kind: "circle"; readonly x: number; readonly y: number; readonly radius: number }
  /** A line through points: a wall, a track. */
  | { readonly kind: "path"; readonly points: readonly (readonly [x: number, y: number])[] };

/** A task's goal, or what surrounds it. */
export type GoalMark =
  | Mark
  /** A place that moves at velocity v along x [1/s]. */
  | { readonly kind: "pace"; readonly x: number; readonly v: number }
  /** A direction, drawn at the focus. */
  | { readonly kind: "heading"; readonly x: number; readonly y: number };

/** A motion to be drawn: its moments, and what does not move. */
export interface Drawing {
  readonly title: string;
  /** Seconds of animation between moments. */
  readonly dt: number;
  /** Whether dt is physical time, rather than animation time only. */
  readonly isTimed: boolean;
  readonly moments: readonly DrawnMoment[];
  readonly goals: readonly GoalMark[];
  /** Whether the path of the last stroke is drawn. */
  readonly leavesTrail: boolean;
}

/** The smallest box that holds every stroke of the moments, with the focus at x = 0. */
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
