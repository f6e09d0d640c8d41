import * as Plot from "@observablehq/plot";
import type { Figure } from "../../report/figure.ts";
import { renderFigure } from "../../report/figure.ts";
import { type AtlasCell, atlasColumn, cellOpacity, cellText, sizesOfAtlas } from "./atlas-cells.ts";
import { twoState } from "./default-problems.ts";

export interface Atlas {
  readonly cells: readonly AtlasCell[];
  /** An SVG with biases above and variances below. */
  readonly svg: string;
}

/** Bias and variance of every estimator on the two-state MDP, as one of N, ζ and α varies. */
export function atlas(progress: (done: number, total: number) => void = () => {}): Atlas {
  const settings = Object.entries(sizesOfAtlas(0.7)).flatMap(([setting, size]) =>
    size ? [{ setting, size }] : [],
  );
  const cells = settings.flatMap(({ setting, size }, i) => {
    progress(i, settings.length);
    const { stepSize, steps, trajectories } = size;
    return atlasColumn(twoState(stepSize, steps, trajectories), setting);
  });
  progress(settings.length, settings.length);
  return { cells, svg: drawAtlas(cells) };
}

export function drawAtlas(cells: readonly AtlasCell[]): string {
  const bias = renderFigure(heatMap("bias", "Bias, max |E λ₀ − ∇V|; a dot is zero to rounding", cells), true);
  const variance = renderFigure(heatMap("variance", "Variance, trace of the covariance", cells), true);
  return stacked([bias, variance]);
}

const width = 760;

function heatMap(quantity: "bias" | "variance", title: string, cells: readonly AtlasCell[]): Figure {
  const estimators = [...new Set(cells.map(({ estimator }) => estimator))];
  return {
    name: `atlas-${quantity}`,
    title,
    caption: "",
    legend: [],
    width,
    plot: {
      width,
      height: 36 + 21 * estimators.length,
      marginLeft: 170,
      marginTop: 28,
      marginRight: 4,
      marginBottom: 8,
      x: {
        axis: "top",
        label: null,
        tickSize: 0,
        type: "band",
        domain: Object.keys(sizesOfAtlas(0.7)),
        padding: 0.04,
      },
      y: { label: null, tickSize: 0, type: "band", domain: estimators, padding: 0.06 },
      marks: [
        Plot.cell([...cells], {
          x: "setting",
          y: "estimator",
          fill: quantity === "bias" ? "var(--series-1)" : "var(--series-0)",
          fillOpacity: (cell: AtlasCell) => cellOpacity(quantity, cell[quantity]),
        }),
        Plot.text([...cells], {
          x: "setting",
          y: "estimator",
          text: (cell: AtlasCell) => cellText(quantity, cell[quantity]),
          fill: "currentColor",
          fontSize: 10.5,
        }),
      ],
    },
  };
}

const fixed =
  "Two states, two actions, H = 2, γ = 0.9, M = 1. N varies at ζ = 1, ζ at N = 1 (both α = 0.7), α at ζ = 1, N = 2.";

/** Stacks figures, with a note of the fixed settings, into one SVG. The figures define the colours. */
function stacked(figures: readonly string[]): string {
  let [widest, y] = [0, 0];
  const placed = figures.map((svg) => {
    // Every figure has a viewBox: left, top, width, height.
    const [w, h] = /viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"/.exec(svg)!.slice(1).map(Number);
    const at = svg.replace("<svg ", `<svg y="${y}" width="${w}" height="${h}" `);
    widest = Math.max(widest, w!);
    y += h!;
    return at;
  });
  const height = y + 24;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${widest} ${height}" style="max-width: ${widest}px">` +
    `<rect width="${widest}" height="${height}" fill="var(--paper)"/>${placed.join("\n")}` +
    `<text x="10" y="${y + 8}" font-family="system-ui, sans-serif" font-size="12" fill="var(--ink)">${fixed}</text></svg>\n`
  );
}
