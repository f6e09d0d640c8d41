// A report stays small: any number of runs and iterations in 400 kB, by what the eye does not see.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { compactPath } from "../../src/report/compact-path.ts";
import { renderFigure } from "../../src/report/figure.ts";
import { writeGroupReport } from "../../src/report/report.ts";
import { type Group, type RecordedRun, readRun } from "../../src/report/runs.ts";
import { train } from "../../src/training/train.ts";
import { emptyFolder } from "../support/runs.ts";

const root = emptyFolder();
/** A run of a point, whose paths are drawn, and of a robot of many shapes, whose films are. */
const short = new Map<string, RecordedRun>();

beforeAll(async () => {
  const few = { "--iterations": "1", "--tasks": "2", "--final-tasks": "4", "--evaluate-tasks": "2" };
  for (const environment of ["navigation-2d", "ant-goal"]) {
    const flags = { ...few, "--env": environment, "--horizon": "30", "--inner-trajectories": "5" };
    await train(parseConfig({ flags }), join(root, environment), { workers: 0 });
    short.set(environment, readRun(join(root, environment)));
  }
});

/** A run of as many iterations, whose metrics are those that a real one records, and whose checkpoint is real. */
function long(environment: string, i: number, iterations: number): RecordedRun {
  const recorded = short.get(environment)!;
  const names = Object.keys(recorded.metrics[0]!);
  const value = (n: number, k: number) => (3 + Math.sin(n * (k + 1) + i)) * 10.123456789012345;
  const line = (n: number) =>
    Object.fromEntries(names.map((name, k) => [name, name === "iteration" ? n : value(n, k)]));
  return {
    ...recorded,
    config: { ...recorded.config, iterations },
    metrics: Array.from({ length: iterations }, (_, n) => line(n)),
    timings: Array.from({ length: iterations }, (_, n) => ({ iteration: n, wall: value(n, 0), rollout: 1 })),
    evaluations: Array.from({ length: iterations / 10 + 1 }, (_, n) => ({
      iteration: 10 * n,
      tasks: 9,
      returns: [0, 1, 2, 3].map((k) => ({ mean: value(n, k), margin: 1.2345678 })),
    })),
  };
}

it.each([
  ["navigation-2d", 6, 1, 500],
  ["navigation-2d", 20, 1, 2000],
  ["navigation-2d", 1, 20, 2000],
  ["navigation-2d", 7, 3, 2000],
  ["navigation-2d", 60, 3, 500],
  ["ant-goal", 6, 1, 500],
  ["ant-goal", 20, 1, 2000],
  ["ant-goal", 7, 3, 2000],
  ["ant-goal", 60, 3, 500],
])(
  "the page of %s, %i settings × %i seeds × %i iterations, is at most 400 kB",
  async (environment, settings, seeds, iterations) => {
    const groups = Array.from({ length: settings }, (_, i): Group => {
      const runs = Array.from({ length: seeds }, (_, k) => long(environment, i + k, iterations));
      return {
        label: `estimator ${i}, α 0.05, inner N 40, rate 0.01`,
        runs: runs as [RecordedRun, ...RecordedRun[]],
      };
    });
    const folder = join(root, `${environment}-${settings}-${seeds}`);
    mkdirSync(folder);
    await writeGroupReport(groups, join(folder, "page.html"));
    const html = readFileSync(join(folder, "page.html"), "utf8");
    const bytes = Buffer.byteLength(html);
    console.log(`${settings} × ${seeds} × ${iterations}: ${(bytes / 1000).toFixed(0)} kB`);
    expect(bytes).toBeLessThan(400_000);
    const points = settings > 6 ? 40 : settings > 2 ? 80 : 240;
    expect(/At least one in \d+ evaluations is drawn/.test(html)).toBe(iterations / 10 + 1 > points);
    const leftOut = "Curves and commands: the first 20 of 60 settings. Tables: the first 50";
    expect(html.includes(leftOut)).toBe(settings > 50);
  },
);

describe("a compact path", () => {
  const coordinate = fc.double({ min: -900, max: 900, noNaN: true });
  const points = fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 30 });

  /** The points of a path, by the rules of SVG: M is absolute, l relative, and a pair after a pair repeats the command. */
  function pointsOf(path: string): number[][] {
    const found: number[][] = [];
    for (const [, command, numbers] of path.matchAll(/([Ml])([^MlZ]*)/g)) {
      const values = [...numbers!.matchAll(/-?\d*\.?\d+/g)].map(Number);
      for (let i = 0; i < values.length; i += 2) {
        const [x, y] = command === "M" ? [0, 0] : found.at(-1)!;
        found.push([x! + values[i]!, y! + values[i + 1]!]);
      }
    }
    return found;
  }

  it("goes through the same points, to half a tenth, however long it is", () => {
    fc.assert(
      fc.property(fc.array(points, { minLength: 1, maxLength: 3 }), fc.boolean(), (lines, closed) => {
        const path = lines.map((line) => `M${line.join("L")}${closed ? "Z" : ""}`).join("");
        if (/e/.test(path)) return; // Plot writes no exponents
        const compact = compactPath(path);
        const wanted = lines.flat();
        expect(compact.length).toBeLessThanOrEqual(path.length + 2 * wanted.length);
        const got = pointsOf(compact);
        expect(got).toHaveLength(wanted.length);
        for (const [i, [x, y]] of got.entries()) {
          expect(Math.abs(x! - wanted[i]![0])).toBeLessThan(0.0501);
          expect(Math.abs(y! - wanted[i]![1])).toBeLessThan(0.0501);
        }
      }),
    );
  });

  it("is only rounded where it has curves", () => {
    expect(compactPath("M1.26,2A5.55,5.55,0,1,1,3,4")).toBe("M1.3,2A5.6,5.6,0,1,1,3,4");
    expect(compactPath("M10,10L10.5,9.96L9,9.5L9,0")).toBe("M10,10l.5,0-1.5-.5 0-9.5");
  });
});

it("a long title takes a second line, of the same size, and what is below moves down", () => {
  const figure = (title: string) =>
    renderFigure({
      name: "f",
      title,
      caption: "",
      legend: [{ label: "a", color: "red" }],
      plot: { marks: [] },
    });
  const [one, two] = [
    "Short",
    "jackknife-linear, score coefficient auto, task sampling lattice: held-out tasks",
  ].map(figure);
  const sizes = (svg: string) =>
    [...svg.matchAll(/font-size="(\d+)" font-weight="600"/g)].map(([, size]) => size);
  expect(sizes(one!)).toEqual(["15"]);
  expect(sizes(two!)).toEqual(["15", "15"]);
  const height = (svg: string) => Number(/viewBox="0 0 \d+ ([\d.]+)"/.exec(svg)![1]);
  expect(height(two!) - height(one!)).toBe(19);
  const legend = (svg: string) => Number(/<line x1="0"[^>]* y1="([\d.]+)"/.exec(svg)![1]);
  expect(legend(two!) - legend(one!)).toBe(19);
});
