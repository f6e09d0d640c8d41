/** The best that exact ascent, first-order corrections, E-MAML and MAML reach on two doors, over α, N, w and ζ. */
import { dot, tickX } from "@observablehq/plot";
import { type Figure, seriesColor } from "../../../report/figure.ts";
import { best, type DoorsSetting } from "./attractors.ts";

const mapSettings: readonly DoorsSetting[] = [
  ...[1, 2, 3, 5, 7, 10, 20].map((stepSize) => ({ w: 0.8, trajectories: 4, stepSize })),
  ...[2, 3, 6].map((trajectories) => ({ w: 0.8, trajectories, stepSize: 10 })),
  ...[0.6, 0.7, 0.9].map((w) => ({ w, trajectories: 4, stepSize: 10 })),
  ...[2, 3].map((steps) => ({ w: 0.8, trajectories: 2, stepSize: 10, steps })),
];
const firstOrder = ["jackknife-linear", "lsf", "dice", "loaded-dice", "tmaml", "lvc"] as const;

export interface DoorsCell extends DoorsSetting {
  readonly exact: number;
  readonly firstOrder: number;
  readonly emaml: number;
  readonly maml: number;
}

/** V reached by exact ascent, by the best first-order correction, by E-MAML (mean) and by MAML. */
export function doorsMap(progress: (text: string) => void): readonly DoorsCell[] {
  return mapSettings.map((setting) => {
    const { w, trajectories: N, stepSize, steps = 1 } = setting;
    progress(`map: w = ${w}, N = ${N}, α = ${stepSize}, ζ = ${steps}`);
    return {
      ...setting,
      exact: best("sgmrl", setting).value,
      firstOrder: Math.max(...firstOrder.map((name) => best(name, setting).value)),
      emaml: best("emaml", setting).value,
      maml: best("maml", setting).value,
    };
  });
}

/** What the map varies, one at a time, with the rest as given. */
const varied: readonly {
  readonly symbol: string;
  readonly rest: string;
  readonly of: (cell: DoorsCell) => number;
  readonly has: (cell: DoorsCell) => boolean;
}[] = [
  {
    symbol: "α",
    rest: "w = 0.8, N = 4",
    of: ({ stepSize }) => stepSize,
    has: ({ w, trajectories: N }) => w === 0.8 && N === 4,
  },
  {
    symbol: "N",
    rest: "w = 0.8, α = 10",
    of: ({ trajectories }) => trajectories,
    has: ({ w, stepSize, steps = 1 }) => w === 0.8 && stepSize === 10 && steps === 1,
  },
  {
    symbol: "w",
    rest: "N = 4, α = 10",
    of: ({ w }) => w,
    has: ({ trajectories: N, stepSize }) => N === 4 && stepSize === 10,
  },
  {
    symbol: "ζ",
    rest: "w = 0.8, N = 2, α = 10",
    of: ({ steps = 1 }) => steps,
    has: ({ trajectories: N }) => N === 2,
  },
];

export function doorsMapFigure(cells: readonly DoorsCell[]): Figure {
  const reached = [
    { label: "exact", of: ({ exact }: DoorsCell) => exact },
    { label: "best first-order correction", of: (cell: DoorsCell) => cell.firstOrder },
    { label: "E-MAML (mean)", of: ({ emaml }: DoorsCell) => emaml },
    { label: "MAML", of: ({ maml }: DoorsCell) => maml },
  ];
  const groups = varied.map(({ symbol, rest, of, has }) => ({
    head: `${rest}:`,
    rows: cells
      .filter(has)
      .toSorted((a, b) => of(a) - of(b))
      .map((cell) => ({ cell, setting: `${symbol} = ${of(cell)}` })),
  }));
  const rows = groups.flatMap((group) => group.rows);
  return {
    name: "two-doors-map",
    title: "Two doors: the best V that each exact mean leads to, from any start",
    caption:
      "One setting is varied at a time. The line is w, the value of not adapting; rings in one another are equal values.",
    legend: reached.map(({ label }, i) => ({ label, color: seriesColor(i) })),
    plot: {
      height: 480,
      marginLeft: 150,
      marginBottom: 42,
      x: { label: "V", grid: true, ticks: 5 },
      y: {
        label: null,
        tickSize: 0,
        type: "band",
        domain: groups.flatMap(({ head, rows }) => [head, ...rows.map(({ setting }) => setting)]),
      },
      marks: [
        tickX(rows, { y: "setting", x: ({ cell }) => cell.w, stroke: "var(--ink)" }),
        ...reached.map(({ of }, i) =>
          dot(rows, {
            y: "setting",
            x: ({ cell }) => of(cell),
            r: 2.5 + 1.5 * i,
            stroke: seriesColor(i),
            strokeWidth: 2,
          }),
        ),
      ],
    },
  };
}
