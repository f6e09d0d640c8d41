import { decimals } from "../render/decimals.ts";
import type { Drawing, DrawnMoment } from "../render/drawing.ts";
import { assertDrawing, assertScene, assertStrokes } from "./check-picture.ts";
import { isPlane, type Picture, type PlanePicture, type Walk } from "./picture.ts";

/**
 * A trajectory as its environment's picture draws it.
 *
 * Errors  `EnvironmentError` for a drawing that cannot be shown, naming the part of it that is wrong
 */
export function drawPicture<Task>(name: string, picture: Picture<Task>, walk: Walk<Task>): Drawing {
  const drawing = isPlane(picture) ? drawPoint(name, picture, walk) : picture.draw(walk);
  assertDrawing(name, drawing, walk.states.length);
  return drawing;
}

/** Seconds of animation per step. */
const pace = 0.08;

function drawPoint<Task>(
  name: string,
  picture: PlanePicture<Task>,
  { title, task, states }: Walk<Task>,
): Drawing {
  const {
    bounds: {
      x: [left, right],
      y: [bottom, top],
    },
    marks,
  } = assertScene(name, picture.scene(task));
  const [i, j] = picture.position;
  const size = Math.max(right - left, top - bottom);
  const edge = (x1: number, y1: number, x2: number, y2: number) => ({ x1, y1, x2, y2, radius: 0.001 * size });
  const frame = [
    edge(left, bottom, right, bottom),
    edge(right, bottom, right, top),
    edge(right, top, left, top),
    edge(left, top, left, bottom),
  ];
  const moment = (state: Float64Array, t: number): DrawnMoment => {
    const [x, y] = [state[i]!, state[j]!];
    const others = picture.strokes?.(state, task) ?? [];
    assertStrokes(name, `picture.strokes(state) at time ${t}`, others);
    return {
      strokes: [...frame, ...others, { x1: x, y1: y, x2: x, y2: y, radius: 0.012 * size }],
      forces: [],
      focus: [(left + right) / 2, (bottom + top) / 2],
      caption: `(${decimals(x, 2)}, ${decimals(y, 2)})`,
      ground: undefined,
    };
  };
  return { title, dt: pace, isTimed: false, moments: states.map(moment), goals: marks, leavesTrail: true };
}
