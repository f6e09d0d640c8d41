/** Refuses pictures and drawings that cannot be shown. */
import type { Drawing, DrawnMoment, ForceArrow, GoalMark, Stroke } from "../render/drawing.ts";
import { EnvironmentError } from "./errors.ts";
import type { Scene } from "./picture.ts";

type Refuse = (field: string, got: unknown, expected: string) => never;

function refusing(name: string): Refuse {
  return (field, got, expected) => {
    throw new EnvironmentError(name, field, got, expected);
  };
}

const areFinite = (values: readonly unknown[]): boolean => values.every(Number.isFinite);

function isList(value: unknown, length: number): value is unknown[] {
  return Array.isArray(value) && value.length === length;
}

/** Refuses a picture without one of `draw` and `scene`, or with both, and positions that no state has. */
export function assertPicture(name: string, picture: unknown, stateSize: number): void {
  if (picture === undefined) return;
  const refuse = refusing(name);
  const { draw, scene, position, strokes } = (picture ?? {}) as Partial<Record<string, unknown>>; // it may be anything
  const [isDrawn, isPlane] = [draw, scene].map((part) => typeof part === "function");
  if ((!isDrawn && draw !== undefined) || (!isPlane && scene !== undefined) || isDrawn === isPlane)
    refuse("picture", picture, "either { scene, position } for a point in the plane or { draw }, functions");
  if (isDrawn) return;
  const isIndex = (i: unknown) => Number.isInteger(i) && (i as number) >= 0 && (i as number) < stateSize;
  if (!isList(position, 2) || !position.every(isIndex))
    refuse("picture.position", position, `two whole numbers from 0 to ${stateSize - 1}, of the state row`);
  if (strokes !== undefined && typeof strokes !== "function")
    refuse("picture.strokes", strokes, "a function of a state and a task");
}

/**
 * The scene, if its bounds are not empty and its marks can be drawn.
 *
 * Errors  `EnvironmentError` with the field, if not
 */
export function assertScene(name: string, scene: Scene): Scene {
  const refuse = refusing(name);
  for (const axis of ["x", "y"] as const) {
    const range: unknown = scene?.bounds?.[axis];
    if (!isList(range, 2) || !areFinite(range) || !((range[0] as number) < (range[1] as number)))
      refuse(`picture.scene(task).bounds.${axis}`, range, "[low, high], finite, low < high");
  }
  assertMarks(name, "picture.scene(task).marks", scene.marks, sceneMarks);
  return scene;
}

/** Refuses strokes with numbers missing, not finite, or a negative radius. */
export function assertStrokes(name: string, field: string, strokes: readonly Stroke[] | undefined): void {
  const refuse = refusing(name);
  if (!Array.isArray(strokes)) refuse(field, strokes, "a list of strokes");
  strokes?.forEach((stroke: Stroke | undefined, k) => {
    const { x1, y1, x2, y2, radius } = stroke ?? ({} as Partial<Stroke>);
    if (!areFinite([x1, y1, x2, y2, radius]) || !(radius! >= 0))
      refuse(`${field}[${k}]`, stroke, "{ x1, y1, x2, y2, radius }, finite numbers, radius at least 0");
  });
}

/** Refuses a drawing that does not have one moment for each state, or has anything in it that is not finite. */
export function assertDrawing(name: string, drawing: Drawing, states: number): void {
  const refuse = refusing(name);
  const at = "the drawing's";
  const { title, dt, moments, goals } = drawing ?? ({} as Partial<Drawing>);
  if (!(Number.isFinite(dt) && dt! > 0)) refuse(`${at} dt`, dt, "a positive number of seconds");
  if (typeof title !== "string") refuse(`${at} title`, title, "a text");
  if (!Array.isArray(moments) || moments.length !== states) {
    refuse(`${at} number of moments`, moments?.length, `${states}, one for each state`);
    return;
  }
  const count = moments[0]?.strokes?.length;
  moments.forEach((moment: DrawnMoment | undefined, t) => {
    const when = `at time ${t}`;
    const { strokes, forces, focus, caption, ground } = moment ?? ({} as Partial<DrawnMoment>);
    assertStrokes(name, `${at} strokes ${when}`, strokes);
    if (strokes?.length !== count)
      refuse(`${at} number of strokes ${when}`, strokes?.length, `${count}, as at time 0`);
    if (!isList(focus, 2) || !areFinite(focus)) refuse(`${at} focus ${when}`, focus, "[x, y], finite");
    if (typeof caption !== "string") refuse(`${at} caption ${when}`, caption, "a string");
    if (ground !== undefined && !(isList(ground, 2) && areFinite(ground)))
      refuse(`${at} ground ${when}`, ground, "[near, far], finite, or undefined");
    if (!Array.isArray(forces) || !forces.every(isForce))
      refuse(`${at} forces ${when}`, forces, "a list of { x, y, fx, fy }, finite numbers");
  });
  assertMarks(name, `${at} goals`, goals, [...sceneMarks, "pace", "heading"]);
}

function isForce(force: ForceArrow | undefined): boolean {
  return areFinite([force?.x, force?.y, force?.fx, force?.fy]);
}

const sceneMarks = ["goal", "other-goal", "circle", "path"] as const;

function assertMarks(
  name: string,
  field: string,
  marks: readonly GoalMark[] | undefined,
  kinds: readonly GoalMark["kind"][],
): void {
  const refuse = refusing(name);
  if (!Array.isArray(marks)) refuse(field, marks, "a list of marks");
  marks!.forEach((mark: GoalMark | undefined, k) => {
    if (!kinds.includes(mark?.kind as GoalMark["kind"]) || !isMark(mark))
      refuse(`${field}[${k}]`, mark, `a ${kinds.join(", ")}, with finite numbers`);
  });
}

function isMark(mark: GoalMark | undefined): boolean {
  switch (mark?.kind) {
    case "goal":
    case "circle":
      return areFinite([mark.x, mark.y, mark.radius ?? (mark.kind === "goal" ? 0 : undefined)]);
    case "other-goal":
    case "heading":
      return areFinite([mark.x, mark.y]);
    case "pace":
      return areFinite([mark.x, mark.v]);
    case "path":
      return Array.isArray(mark.points) && mark.points.every((point) => isList(point, 2) && areFinite(point));
    default:
      return false;
  }
}
