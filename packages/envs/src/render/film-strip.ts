import { type Drawing, type DrawnMoment, extent } from "./drawing.ts";

/** Options of a film strip. */
export interface FilmStripOptions {
  /** Pictures in the strip. */
  readonly frames?: number;
  /** Width of the whole strip [px]. */
  readonly width?: number;
  /** Other trajectories, to whose scale this one is drawn too. */
  readonly beside?: readonly Drawing[];
}

/** The pictures of a film strip, to stand in an SVG within an element of class `film`, and their height [px]. */
export interface Film {
  readonly svg: string;
  readonly height: number;
}

/**
 * A trajectory as a row of pictures, evenly spaced in time, each centred on the focus and labelled with its time and
 * caption. Returns a complete SVG document.
 */
export function filmStrip(drawn: Drawing, options: FilmStripOptions = {}): string {
  const { width = 1200 } = options;
  const { svg, height } = film(drawn, { ...options, width });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="film" viewBox="0 0 ${n(width)} ${n(height)}" width="${n(width)}" height="${n(height)}" role="img">`,
    `<title>${escapeText(drawn.title)}</title>`,
    `<style>${filmStyles}</style>`,
    `<rect class="paper" width="100%" height="100%"/>`,
    svg,
    "</svg>",
  ].join("\n");
}

/** The same without a document around it; `filmStyles` colours it. */
export function film(drawn: Drawing, { frames = 8, width = 1200, beside = [] }: FilmStripOptions = {}): Film {
  const count = Math.min(frames, drawn.moments.length);
  const chosen = Array.from({ length: count }, (_, k) =>
    count === 1 ? 0 : Math.round((k * (drawn.moments.length - 1)) / (count - 1)),
  );
  const moments = chosen.map((index) => drawn.moments[index]!);
  const box = extent([...moments, ...beside.flatMap((other) => other.moments)]);
  const bottom = box.bottom - 0.12;
  const top = box.top + 0.1;
  const half = Math.max(-box.left, box.right) + 0.1;
  const cell = width / count;
  const scale = cell / (2 * half);
  const caption = 34;
  const height = scale * (top - bottom) + caption;

  const pictures = moments.map((moment, k) => {
    const time = drawn.isTimed ? `${(chosen[k]! * drawn.dt).toFixed(2)} s` : `t = ${chosen[k]!}`;
    const toX = (x: number) => n(scale * (x - moment.focus[0] + half));
    const toY = (y: number) => n(scale * (top - y));
    return [
      `<svg x="${n(k * cell)}" y="0" width="${n(cell)}" height="${n(height)}" overflow="hidden">`,
      floor(moment, toX, toY, half),
      '<g class="limbs">',
      ...moment.strokes.map(
        ({ x1, y1, x2, y2, radius }, s) =>
          `<path d="M${toX(x1)} ${toY(y1)}L${toX(x2)} ${toY(y2)}" stroke="${limbColor(s, moment.strokes.length)}" stroke-width="${n(2 * radius * scale)}"/>`,
      ),
      "</g>",
      ...drawn.goals.flatMap((goal) =>
        goal.kind === "goal"
          ? [`<circle class="goal" cx="${toX(goal.x)}" cy="${toY(goal.y)}" r="5"/>`]
          : goal.kind === "path"
            ? [
                `<polyline class="path" points="${goal.points.map(([x, y]) => `${toX(x)},${toY(y)}`).join(" ")}"/>`,
              ]
            : [],
      ),
      `<text x="${n(cell / 2)}" y="${n(height - 10)}">${time}, ${escapeText(moment.caption)}</text>`,
      "</svg>",
    ].join("\n");
  });
  return { svg: pictures.join("\n"), height };
}

/** Tenths of a pixel. */
const n = (x: number): string => String(Math.round(x * 10) / 10);

/** CSS of what is within an element of class `film`. */
export const filmStyles: string =
  ".film .paper{fill:#fff}.film text{font:12px system-ui,sans-serif;text-anchor:middle;fill:#444}" +
  ".film .goal{fill:none;stroke:#c2410c;stroke-width:2.5}.film .path{fill:none;stroke:#888;stroke-width:1.5}" +
  ".film .limbs{fill:none;stroke-linecap:round}.film .floor{fill:none;stroke:#888}.film .ground{fill:#eee}" +
  "@media(prefers-color-scheme:dark){.film .paper{fill:#16181c}.film text{fill:#bbb}.film .ground{fill:#26292f}}";

/** Half the width [m] of a picture from which ticks would be a grey bar, and in one of astronomical width have no end. */
export const widestTicked = 100;

/** The ground with a tick every half metre, so that progress is visible. */
function floor(
  { focus, ground }: DrawnMoment,
  toX: (x: number) => string,
  toY: (y: number) => string,
  half: number,
): string {
  if (ground === undefined) return "";
  const [near, far] = ground;
  const [left, right] = [toX(focus[0] - half), toX(focus[0] + half)];
  const ticks: string[] = [];
  const first = Math.ceil((focus[0] - half) / 0.5);
  const count = half < widestTicked ? Math.ceil((focus[0] + half) / 0.5) - first : 0;
  for (let k = 0; k < count; k++) {
    const x = 0.5 * (first + k);
    ticks.push(`M${toX(x)} ${toY(near)}V${toY(near - 0.06)}`);
  }
  return [
    `<path class="ground" d="M${left} ${toY(near)}H${right}V${toY(far)}H${left}Z"/>`,
    `<path class="floor" d="M${left} ${toY(near)}H${right}${ticks.join("")}"/>`,
  ].join("\n");
}

/** Colour from the farthest shape (light) to the nearest (dark), distinguishable without colour vision. */
export function limbColor(index: number, count: number): string {
  const lightness = 72 - (32 * index) / Math.max(1, count - 1);
  return `hsl(213, 45%, ${lightness.toFixed(0)}%)`;
}

/** Text escaped for XML and HTML. */
export function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
