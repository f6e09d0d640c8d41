/**
 * The interactive chart. Runs in the page: script.ts joins the text of these functions and those of the other
 * files in this folder into one script, so they may call each other by name, and use only uPlot and the
 * browser besides.
 */
import type { Curve, ExplorerData, Facet } from "../data.ts";
import type { Drawn } from "./chart.ts";
import type { Choices } from "./choices.ts";

declare const draw: typeof import("./chart.ts").draw;
declare const element: typeof import("./chart.ts").element;
declare const extent: typeof import("./chart.ts").extent;
declare const pointsOf: typeof import("./chart.ts").pointsOf;
declare const tableOf: typeof import("./chart.ts").tableOf;
declare const sizeOf: typeof import("./chart.ts").sizeOf;
declare const readChoices: typeof import("./choices.ts").readChoices;
declare const writeChoices: typeof import("./choices.ts").writeChoices;

/** A chart that is on the page. */
export interface Explorer {
  /** Draws newer data; keeps zoom, switches and the reader's other choices. */
  show(data: ExplorerData): void;
}

/** Starts the explorer in a page that contains the data; undefined if it contains none. */
export function startExplorer(): Explorer | undefined {
  const place = document.getElementById("explorer");
  const text = document.getElementById("explorer-data")?.textContent;
  if (place === null || !text) return undefined;
  document.getElementById("explore")?.removeAttribute("hidden");
  return explore(place, JSON.parse(text));
}

/** Builds controls and charts in an element, from the choices in the address. */
export function explore(place: HTMLElement, given: ExplorerData): Explorer {
  let data = given;
  let drawn: readonly Drawn[] = [];
  const controls = element("form", "controls");
  const charts = element("div", "charts");
  const note = element("p", "note");
  note.setAttribute("role", "status");
  const hint = element("p", "hint");
  hint.textContent =
    "Drag to zoom, double-click to reset. With the keyboard, on a focused chart: ← → read values, + − zoom, 0 resets.";
  place.replaceChildren(controls, charts, note, hint);
  let choices = chosen();

  function chosen(): Choices {
    const ids = data.measures.map(({ id }) => id);
    return readChoices(location.hash, usualChoices(data), ids, curvesOf(data).length);
  }
  function choose(changes: Partial<Choices>): void {
    choices = { ...choices, ...changes };
    // Some browsers do not let a page opened from a file change its address.
    try {
      history.replaceState(
        null,
        "",
        writeChoices(choices, usualChoices(data)) || location.pathname + location.search,
      );
    } catch {}
  }
  function redraw(): void {
    for (const { chart } of drawn) chart.destroy();
    charts.replaceChildren();
    let first = 0;
    drawn = data.facets.map((facet) => {
      const one = draw(charts, facet, first, data, choices, { choose, zoomed, toggled });
      first += facet.curves.length;
      return one;
    });
    note.textContent = noteOn(data, choices);
  }
  /** Zooming one chart zooms all to the same range; without zoom each shows its whole range. */
  function zoomed(zoom: Choices["zoom"]): void {
    if (String(zoom) === String(choices.zoom)) return;
    choose({ zoom });
    for (const { chart } of drawn) {
      const [low, high] = zoom ?? extent(chart.data[0]);
      chart.setScale("x", { min: low, max: high });
    }
  }
  function toggled(curve: number): void {
    const hidden = choices.hidden.includes(curve)
      ? choices.hidden.filter((other) => other !== curve)
      : [...choices.hidden, curve];
    choose({ hidden });
    for (const { chart, facet, first } of drawn)
      facet.curves.forEach((_, i) => {
        for (const series of [1, 2, 3])
          chart.setSeries(3 * i + series, { show: !hidden.includes(first + i) });
      });
  }
  function control(changes: Partial<Choices>): void {
    choose(changes);
    redraw();
  }
  function rebuild(): void {
    buildControls(controls, data, choices, control);
    redraw();
  }

  rebuild();
  addEventListener("hashchange", () => {
    choices = chosen();
    rebuild();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  new ResizeObserver(() => {
    for (const { chart } of drawn) {
      const size = sizeOf(charts);
      if (size.width !== chart.width && size.width > 0) chart.setSize(size);
    }
  }).observe(charts);
  return {
    show(next) {
      const before = drawingOf(data);
      data = next;
      choices = chosen();
      const now = drawingOf(data);
      if (now.controls !== before.controls) rebuild();
      else if (now.curves !== before.curves) redraw();
      else {
        // The charts themselves stay, with the keyboard's focus.
        drawn.forEach(({ chart }, i) => {
          chart.setData(tableOf(data.facets[i]!, choices), choices.zoom === null);
          if (choices.zoom !== null) chart.setScale("x", { min: choices.zoom[0], max: choices.zoom[1] });
        });
        note.textContent = noteOn(data, choices);
      }
    },
  };
}

/** The parts of the data that determine the controls and the curves. */
export function drawingOf(data: ExplorerData): { readonly controls: string; readonly curves: string } {
  const curves = data.facets.map((facet) => [
    facet.environment,
    facet.curves.map(({ label, color }) => [label, color]),
  ]);
  return { controls: JSON.stringify([data.measures, usualChoices(data)]), curves: JSON.stringify(curves) };
}

export function curvesOf({ facets }: ExplorerData): readonly Curve[] {
  return facets.flatMap(({ curves }) => curves);
}

/**
 * The return on held-out tasks after the last step that every environment has, or, with too few evaluations for a curve,
 * on training tasks.
 */
export function usualChoices(data: ExplorerData): Choices {
  const evaluations = Math.max(0, ...curvesOf(data).map(({ heldOut }) => heldOut.x.iteration.length));
  const ids = (of: "heldOut" | "training") =>
    data.measures.filter((measure) => measure.of === of).map(({ id }) => id);
  const after = ids("training").find((id) => id === "postReturn");
  const shared = ids("heldOut").findLast((id) => data.facets.every((facet) => isRecorded(facet, id)));
  const y = (evaluations > 2 ? shared : after) ?? data.measures[0]?.id ?? "";
  return { y, x: "iteration", log: false, smoothing: 0, zoom: null, hidden: [] };
}

export function buildControls(
  form: HTMLFormElement,
  { measures }: ExplorerData,
  choices: Choices,
  control: (changes: Partial<Choices>) => void,
): void {
  const labelled = (text: string, input: HTMLElement, after = ""): HTMLLabelElement => {
    const label = element("label");
    label.append(text, input, after);
    return label;
  };
  const y = element("select");
  y.name = "y";
  for (const [of, title] of [
    ["heldOut", "Return on held-out tasks"],
    ["training", "Recorded every iteration"],
  ] as const) {
    const group = element("optgroup");
    group.label = title;
    for (const measure of measures)
      if (measure.of === of)
        group.append(new Option(measure.label, measure.id, false, measure.id === choices.y));
    if (group.childElementCount > 0) y.append(group);
  }
  y.addEventListener("change", () => control({ y: y.value }));
  const x = element("select");
  x.name = "x";
  for (const [value, text] of [
    ["iteration", "iterations"],
    ["steps", "environment steps"],
    ["seconds", "seconds"],
  ] as const)
    x.append(new Option(text, value, false, value === choices.x));
  x.addEventListener("change", () => control({ x: x.value as Choices["x"], zoom: null })); // its options
  const log = element("input");
  log.type = "checkbox";
  log.name = "log";
  log.checked = choices.log;
  log.addEventListener("change", () => control({ log: log.checked }));
  const smoothing = element("input");
  smoothing.type = "range";
  smoothing.name = "smooth";
  smoothing.max = "0.99";
  smoothing.step = "0.01";
  smoothing.value = String(choices.smoothing);
  const weight = element("output", "", smoothing.value);
  smoothing.addEventListener("input", () => {
    weight.textContent = smoothing.value;
    control({ smoothing: Number(smoothing.value) });
  });
  const smooth = labelled("smoothing ", smoothing);
  smooth.append(weight);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.replaceChildren(labelled("y ", y), labelled("x ", x), labelled("", log, " log y"), smooth);
}

export function isRecorded({ curves }: Facet, y: string): boolean {
  return curves.some(({ heldOut, training }) => y in heldOut.y || y in training.y);
}

/** The note that explains what is drawn. */
export function noteOn(data: ExplorerData, { x, y, log, smoothing }: Choices): string {
  const curves = curvesOf(data);
  const isTraining = curves.some((curve) => y in curve.training.y);
  const every = Math.max(...curves.map((curve) => curve.every));
  const everyEvaluation = Math.max(...curves.map((curve) => curve.everyEvaluation));
  const hasSpread = curves.some((curve) => pointsOf(curve, y).y[y]?.low !== undefined);
  const lost = curves
    .flatMap((curve) => pointsOf(curve, y).y[y]?.mean ?? [])
    .filter((v) => v !== null && v <= 0);
  const unknown = curves.some((curve) => pointsOf(curve, y).x[x].includes(null));
  const without = data.facets.filter((facet) => !isRecorded(facet, y)).map(({ environment }) => environment);
  return [
    without.length > 0 ? `Not recorded: ${without.join(", ")}.` : "",
    isTraining && every > 1 ? `A point is the mean of up to ${every} iterations.` : "",
    !isTraining && everyEvaluation > 1 ? `At least one in ${everyEvaluation} evaluations is drawn.` : "",
    hasSpread ? (isTraining ? "Bands: lowest to highest seed." : "Bands: 95% confidence intervals.") : "",
    smoothing > 0
      ? `Smoothed exponentially: a value counts ${smoothing} times as much as the one after it.`
      : "",
    log && lost.length > 0
      ? `Values that a logarithmic axis cannot show, as they are not positive: ${lost.length}.`
      : "",
    unknown ? "Points without a recorded value of x are left out." : "",
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}
