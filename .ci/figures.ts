/**
 * `pnpm figures [name …]`: draws the figures of docs/results anew, from the numbers committed beside them and, for
 * benchmarks, in benchmarks/results; without a name, all of them. The numbers are computed by
 * `sgmrl study NAME --out docs/results` and `pnpm bench --only NAME --update`, and the atlas's by
 * `pnpm figures --compute audit-atlas`.
 *
 * Figures of single runs (those of half-cheetah.md, "corners-…", "paper-navigation-…") come from reports of runs that are
 * not kept.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type GrowthPoint, growthFigures } from "../benchmarks/src/suites/growth.ts";
import {
  type GrowthOfDerivatives,
  trajectoryGrowthFigure,
} from "../benchmarks/src/suites/trajectory-growth.ts";
import { type Atlas, atlas, drawAtlas } from "../packages/sgmrl/src/experiments/audit/atlas.ts";
import { studies } from "../packages/sgmrl/src/experiments/studies/studies.ts";
import { rounded } from "../packages/sgmrl/src/experiments/studies/study.ts";
import { renderFigure } from "../packages/sgmrl/src/report/figure.ts";

const folder = join(import.meta.dirname, "../docs/results");

const atlasName = "audit-atlas";

/** Benchmarks with figures: from a suite's results to SVG texts by name. */
const benchmarks: Readonly<Record<string, (results: unknown) => Readonly<Record<string, string>>>> = {
  growth: (points) => growthFigures(points as GrowthPoint[]),
  "trajectory-growth": (points) => ({
    "trajectory-growth": trajectoryGrowthFigure(points as GrowthOfDerivatives[]),
  }),
};
const benchmarkResults = join(import.meta.dirname, "../benchmarks/results/results.json");

/** The names of what can be drawn: the atlas, and every study and benchmark with figures whose numbers are committed. */
export const drawable: readonly string[] = [
  atlasName,
  ...Object.keys(benchmarks).map((name) => `benchmark-${name}`),
  ...studies.filter(({ name, draw }) => draw && existsSync(numbersOf(name))).map(({ name }) => name),
];

function numbersOf(name: string): string {
  return join(folder, `${name}.json`);
}

/** Files and their contents, drawn from the committed numbers. */
export function drawn(name: string): ReadonlyMap<string, string> {
  const suite = name.replace(/^benchmark-/, "");
  if (suite !== name) {
    const results = JSON.parse(readFileSync(benchmarkResults, "utf8"))[suite];
    return new Map(
      Object.entries(benchmarks[suite]!(results)).map(([figure, svg]) => [`${figure}.svg`, svg]),
    );
  }
  const numbers: unknown = JSON.parse(readFileSync(numbersOf(name), "utf8"));
  if (name === atlasName) return new Map([[`${name}.svg`, drawAtlas(numbers as Atlas["cells"])]]);
  const { draw } = studies.find((study) => study.name === name)!; // a drawable one
  return new Map(draw!(numbers).map((figure) => [`${figure.name}.svg`, renderFigure(figure, true)]));
}

if (import.meta.main) {
  const asked = process.argv.slice(2).filter((argument) => argument !== "--compute");
  const unknown = asked.filter((name) => !drawable.includes(name));
  if (unknown.length > 0) {
    console.error(`unknown figures: ${unknown.join(", ")}; expected ${drawable.join(", ")}`);
    process.exit(2);
  }
  if (process.argv.includes("--compute")) {
    if (asked.join() !== atlasName) {
      console.error(
        `--compute is for ${atlasName} alone; for the others, sgmrl study NAME --out docs/results`,
      );
      process.exit(2);
    }
    writeFileSync(numbersOf(atlasName), `${JSON.stringify(rounded(atlas().cells), undefined, 1)}\n`);
  }
  for (const name of asked.length === 0 ? drawable : asked)
    for (const [file, svg] of drawn(name)) writeFileSync(join(folder, file), svg);
}
