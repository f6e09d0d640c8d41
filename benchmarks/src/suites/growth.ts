/** Question: how does the cost of a gradient and of a Hessian-vector product grow with rows, width and depth? */

import { oursFloat32, oursFloat64 } from "../policy-loss/ours.ts";
import { makeProblem, type Sizes, type Task } from "../policy-loss/problem.ts";
import { tfjsWasm } from "../policy-loss/tfjs.ts";
import { Plot, svgOf } from "../support/figure.ts";
import { measure } from "../support/measure.ts";
import { prepareChecked } from "./policy-gradient.ts";

const base: Sizes = { rows: 2000, inputs: 2, width: 100, depth: 2, actions: 2 };

type Axis = "rows" | "width" | "depth";

const sweeps: Readonly<Record<Axis, readonly number[]>> = {
  rows: [20, 200, 2000, 20000],
  width: [32, 64, 128, 256, 512],
  depth: [1, 2, 3, 4],
};

export interface GrowthPoint {
  readonly axis: Axis;
  readonly size: number;
  readonly task: Task;
  readonly name: string;
  readonly median: number;
}

export async function growth(quick: boolean): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  for (const [axis, values] of Object.entries(sweeps) as [Axis, readonly number[]][]) {
    // the keys above
    for (const size of quick ? values.slice(0, 2) : values) {
      const problem = makeProblem({ ...base, ...(axis === "width" && { rows: 200 }), [axis]: size });
      for (const task of ["gradient", "hvp"] as const) {
        const contenders = [oursFloat32, oursFloat64, ...(task === "gradient" ? [tfjsWasm] : [])];
        const { timed } = await prepareChecked(contenders, problem, task);
        const timings = measure(timed, { rounds: 3, turn: 30, warmUp: 100, warmUpCalls: 10 });
        for (const { name, median } of timings) points.push({ axis, size, task, name, median });
      }
    }
  }
  return points;
}

/** A figure for each axis, "cost-rows" and so on; both scales logarithmic, so that a slope of one is proportional cost. */
export function growthFigures(points: readonly GrowthPoint[]): Record<string, string> {
  return Object.fromEntries(
    Object.keys(sweeps).map((axis) => {
      const own = points
        .filter((point) => point.axis === axis)
        .map((point) => ({ ...point, series: `${point.name}, ${point.task}` }));
      const svg = svgOf({
        width: 640,
        height: 400,
        marginLeft: 60,
        grid: true,
        x: { type: "log", label: axis, ticks: [...new Set(own.map(({ size }) => size))], tickFormat: String },
        y: { type: "log", label: "ms per call" },
        color: { legend: false },
        marks: [
          Plot.line(own, { x: "size", y: "median", stroke: "series" }),
          Plot.dot(own, { x: "size", y: "median", fill: "series" }),
          Plot.text(
            own,
            Plot.selectLast({
              x: "size",
              y: "median",
              z: "series",
              text: "series",
              textAnchor: "end",
              dy: -8,
            }),
          ),
        ],
      });
      return [`cost-${axis}`, svg];
    }),
  );
}
