import { type Drawing, decimals, film, filmStyles, isPlane, taskInWords } from "@sgmrl/envs";
import { environmentOf } from "../meta-gradient/parts.ts";
import type { Unit } from "../meta-gradient/unit.ts";
import { heldOutKeys } from "../training/keys.ts";
import { adaptationDrawings } from "../training/motions.ts";
import { escapeXml, type Figure, type FigureBody } from "./figure.ts";
import type { TrajectorySettings } from "./trajectories.ts";

/** Held-out tasks among which those to be drawn are chosen, for how they differ. */
const candidates = 8;

/** Pictures in a strip, whose captions fit side by side; fewer on a page of many. */
const manyFrames = 4;
const fewFrames = 2;

export interface FilmSettings extends Omit<TrajectorySettings, "trajectories"> {
  /** Whether fewer pictures are drawn. */
  readonly isShort?: boolean;
}

/** A task that is drawn: in words, the mean return before and after adaptation, and a trajectory of each. */
interface Row {
  readonly task: string;
  readonly strips: readonly { readonly title: string; readonly drawing: Drawing }[];
}

/** Film strips of held-out tasks before and after K steps; undefined unless the environment draws itself, as robots do. */
export function filmFigure(
  unit: Unit,
  theta: Float64Array,
  { experiment, seed, steps, tasks = 2, isShort = false }: FilmSettings,
): Figure | undefined {
  const environment = environmentOf(experiment);
  const { picture } = environment;
  if (picture === undefined || isPlane(picture)) return undefined;
  const known = new Map(
    heldOutKeys(seed, candidates).map((keys) => [
      taskInWords(environment, environment.family.sample(keys.task)),
      keys,
    ]),
  );
  const rows = [...known].slice(0, tasks).map(([task, keys]): Row => {
    const { returns } = unit.evaluate(theta, keys.task, keys.noise, steps);
    const drawings = adaptationDrawings(experiment, theta, keys, steps);
    const shown = steps === 0 ? [returns[0]!] : [returns[0]!, returns[steps]!];
    return {
      task,
      strips: drawings.map((drawing, k) => ({
        title: `${drawing.title}: mean return ${decimals(shown[k]!, 1)}`,
        drawing,
      })),
    };
  });
  return {
    name: "films",
    title: "Held-out tasks, before and after adaptation",
    caption:
      "One trajectory of each, evenly spaced in time; the return is the mean over all of its trajectories.",
    legend: [],
    plot: (width) => drawRows(rows, width, isShort ? fewFrames : manyFrames),
  };
}

/** All strips to one scale. */
function drawRows(rows: readonly Row[], width: number, frames: number): FigureBody {
  const all = rows.flatMap(({ strips }) => strips.map(({ drawing }) => drawing));
  const lines: string[] = [`<style>${filmStyles}.film text{font-size:10px}</style>`];
  let height = 0;
  const text = (words: string, rest: string) => {
    height += 18;
    lines.push(`<text x="0" y="${height}"${rest}>${escapeXml(words)}</text>`);
  };
  for (const { task, strips } of rows) {
    if (task !== "") text(task, ' font-weight="600"');
    for (const { title, drawing } of strips) {
      text(title, "");
      const strip = film(drawing, { frames, width, beside: all });
      lines.push(`<g class="film" transform="translate(0,${height + 6})">${strip.svg}</g>`);
      height += 6 + strip.height;
    }
    height += 8;
  }
  return { svg: lines.join("\n"), height };
}
