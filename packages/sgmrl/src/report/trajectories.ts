import * as Plot from "@observablehq/plot";
import { assertScene, decimals, isPlane, type Mark } from "@sgmrl/envs";
import type { Evaluation } from "../meta-gradient/evaluation.ts";
import { environmentOf } from "../meta-gradient/parts.ts";
import type { Unit } from "../meta-gradient/unit.ts";
import type { Experiment } from "../settings.ts";
import { heldOutKeys } from "../training/keys.ts";
import { type Figure, figureWidth, seriesColor } from "./figure.ts";

export interface TrajectorySettings {
  readonly experiment: Experiment;
  readonly seed: number;
  /** K. */
  readonly steps: number;
  /** Number of tasks drawn (default: 4), and of trajectories of each (default: 5). */
  readonly tasks?: number;
  readonly trajectories?: number;
}

/** Trajectories on held-out tasks after 0, 1, …, K steps; undefined unless they are paths in the plane. */
export function trajectoryFigure(
  unit: Unit,
  theta: Float64Array,
  { experiment, seed, steps, tasks = 4, trajectories = 5 }: TrajectorySettings,
): Figure | undefined {
  const { name, picture } = environmentOf(experiment);
  if (!isPlane(picture)) return undefined;
  const evaluations = heldOutKeys(seed, tasks).map(({ task, noise }) =>
    unit.evaluate(theta, task, noise, steps, { paths: true }),
  );
  const scenes = evaluations.map(({ task }) => assertScene(name, picture.scene(task)));
  const panels = evaluations.flatMap((evaluation, task) =>
    Array.from({ length: steps + 1 }, (_, k) => ({
      fx: k,
      fy: task,
      marks: scenes[task]!.marks,
      label: decimals(evaluation.returns[k]!, 1),
    })),
  );
  const { bounds } = scenes[0]!;
  const points = evaluations.flatMap((evaluation, task) => pathPoints(evaluation, task, trajectories));
  const marksOf = <K extends Mark["kind"]>(kind: K) =>
    panels.flatMap(({ marks, ...panel }) =>
      marks
        .filter((mark): mark is Extract<Mark, { kind: K }> => mark.kind === kind)
        .map((mark) => ({ ...panel, ...mark })),
    );
  const facet = { fx: "fx", fy: "fy" } as const;
  const at = { x: "x", y: "y", ...facet } as const;
  const [xLow, xHigh] = bounds.x;
  const [yLow, yHigh] = bounds.y;
  // The returns are printed between the rows, clear of the trajectories.
  const textHeight = 16;
  const rowHeight = (((figureWidth - 20) / (steps + 1)) * (yHigh - yLow)) / (xHigh - xLow) + textHeight;
  return {
    name: "trajectories",
    title: "Held-out tasks, before and after adaptation",
    caption:
      `One row per task, ${Math.min(trajectories, evaluations[0]!.paths?.[0]?.length ?? 0)} trajectories per panel; ` +
      "from left to right after 0, 1, … adaptation steps. The circle is the goal; the number is the mean return.",
    legend: [],
    plot: {
      marginLeft: 4,
      marginRight: 4,
      marginTop: 24,
      marginBottom: 4,
      height: rowHeight * tasks + 28,
      fx: { axis: null, padding: 0.05 },
      fy: { axis: null, paddingInner: textHeight / rowHeight, paddingOuter: textHeight / rowHeight / 2 },
      x: { domain: [xLow, xHigh], axis: null },
      y: { domain: [yLow, yHigh], axis: null },
      marks: [
        Plot.axisFx({
          anchor: "top",
          label: null,
          tickFormat: (k: number) => (k === 0 ? "before" : `after ${k}`),
        }),
        Plot.frame({ stroke: "var(--faint)" }),
        Plot.line(
          marksOf("path").flatMap(({ points: corners, ...panel }, z) =>
            corners.map(([x, y]) => ({ ...panel, x, y, z })),
          ),
          { ...at, z: "z", stroke: "var(--faint)", strokeWidth: 1.5, clip: true },
        ),
        Plot.dot(marksOf("other-goal"), { ...at, r: 3, stroke: "var(--faint)" }),
        Plot.line(points, {
          ...at,
          z: "walk",
          stroke: seriesColor(0),
          strokeOpacity: 0.65,
          strokeWidth: 1,
          clip: true,
        }),
        Plot.dot(marksOf("goal"), { ...at, r: 5, stroke: seriesColor(1), strokeWidth: 2.5 }),
        Plot.text(panels, {
          ...facet,
          text: "label",
          frameAnchor: "bottom-right",
          lineAnchor: "top",
          dy: 3,
          fontSize: 10,
          fill: "var(--ink)",
        }),
      ],
    },
  };
}

function pathPoints({ paths = [] }: Evaluation, task: number, most: number) {
  return paths.flatMap((walks, k) =>
    walks
      .slice(0, most)
      .flatMap((walk, j) => walk.map(([x, y]) => ({ fx: k, fy: task, walk: `${task} ${k} ${j}`, x, y }))),
  );
}
