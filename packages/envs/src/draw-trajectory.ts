/** A trajectory of any environment as a drawing. */
import { cos, sin } from "@sgmrl/autodiff/elementary";
import { drawPicture } from "./framework/draw-picture.ts";
import type { Environment } from "./framework/environment.ts";
import { EnvironmentError } from "./framework/errors.ts";
import { assertMdp, type Mdp } from "./framework/mdp.ts";
import type { Walk } from "./framework/picture.ts";
import { decimals } from "./render/decimals.ts";
import type { Drawing, DrawnMoment, Stroke } from "./render/drawing.ts";

/**
 * Draws what the environment's picture draws; without one, the states of a finite task on a ring, or the arms of a
 * bandit; for anything else, the numbers of the state as bars.
 *
 * Errors  `EnvironmentError` for a drawing that cannot be shown, naming the part of it that is wrong, and for a state that
 *         its MDP does not have
 */
export function drawTrajectory(environment: Environment, walk: Walk): Drawing {
  if (environment.picture !== undefined) return drawPicture(environment.name, environment.picture, walk);
  const { name, stateSize, action } = environment;
  // A state of more numbers is not the index of one of the MDP's.
  if (environment.mdp === undefined || stateSize > 1 || action.kind !== "discrete") return drawNumbers(walk);
  const mdp = environment.mdp(walk.task);
  assertMdp(name, mdp, { actions: action.count });
  const count = mdp.initial.length;
  walk.states.forEach(([s], t) => {
    if (!(Number.isInteger(s) && s! >= 0 && s! < count))
      throw new EnvironmentError(name, `the state at time ${t}`, s, `a state of its MDP, 0 to ${count - 1}`);
  });
  return count === 1 ? drawArms(mdp, walk) : drawRing(mdp, walk);
}

/** Seconds of animation per step, where a step has no physical duration. */
const pace = 0.6;

function still(strokes: readonly Stroke[], focus: readonly [number, number], caption: string): DrawnMoment {
  return { strokes, forces: [], focus, caption, ground: undefined };
}

const dot = (x: number, y: number, radius: number): Stroke => ({ x1: x, y1: y, x2: x, y2: y, radius });
const digits = (x: number): string => decimals(x, 2);

/** States on a circle, the current one larger. */
function drawRing({ initial, rewards }: Mdp, { title, states, actions }: Walk): Drawing {
  const place = (s: number) => {
    const angle = (2 * Math.PI * s) / initial.length;
    return [sin(angle), cos(angle)] as const;
  };
  const all = initial.map((_, s) => dot(...place(s), 0.05));
  return {
    title,
    dt: pace,
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
    dt: pace,
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

/** The numbers of the state as bars from 0. */
function drawNumbers({ title, states }: Walk): Drawing {
  const shown = Math.min(8, states[0]?.length ?? 0);
  return {
    title,
    dt: pace,
    isTimed: false,
    moments: states.map((state) => {
      const numbers = [...state.subarray(0, shown)];
      const bars = numbers.map(
        (value, k): Stroke => ({ x1: 0.5 * k, y1: 0, x2: 0.5 * k, y2: value, radius: 0.06 }),
      );
      return still(bars, [0.25 * (shown - 1), 0], numbers.map(digits).join(", "));
    }),
    goals: [],
    leavesTrail: false,
  };
}
