/** A trajectory of any environment as a drawing. */
import { cos, sin } from "@sgmrl/autodiff/elementary";
import type { Environment } from "./framework/environment.ts";
import type { Mdp } from "./framework/mdp.ts";
import { isLocomotion } from "./locomotion/locomotion.ts";
import type { Drawing, DrawnMoment, GoalMark, Stroke } from "./render/drawing.ts";
import { drawMotion } from "./rigid-body/render/scene.ts";

/** States as `State.values` holds them, s_0 first, and the action taken at each but the last. */
export interface Walk {
  readonly title: string;
  readonly task: unknown;
  readonly states: readonly Float64Array[];
  readonly actions: readonly Float64Array[];
}

/**
 * Draws robots as bodies; a point where the environment has a picture; the states of a finite task on a ring,
 * or the arms of a bandit; for anything else, the numbers of the state as bars.
 */
export function drawTrajectory(environment: Environment, walk: Walk): Drawing {
  if (isLocomotion(environment)) {
    const { title, task, states, actions } = walk;
    return drawMotion(environment.motion(title, task, states, actions));
  }
  if (environment.picture !== undefined) return drawPoint(environment.picture, walk);
  const mdp = environment.mdp?.(walk.task);
  if (mdp === undefined) return drawNumbers(walk);
  return mdp.initial.length === 1 ? drawArms(mdp, walk) : drawRing(mdp, walk);
}

/** Seconds of animation per step, where a step has no physical duration. */
const pace = { point: 0.08, choice: 0.6 };

function still(strokes: readonly Stroke[], focus: readonly [number, number], caption: string): DrawnMoment {
  return { strokes, forces: [], focus, caption, ground: undefined };
}

const dot = (x: number, y: number, radius: number): Stroke => ({ x1: x, y1: y, x2: x, y2: y, radius });
const digits = (x: number): string => x.toFixed(2);

function drawPoint(
  { scene, position: [i, j] }: NonNullable<Environment["picture"]>,
  { title, task, states }: Walk,
): Drawing {
  const { bounds, marks } = scene(task);
  const [[left, right], [bottom, top]] = [bounds.x, bounds.y];
  const size = Math.max(right - left, top - bottom);
  const focus = [(left + right) / 2, (bottom + top) / 2] as const;
  const edge = (x1: number, y1: number, x2: number, y2: number) => ({ x1, y1, x2, y2, radius: 0.001 * size });
  const edges = [
    edge(left, bottom, right, bottom),
    edge(right, bottom, right, top),
    edge(right, top, left, top),
    edge(left, top, left, bottom),
  ];
  return {
    title,
    dt: pace.point,
    isTimed: false,
    moments: states.map((state) => {
      const [x, y] = [state[i]!, state[j]!];
      return still([...edges, dot(x, y, 0.012 * size)], focus, `(${digits(x)}, ${digits(y)})`);
    }),
    goals: marks,
    leavesTrail: true,
  };
}

/** States on a circle, the current one larger. */
function drawRing({ initial, rewards }: Mdp, { title, states, actions }: Walk): Drawing {
  const place = (s: number) => {
    const angle = (2 * Math.PI * s) / initial.length;
    return [sin(angle), cos(angle)] as const;
  };
  const all = initial.map((_, s) => dot(...place(s), 0.05));
  return {
    title,
    dt: pace.choice,
    isTimed: false,
    moments: states.map((state, t) => {
      const s = state[0]!;
      const a = actions[t]?.[0];
      const choice = a === undefined ? "" : `, action ${a}, mean reward ${digits(rewards[s]![a]!)}`;
      return still([...all, dot(...place(s), 0.11)], [0, 0], `state ${s}${choice}`);
    }),
    goals: [],
    leavesTrail: false,
  };
}

/** Arms as bars of their mean reward; a dot on the one that was pulled. */
function drawArms({ rewards }: Mdp, { title, states, actions }: Walk): Drawing {
  const means = rewards[0]!;
  const width = 2 / means.length;
  const across = (k: number) => (k + 0.5) * width - 1;
  const bars = means.map(
    (mean, k): Stroke => ({ x1: across(k), y1: 0, x2: across(k), y2: mean, radius: 0.3 * width }),
  );
  const chosen = actions[0]?.[0];
  return {
    title,
    dt: pace.choice,
    isTimed: false,
    moments: states.map((_, t) => {
      const isPulled = t > 0 && chosen !== undefined;
      const hand = isPulled ? dot(across(chosen), means[chosen]!, 0.2 * width) : dot(0, -0.3, 0.2 * width);
      const caption = isPulled
        ? `arm ${chosen}, pays ${digits(means[chosen]!)} on average`
        : "before the choice";
      return still([...bars, hand], [0, 0.5], caption);
    }),
    goals: [],
    leavesTrail: false,
  };
}

/** The numbers of the state as bars from 0; a scalar goal is marked at the first. */
function drawNumbers({ title, task, states }: Walk): Drawing {
  const shown = Math.min(8, states[0]?.length ?? 0);
  const goal = (task as { readonly goal?: unknown } | null)?.goal; // a task may be anything
  const goals: GoalMark[] = typeof goal === "number" ? [{ kind: "goal", x: 0, y: goal }] : [];
  return {
    title,
    dt: pace.choice,
    isTimed: false,
    moments: states.map((state) => {
      const numbers = [...state.subarray(0, shown)];
      const bars = numbers.map(
        (value, k): Stroke => ({ x1: 0.5 * k, y1: 0, x2: 0.5 * k, y2: value, radius: 0.06 }),
      );
      return still(bars, [0.25 * (shown - 1), 0], numbers.map(digits).join(", "));
    }),
    goals,
    leavesTrail: false,
  };
}
