import { type Drawing, extent, type GoalMark } from "./drawing.ts";
import { escapeText, limbColor } from "./film-strip.ts";
import { player } from "./player.ts";

/** Data for the player in the page, with all lengths rounded to a ten-thousandth. */
export interface PanelData {
  readonly title: string;
  readonly dt: number;
  readonly isTimed: boolean;
  readonly leavesTrail: boolean;
  /** The visible window around the focus: half its width, its bottom and its top; the same for all panels. */
  readonly window: readonly [half: number, bottom: number, top: number];
  readonly radii: readonly number[];
  readonly colors: readonly string[];
  readonly goals: readonly GoalMark[];
  readonly captions: readonly string[];
  /** By moment: focus x, the ground's near and far edge (null from above), then x1 y1 x2 y2 and the index into radii of every stroke, farthest first. */
  readonly frames: readonly (readonly (number | null)[])[];
  /** By moment: x, y, fx, fy of every contact force. */
  readonly forces: readonly (readonly number[])[];
}

/**
 * Trajectories side by side as one self-contained page: play, pause (or the space bar), scrub, change speed;
 * drag to move the camera, scroll to zoom, double-click to reset; contact forces on request. `task` is the
 * task in words. Nothing is fetched: the page works as a local file, without a network.
 */
export function animationPage(title: string, drawn: readonly Drawing[], task: string = ""): string {
  const box = extent(drawn.flatMap(({ moments }) => moments));
  const margin = drawn.some(({ isTimed }) => isTimed) ? 1 : 0.3;
  const shown = [
    Math.max(-box.left, box.right) + 0.3 * margin,
    box.bottom - 0.2 * margin,
    box.top + 0.2 * margin,
  ].map(round);
  const panels = drawn.map((motion) => panelData(motion, shown as [number, number, number]));
  const forces = panels.some((panel) => panel.forces.some((moment) => moment.length > 0));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
<style>
:root { color-scheme: light dark; --ink: #222; --paper: #fff; --line: #888; --force: #c2410c; --goal: #c2410c; }
@media (prefers-color-scheme: dark) { :root { --ink: #ddd; --paper: #16181c; --line: #777; --force: #fb923c; --goal: #fb923c; } }
body { margin: 0; font: 15px system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 1200px; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.15rem; margin: 0 0 .6rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 1rem; }
figure { margin: 0; }
figcaption { display: flex; justify-content: space-between; padding: .2rem 0; font-variant-numeric: tabular-nums; }
p { margin: 0 0 .8rem; }
canvas { cursor: grab; touch-action: none; width: 100%; aspect-ratio: 16 / 9; display: block; border: 1px solid var(--line); border-radius: 4px; }
.controls { display: flex; flex-wrap: wrap; gap: .8rem; align-items: center; margin-top: .8rem; }
.controls input[type=range] { flex: 1 1 12rem; }
button { font: inherit; min-width: 5rem; }
</style>
<main>
<h1>${escapeText(title)}</h1>
${task === "" ? "" : `<p>${escapeText(task)}</p>`}
<div class="panels">
${panels.map(({ title: name }, k) => `<figure><figcaption><span>${escapeText(name)}</span><output id="where${k}"></output></figcaption><canvas id="panel${k}" role="img" aria-label="${escapeText(name)}"></canvas></figure>`).join("\n")}
</div>
<div class="controls">
<button id="play" type="button">Pause</button>
<input id="scrub" type="range" min="0" max="1" step="any" value="0" aria-label="Time">
<output id="time"></output>
<label>Speed <select id="speed"><option>0.25</option><option>0.5</option><option selected>1</option><option>2</option></select></label>
${forces ? '<label><input id="forces" type="checkbox"> Contact forces</label>' : ""}
</div>
</main>
<script type="application/json" id="data">${JSON.stringify(panels).replaceAll("<", "\\u003c")}</script>
<script>${player}</script>
</html>
`;
}

const round = (x: number) => Math.round(x * 1e4) / 1e4;

function panelData(
  { title, dt, isTimed, leavesTrail, moments, goals }: Drawing,
  window: PanelData["window"],
): PanelData {
  const radii = [...new Set(moments.flatMap(({ strokes }) => strokes.map(({ radius }) => radius)))];
  const strokes = moments[0]?.strokes.length ?? 0;
  return {
    title,
    dt,
    isTimed,
    leavesTrail,
    window,
    radii,
    colors: Array.from({ length: strokes }, (_, k) => limbColor(k, strokes)),
    goals,
    captions: moments.map(({ caption }) => caption),
    frames: moments.map(({ focus, ground, strokes: drawn }) => [
      round(focus[0]),
      ...(ground?.map(round) ?? [null, null]),
      ...drawn.flatMap(({ x1, y1, x2, y2, radius }) => [
        ...[x1, y1, x2, y2].map(round),
        radii.indexOf(radius),
      ]),
    ]),
    forces: moments.map(({ forces }) => forces.flatMap(({ x, y, fx, fy }) => [x, y, fx, fy].map(round))),
  };
}
