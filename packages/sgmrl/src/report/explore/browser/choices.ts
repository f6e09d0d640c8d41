/** What a reader has chosen of a chart, and its text in the address, so that a link holds it. Runs in the page. */
import type { Abscissa } from "../data.ts";

export interface Choices {
  /** The id of a measure. */
  readonly y: string;
  readonly x: Abscissa;
  readonly log: boolean;
  /** Weight of what came before, from 0 (none) to 0.99. */
  readonly smoothing: number;
  readonly zoom: readonly [low: number, high: number] | null;
  /** Which curves are not drawn, counted over all facets. */
  readonly hidden: readonly number[];
}

/** The choices that an address names, each as it is in `usual` where it names none, or none that there is. */
export function readChoices(
  hash: string,
  usual: Choices,
  measures: readonly string[],
  curves: number,
): Choices {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const numbers = (name: string): number[] => (given.get(name) ?? "").split(",").filter(Boolean).map(Number);
  const y = given.get("y") ?? "";
  const x = given.get("x") ?? "";
  const [smoothing = usual.smoothing] = numbers("smooth");
  const [low = Number.NaN, high = Number.NaN] = numbers("zoom");
  return {
    y: measures.includes(y) ? y : usual.y,
    x: x === "iteration" || x === "steps" || x === "seconds" ? x : usual.x,
    log: given.has("log") ? given.get("log") === "1" : usual.log,
    smoothing: smoothing >= 0 && smoothing <= 0.99 ? smoothing : usual.smoothing,
    zoom: Number.isFinite(low) && Number.isFinite(high) && low < high ? [low, high] : usual.zoom,
    hidden: [...new Set(numbers("hidden"))].filter((i) => Number.isInteger(i) && i >= 0 && i < curves),
  };
}

/** The address's hash: only what differs from the usual. */
export function writeChoices({ y, x, log, smoothing, zoom, hidden }: Choices, usual: Choices): string {
  const parts = [
    ...(y === usual.y ? [] : [`y=${encodeURIComponent(y)}`]),
    ...(x === usual.x ? [] : [`x=${x}`]),
    ...(log === usual.log ? [] : [`log=${Number(log)}`]),
    ...(smoothing === usual.smoothing ? [] : [`smooth=${smoothing}`]),
    ...(zoom === null ? [] : [`zoom=${zoom.map((end) => Number(end.toPrecision(6))).join(",")}`]),
    ...(hidden.length === 0 ? [] : [`hidden=${hidden.join(",")}`]),
  ];
  return parts.length === 0 ? "" : `#${parts.join("&")}`;
}
