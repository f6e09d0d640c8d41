/** Curves with bands: a panel for each estimator, with the first entrant's curve in all of them. */
import { areaY, lineY, text } from "@observablehq/plot";
import { type Figure, seriesColor } from "../../../report/figure.ts";

export interface BandedCurve {
  readonly entrant: string;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly low: number;
    readonly high: number;
  }[];
}

const columns = 4;

/** What a figure of panels is called, and the labels of its axes. */
export interface Panels extends Pick<Figure, "name" | "title" | "caption"> {
  readonly x: { readonly label: string; readonly ticks?: readonly number[]; readonly tickFormat?: string };
  readonly y: string;
}

/** An entrant is named by its estimator, and by its sampling of tasks unless that is independent: "maml, lattice". */
export function panelsFigure({ x, y, ...named }: Panels, curves: readonly BandedCurve[]): Figure {
  const split = ({ entrant }: BandedCurve): readonly [estimator: string, sampling: string] => {
    const [estimator, sampling = "independent"] = entrant.split(", ");
    return [estimator!, sampling];
  };
  const estimators = [...new Set(curves.map((curve) => split(curve)[0]))];
  const samplings = [...new Set(curves.map((curve) => split(curve)[1]))];
  const place = (estimator: string): { readonly fx: number; readonly fy: number } => {
    const i = estimators.indexOf(estimator);
    return { fx: i % columns, fy: Math.floor(i / columns) };
  };
  const first = curves[0]!;
  const reference = estimators
    .slice(1)
    .flatMap((estimator) => first.points.map((point) => ({ ...point, ...place(estimator) })));
  const at = { x: "x", fx: "fx", fy: "fy" } as const;
  return {
    ...named,
    legend: [
      ...samplings.map((sampling, i) => ({ label: `${sampling} tasks`, color: seriesColor(i) })),
      { label: `${first.entrant}, in every panel`, color: "var(--ink)", dashed: true },
    ],
    width: 820,
    plot: {
      height: 80 + 200 * Math.ceil(estimators.length / columns),
      marginTop: 40,
      marginBottom: 42,
      x: { ticks: 3, ...x },
      y: { label: y, grid: true, ticks: 5 },
      fx: { axis: null },
      fy: { axis: null, padding: 0.16 },
      marks: [
        lineY(reference, { ...at, y: "y", stroke: "var(--ink)", strokeDasharray: "3 3", strokeOpacity: 0.7 }),
        ...curves.flatMap((curve) => {
          const [estimator, sampling] = split(curve);
          const color = seriesColor(samplings.indexOf(sampling));
          const points = curve.points.map((point) => ({ ...point, ...place(estimator) }));
          return [
            areaY(points, { ...at, y1: "low", y2: "high", fill: color, fillOpacity: 0.15 }),
            lineY(points, { ...at, y: "y", stroke: color, strokeWidth: 2 }),
          ];
        }),
        text(estimators, {
          text: (estimator: string) => estimator,
          fx: (estimator: string) => place(estimator).fx,
          fy: (estimator: string) => place(estimator).fy,
          frameAnchor: "top",
          dy: -14,
          fontWeight: "bold",
          fill: "var(--ink)",
        }),
      ],
    },
  };
}
