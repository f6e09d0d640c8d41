/**
 * `pnpm bench [--quick] [--only suite,...]`: every suite beside its neighbours; tables on the terminal, JSON and SVG under
 * benchmarks/results/.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { unknownName } from "../../packages/sgmrl/src/names.ts";
import { browser } from "./suites/browser.ts";
import { bundleSizes } from "./suites/bundle-size.ts";
import { coldStart } from "./suites/cold-start.ts";
import { distributed } from "./suites/distributed.ts";
import { growth, growthFigures } from "./suites/growth.ts";
import { matmuls } from "./suites/matmul.ts";
import { metaIterations } from "./suites/meta-iteration.ts";
import { policyGradient } from "./suites/policy-gradient.ts";
import { environmentSteps, physicsSteps } from "./suites/rigid-body.ts";
import { rolloutProgram } from "./suites/rollout-program.ts";
import { trajectoryGrowth, trajectoryGrowthFigure } from "./suites/trajectory-growth.ts";
import { workerTimings } from "./suites/workers.ts";
import { describeMachine } from "./support/machine.ts";
import { type Comparison, printComparison, round, writeResults } from "./support/report.ts";

const { values } = argumentsOrExit();
const { quick } = values;
const figures: Record<string, string> = {};

const suites: Readonly<Record<string, () => Promise<unknown>>> = {
  "policy-gradient": async () => {
    const comparisons = await policyGradient(quick);
    comparisons.forEach(printComparison);
    return comparisons;
  },
  matmul: async () => {
    const comparisons = await matmuls(quick);
    comparisons.forEach(printComparison);
    return comparisons;
  },
  "meta-iteration": async () => {
    const comparisons = await metaIterations(quick);
    comparisons.forEach(printComparison);
    return comparisons;
  },
  workers: async () => {
    const timings = await workerTimings(quick);
    console.log("\nMeta-iteration of 20 tasks by number of worker threads (ms, wall clock)");
    console.table(
      timings.map(({ workers, fastest, median }) => ({
        workers,
        fastest: round(fastest),
        median: round(median),
      })),
    );
    return timings;
  },
  "rollout-program": async () => {
    const timings = rolloutProgram(quick);
    const [, forward] = timings;
    console.log("\nA rollout of 100 steps, 20 trajectories, 100 x 100 network, float64 (ms)");
    console.table(
      timings.map(({ name, median, fastest }) => ({
        name,
        median: round(median),
        fastest: round(fastest),
        "of forward": round(median / forward!.median),
      })),
    );
    return timings;
  },
  growth: async () => {
    const points = await growth(quick);
    console.log("\nHow cost grows (ms per call; width at 200 rows)");
    console.table(points.map((point) => ({ ...point, median: round(point.median) })));
    Object.assign(figures, growthFigures(points));
    return points;
  },
  "rigid-body": async () => {
    const comparisons = await physicsSteps(quick);
    comparisons.forEach(printComparison);
    const environments = environmentSteps(quick);
    console.log("\nEnvironment steps per second, one thread");
    console.table(environments);
    return { comparisons, environments };
  },
  "trajectory-growth": async () => {
    const points = trajectoryGrowth(quick);
    console.log("\nLargest singular value of the derivative over so many environment steps, random controls");
    console.table(
      points.map((point) => ({ ...point, median: round(point.median), high: round(point.high) })),
    );
    figures["trajectory-growth"] = trajectoryGrowthFigure(points);
    return points;
  },
  distributed: async () => {
    const measured = await distributed(quick);
    console.log("\nSeveral processes over a broker, 12,512 parameters");
    for (const row of measured.rows) console.table([row]);
    for (const broker of measured.notMeasured) console.log(`Not measured: ${broker}`);
    return measured;
  },
  "cold-start": async () => {
    const results = await coldStart();
    console.log("\nCold start (ms)");
    console.table(
      results.map(({ task, ...times }) => ({
        task,
        ...Object.fromEntries(Object.entries(times).map(([key, ms]) => [key, round(ms)])),
      })),
    );
    return results;
  },
  browser: async () => {
    const comparisons: Comparison[] = [];
    for await (const comparison of browser(quick)) {
      printComparison(comparison);
      comparisons.push(comparison);
    }
    return comparisons;
  },
  "bundle-size": async () => {
    const sizes = await bundleSizes();
    console.log("\nBundle size (kB, minified and gzipped)");
    console.table(sizes);
    return sizes;
  },
};

if (values.help) {
  console.log(`Usage: pnpm bench [options]

Times this library beside its neighbours; writes tables to the terminal, JSON and SVG to benchmarks/results/.

Options:
  --quick              fewer and shorter measurements
  --only <suite,...>   only these suites: ${Object.keys(suites).join(", ")}
  --out <dir>          where results are written
  -h, --help           this text`);
  process.exit(0);
}

const chosen = values.only === "" ? Object.keys(suites) : values.only.split(",");
const unknown = chosen.filter((name) => !(name in suites));
if (unknown.length > 0) {
  for (const name of unknown) console.error(unknownName("--only", name, Object.keys(suites)));
  process.exit(2);
}

const machine = describeMachine();
console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; one thread each`);
const results: Record<string, unknown> = {};
let failed = false;
for (const name of chosen) {
  const start = performance.now();
  try {
    results[name] = await suites[name]!();
  } catch (error) {
    // One suite that fails, say for a wrong answer, does not cost the others.
    failed = true;
    results[name] = { error: String(error) };
    console.error(`\n${name} failed:`, error);
  }
  console.log(`\n${name}: ${Math.round((performance.now() - start) / 1000)} s`);
  writeResults(values.out, "results", { machine, quick, ...results }, figures); // a run that is stopped keeps what it has
}
console.log(`\nwritten to ${values.out}`);
process.exit(failed ? 1 : 0); // the neighbours keep workers alive

function argumentsOrExit() {
  try {
    return parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string", default: "" },
        out: { type: "string", default: join(import.meta.dirname, "../results") },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}
