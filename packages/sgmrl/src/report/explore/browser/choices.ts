/**
 * A reader's choices for a chart, and their encoding in the URL, so that a link restores them. Runs in the
 * page.
 */
import type { Abscissa } from "../data.ts";

export interface Choices {
  /** The id of a measure. */
  readonly y: string;
  readonly x: Abscissa;
  readonly log: boolean;
  /** Weight of earlier values in the moving average, from 0 (none) to 0.99. */
  readonly smoothing: number;
  readonly zoom: readonly [low: number, high: number] | null;
  /** Indices of the hidden curves, counted over all facets. */
  readonly hidden: readonly number[];
}

/** Reads the choices from a URL's hash; missing or unknown ones are taken from `usual`. */
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

/** The URL's hash: only the choices that differ from the usual. */
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
