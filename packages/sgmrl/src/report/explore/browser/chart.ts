/** A chart of one environment's curves. Runs in the page; see explorer.ts. */
import type UPlot from "uplot";
import type { Column, Curve, ExplorerData, Facet, Points } from "../data.ts";
import type { Choices } from "./choices.ts";

declare const uPlot: typeof UPlot;
declare const smoothed: typeof import("./series.ts").smoothed;
declare const positive: typeof import("./series.ts").positive;
declare const closest: typeof import("./series.ts").closest;
declare const short: typeof import("./series.ts").short;

/** A chart of one facet, with buttons for its curves. */
export interface Drawn {
  readonly chart: UPlot;
  readonly facet: Facet;
  /** Index of its first curve among the curves of all facets. */
  readonly first: number;
}

/** Called when a reader interacts with a chart. */
export interface Handlers {
  choose(changes: Partial<Choices>): void;
  zoomed(zoom: Choices["zoom"]): void;
  toggled(curve: number): void;
}

export function draw(
  charts: HTMLElement,
  facet: Facet,
  first: number,
  data: ExplorerData,
  choices: Choices,
  handlers: Handlers,
): Drawn {
  const figure = element("figure");
  const measure = data.measures.find(({ id }) => id === choices.y);
  const xLabel = { iteration: "iteration", steps: "environment steps so far", seconds: "seconds so far" }[
    choices.x
  ];
  const yLabel = `${measure?.of === "heldOut" ? "return on held-out tasks, " : ""}${measure?.label ?? ""}`;
  if (data.facets.length > 1) figure.append(element("figcaption", "facet", facet.environment));
  figure.append(element("div", "measure", yLabel));
  const box = element("div", "plot");
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `${facet.environment}: ${yLabel}, by ${xLabel}. Arrow keys read values.`);
  const legend = element("div", "curves");
  figure.append(box, legend);
  charts.append(figure);

  const colors = getComputedStyle(document.documentElement);
  const ink = colors.getPropertyValue("--ink");
  const faint = colors.getPropertyValue("--faint");
  const values: HTMLElement[] = [];
  const series: UPlot.Series[] = [{}];
  const bands: UPlot.Band[] = [];
  facet.curves.forEach((curve, i) => {
    const stroke = curve.color < 0 ? faint : colors.getPropertyValue(`--series-${curve.color}`);
    const show = !choices.hidden.includes(first + i);
    series.push({ stroke, width: 2, show, spanGaps: false });
    for (const _ of ["low", "high"]) series.push({ show, width: 0, points: { show: false } });
    if (curve.color >= 0) bands.push({ series: [3 * i + 3, 3 * i + 2], fill: translucent(stroke) });
    const button = element("button");
    button.type = "button";
    button.setAttribute("aria-pressed", String(show));
    const swatch = element("i");
    swatch.style.background = stroke;
    const value = element("output");
    values.push(value);
    button.append(swatch, `${curve.label} `, value);
    button.addEventListener("click", () => {
      handlers.toggled(first + i);
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    });
    legend.append(button);
  });
  const axis = { stroke: ink, grid: { stroke: faint, width: 1 }, ticks: { stroke: faint, width: 1 } };
  const chart = new uPlot(
    {
      ...sizeOf(charts),
      padding: [12, 12, 0, 0],
      legend: { show: false },
      series,
      bands,
      scales: {
        x: { time: false, range: (self, low, high) => rangeOf(self.data[0], low, high) },
        y: { distr: choices.log ? 3 : 1 },
      },
      axes: [
        { ...axis, label: xLabel, labelSize: 22, space: 60, incrs: wholeSteps() },
        {
          ...axis,
          size: (_, texts) => 18 + 7 * Math.max(3, ...(texts ?? []).map((text) => text?.length ?? 0)),
        },
      ],
      cursor: {
        drag: { x: true, y: false },
        dataIdx: (self, k, i) => (k === 0 ? i : closest(self.data[k] ?? [], i)),
      },
      hooks: {
        setScale: [
          (self, scale) => {
            if (scale !== "x" || self.status !== 1) return;
            const { min, max } = self.scales.x ?? {};
            const [low, high] = widened(...extent(self.data[0]));
            const whole = min == null || max == null || (min <= low && max >= high);
            handlers.zoomed(whole ? null : [min, max]);
          },
        ],
        setCursor: [
          (self) => {
            const { idxs, left } = self.cursor;
            values.forEach((value, i) => {
              const at = left !== undefined && left >= 0 ? idxs?.[3 * i + 1] : null;
              const text = [1, 2, 3].map((k) => (at == null ? "" : short(self.data[3 * i + k]?.[at])));
              const range = text[1] === "" ? "" : ` (${text[1]} to ${text[2]})`;
              value.textContent =
                text[0] === "" || at == null ? "" : `${text[0]}${range} at ${short(self.data[0][at])}`;
            });
          },
        ],
      },
    },
    tableOf(facet, choices),
    box,
  );
  if (choices.zoom !== null) chart.setScale("x", { min: choices.zoom[0], max: choices.zoom[1] });
  box.addEventListener("keydown", (event) => {
    if (!press(chart, event.key, handlers.zoomed)) return;
    event.preventDefault();
  });
  return { chart, facet, first };
}

/** The data of a facet: x, then the mean, lower and upper bound of each curve. */
export function tableOf({ curves }: Facet, { x, y, log, smoothing }: Choices): UPlot.AlignedData {
  const tables = curves.map((curve) => {
    const points = pointsOf(curve, y);
    const spread = points.y[y];
    const abscissa = points.x[x];
    const kept = abscissa.flatMap((value, i) => (value === null ? [] : [i]));
    const column = (values: Column | undefined): (number | null)[] => {
      const all = smoothed(values ?? abscissa.map(() => null), smoothing);
      const shown = log ? positive(all) : all;
      return kept.map((i) => shown[i] ?? null);
    };
    return [kept.map((i) => abscissa[i]), column(spread?.mean), column(spread?.low), column(spread?.high)];
  });
  return uPlot.join(tables as unknown as UPlot.AlignedData[]); // null was filtered out of every first column
}

export function pointsOf({ training, heldOut }: Curve, y: string): Points {
  return y in heldOut.y ? heldOut : training;
}

/** Applies a key press to a chart; returns whether the key is used. */
export function press(chart: UPlot, key: string, zoomed: Handlers["zoomed"]): boolean {
  const { min = 0, max = 1 } = chart.scales.x as { readonly min?: number; readonly max?: number };
  const xs = chart.data[0];
  const { left = -1, idx } = chart.cursor;
  const middle = left >= 0 ? chart.posToVal(left, "x") : (min + max) / 2;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const from = left >= 0 && idx != null ? idx : key === "ArrowRight" ? -1 : xs.length;
    const to = Math.min(xs.length - 1, Math.max(0, from + (key === "ArrowRight" ? 1 : -1)));
    const at = xs[to];
    if (at !== undefined) chart.setCursor({ left: chart.valToPos(at, "x"), top: 10 });
    return true;
  }
  if (key === "0" || key === "Escape") {
    zoomed(null);
    return true;
  }
  const factor = { "+": 0.5, "=": 0.5, "-": 2, "−": 2 }[key];
  if (factor === undefined) return false;
  const [low, high] = extent(xs);
  const ends = [middle + (min - middle) * factor, middle + (max - middle) * factor] as const;
  zoomed(ends[0] <= low && ends[1] >= high ? null : [Math.max(low, ends[0]), Math.min(high, ends[1])]);
  return true;
}

export function sizeOf(charts: HTMLElement): { readonly width: number; readonly height: number } {
  const width = charts.clientWidth;
  return { width, height: Math.round(Math.min(380, Math.max(240, width * 0.45))) };
}

export function extent(xs: ArrayLike<number>): [number, number] {
  return [xs[0] ?? 0, xs[xs.length - 1] ?? 1];
}

/** What is zoomed to; around a single value uPlot would widen the range to 100. */
export function rangeOf(xs: ArrayLike<number>, low: number | null, high: number | null): [number, number] {
  return xs.length === 1 ? widened(...extent(xs)) : widened(low, high);
}

/** Widens an empty range, so that a single value is centred. */
export function widened(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  return low < high ? [low, high] : [low - 0.5, high + 0.5];
}

/** Tick spacings for iterations, steps and seconds: 1, 2, 5, 10, …. */
export function wholeSteps(): number[] {
  return Array.from({ length: 13 }, (_, e) => [1, 2, 5].map((digit) => Number(`${digit}e${e}`))).flat();
}

export function translucent(color: string): string {
  return `${color.trim()}2e`; // they are written as #rrggbb
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  if (text !== "") made.textContent = text;
  return made;
}
