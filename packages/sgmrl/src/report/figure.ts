/**
 * Renders an Observable Plot specification as an SVG with title, legend and plot, in light and dark colours.
 */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { compactPath, roundedPath } from "./compact-path.ts";

export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly dashed?: boolean | "dotted";
}

export interface Figure {
  /** The file name without its extension. */
  readonly name: string;
  readonly title: string;
  /** One or two sentences that describe the figure. */
  readonly caption: string;
  readonly legend: readonly LegendEntry[];
  /** A plot, or a drawing of one's own in the width given. */
  readonly plot: Plot.PlotOptions | ((width: number) => FigureBody);
  /** Width of the viewBox (default: a column of the report). */
  readonly width?: number;
}

/** SVG elements, and the height that they fill. */
export interface FigureBody {
  readonly svg: string;
  readonly height: number;
}

/** Width of a figure in units of its viewBox: a column of the report. */
export const figureWidth = 440;
const lineHeight = 18;

/**
 * The colour of series i, from a colour-blind-safe palette (Okabe & Ito, 2008), lighter on a dark background.
 */
export function seriesColor(index: number): string {
  return `var(--series-${index % seriesCount})`;
}

const light = ["#0072b2", "#d55e00", "#007a5a", "#a64d82", "#8a6d00", "#4a4a4a"];
const dark = ["#56b4e9", "#ff9248", "#2fc79a", "#e79ac6", "#e6c229", "#bdbdbd"];
export const seriesCount: number = light.length;

const variables = (paper: string, ink: string, faint: string, series: readonly string[]): string =>
  `--paper: ${paper}; --ink: ${ink}; --faint: ${faint}; ${series.map((color, i) => `--series-${i}: ${color};`).join(" ")}`;

/** The CSS custom properties for the colours of figures; the page uses the same. */
export const colorStyles: string = `:root { ${variables("#ffffff", "#1c2024", "#c8ced4", light)} }
@media (prefers-color-scheme: dark) { :root { ${variables("#14171a", "#e6e9ec", "#4a5056", dark)} } }`;

const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** The figure as an SVG element or, if `standalone`, as a separate file. */
export function renderFigure(
  { name, title, legend, plot, width = figureWidth }: Figure,
  standalone = false,
): string {
  const rows = legendRows(legend, width);
  const titles = titleLines(title, width);
  const top = lineHeight * (rows.length + 1) + 6 + titleHeight * (titles.length - 1);
  const shorten = standalone ? roundedPath : compactPath;
  const content =
    typeof plot === "function" ? moved(plot(width), top) : plotted(name, plot, { width, top, shorten });
  const height = top + content.height;
  // A file has its own background, because the page around it may be dark or light whatever its reader
  // prefers.
  const margin = standalone ? 10 : 0;
  const box = [-margin, -margin, width + 2 * margin, height + 2 * margin];
  const [x, y, w, h] = box;
  const ground = standalone
    ? `<style>${colorStyles}</style><rect x="${x}" y="${y}" width="${w}" height="${h}" fill="var(--paper)"/>`
    : "";
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" ` +
    `viewBox="${box.join(" ")}" font-family="system-ui, sans-serif" font-size="12" ` +
    `fill="var(--ink)"><title>${escapeXml(title)}</title>${ground}` +
    titles
      .map(
        (line, i) =>
          `<text x="0" y="${14 + titleHeight * i}" font-size="15" font-weight="600">${escapeXml(line)}</text>`,
      )
      .join("") +
    `${rows.map((row, i) => legendRow(row, i, titleHeight * (titles.length - 1))).join("")}${content.svg}</svg>`
  );
}

function moved({ svg, height }: FigureBody, top: number): FigureBody {
  return { svg: `<g transform="translate(0,${top})">${svg}</g>`, height };
}

function plotted(
  name: string,
  plot: Plot.PlotOptions,
  {
    width,
    top,
    shorten,
  }: { readonly width: number; readonly top: number; readonly shorten: (path: string) => string },
): FigureBody {
  const svg = Plot.plot({
    width,
    marginLeft: 52,
    ...plot,
    document,
    className: `plot-${name}`,
    style: { fontSize: "12px", background: "none", color: "var(--ink)", overflow: "visible" },
  });
  svg.setAttribute("y", String(top));
  for (const path of svg.querySelectorAll("path"))
    path.setAttribute("d", shorten(path.getAttribute("d") ?? ""));
  return { svg: withOwnIds(svg.outerHTML, name), height: Number(svg.getAttribute("height")) };
}

const plotIds = /plot-(clip|marker)-\d+/g;

/** Plot numbers its ids over all figures of the process; a figure's must not depend on what was drawn before it. */
function withOwnIds(svg: string, name: string): string {
  const found = [...new Set(svg.match(plotIds))];
  return svg.replace(plotIds, (id) => `${name}-id-${found.indexOf(id) + 1}`);
}

const titleHeight = 19;

/** A title in as many lines as it takes, all of one size. */
function titleLines(title: string, available: number): string[] {
  const most = Math.floor(available / (0.6 * 15)); // semi-bold letters of size 15 are narrower on average
  const lines: string[] = [];
  for (const word of title.split(" ")) {
    const longer = `${lines.at(-1) ?? ""} ${word}`.trim();
    if (lines.length > 0 && longer.length <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

const characterWidth = 6.6;
const swatchWidth = 26;

/** Puts as many entries in a row as fit. */
function legendRows(
  legend: readonly LegendEntry[],
  available: number,
): (readonly (LegendEntry & { readonly x: number })[])[] {
  const rows: (LegendEntry & { readonly x: number })[][] = [];
  let x = Number.POSITIVE_INFINITY;
  const most = Math.floor((available - swatchWidth - 14) / characterWidth);
  for (const { label, ...style } of legend) {
    const entry = { ...style, label: label.length > most ? `${label.slice(0, most - 1)}…` : label };
    const width = swatchWidth + entry.label.length * characterWidth + 14;
    if (x + width > available) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)!.push({ ...entry, x });
    x += width;
  }
  return rows;
}

function legendRow(
  entries: readonly (LegendEntry & { readonly x: number })[],
  row: number,
  below: number,
): string {
  const y = below + lineHeight * (row + 1) + 12;
  return entries
    .map(
      ({ label, color, dashed, x }) =>
        `<line x1="${x}" x2="${x + 20}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="2.5"` +
        `${dashed ? ` stroke-dasharray="${dashed === "dotted" ? "1.5 3" : "4 3"}"` : ""}/>` +
        `<text x="${x + swatchWidth}" y="${y + 4}">${escapeXml(label)}</text>`,
    )
    .join("");
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
