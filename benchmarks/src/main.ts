/**
 * `pnpm bench`: every suite beside its neighbours, or a case from a file of the user's; tables on the terminal, JSON and
 * SVG in a folder.
 */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { unknownName } from "../../packages/sgmrl/src/wording.ts";
import { timeOwnCase } from "./own-case.ts";
import { browser } from "./suites/browser.ts";
import { bundleSizes } from "./suites/bundle-size.ts";
import { coldStart } from "./suites/cold-start.ts";
import { distributed } from "./suites/distributed.ts";
import { environmentSteps } from "./suites/environment-steps.ts";
import { growth, growthFigures } from "./suites/growth.ts";
import { matmuls } from "./suites/matmul.ts";
import { metaIterations } from "./suites/meta-iteration.ts";
import { policyGradient } from "./suites/policy-gradient.ts";
import { pytorch } from "./suites/pytorch.ts";
import { pytorchMetaIterations } from "./suites/pytorch-meta-iteration.ts";
import { physicsSteps } from "./suites/rigid-body.ts";
import { rolloutProgram } from "./suites/rollout-program.ts";
import { trajectoryGrowth, trajectoryGrowthFigure } from "./suites/trajectory-growth.ts";
import { workerTimings } from "./suites/workers.ts";
import { describeMachine } from "./support/machine.ts";
import { standardBudget } from "./support/measure.ts";
import { type Comparison, comparisonText, provenance, round, writeResults } from "./support/report.ts";

const printComparison = (comparison: Comparison): void => console.log(`\n${comparisonText(comparison)}`);
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
  pytorch: async () => {
    const comparisons = await pytorch(quick);
    if ("absent" in comparisons) console.log(`\nPyTorch is not measured: ${comparisons.absent}`);
    else comparisons.forEach(printComparison);
    return comparisons;
  },
  "pytorch-meta-iteration": async () => {
    const comparisons = await pytorchMetaIterations(quick);
    if ("absent" in comparisons) console.log(`\nPyTorch is not measured: ${comparisons.absent}`);
    else comparisons.forEach(printComparison);
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
    for await (const comparison of browser(quick, values.browser)) {
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

Times this library beside its neighbours; writes tables to the terminal, JSON and SVG to a folder.

Options:
  --quick              fewer and shorter measurements
  --only <suite,...>   only these suites: ${Object.keys(suites).join(", ")}
  --browser <file>     the Chrome or Chromium in which the suite "browser" runs, with its graphics card, in place of
                       one that computes on the processor
  --case <file>        a case of your own instead of the suites: see benchmarks/examples/log-sum-exp.ts
  --out <dir>          where results are written (default: benchmarks/runs, which Git ignores)
  --update             into the committed results, benchmarks/results, in place of those of the same suites
  -h, --help           this text`);
  process.exit(0);
}

const committed = join(import.meta.dirname, "../results");
const out = values.update ? committed : (values.out ?? join(import.meta.dirname, "../runs"));
if (values.update && (quick || values.out !== undefined || values.case !== undefined))
  refuse("--update takes whole suites: not with --quick, --out or --case");
if (values.case !== undefined && values.only !== "") refuse("--case replaces the suites: not with --only");
const chosen = values.only === "" ? Object.keys(suites) : values.only.split(",");
const unknown = chosen.filter((name) => !(name in suites));
if (unknown.length > 0) {
  for (const name of unknown) console.error(unknownName("--only", name, Object.keys(suites)));
  process.exit(2);
}

if (values.browser !== undefined) {
  if (!chosen.includes("browser"))
    refuse("--browser is for the suite browser, which is not among those chosen");
  if (!existsSync(values.browser)) refuse(`--browser ${values.browser}: there is no such file`);
}

const machine = describeMachine();
console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; one thread each`);
if (values.case !== undefined) await runOwnCase(values.case);
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
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`\n${name}: ${seconds} s`);
  // Each suite at once: a run that is stopped keeps what it has.
  writeResults(out, { [name]: results[name] }, { [name]: { ...provenance(), seconds, quick } }, figures);
}
console.log(`\nwritten to ${out}`);
process.exit(failed ? 1 : 0); // the neighbours keep workers alive

async function runOwnCase(file: string): Promise<never> {
  try {
    const start = performance.now();
    const comparison = await timeOwnCase(resolve(file), {
      ...standardBudget,
      ...(quick && { rounds: 12 }),
    });
    printComparison(comparison);
    const seconds = Math.round((performance.now() - start) / 1000);
    writeResults(out, { case: comparison }, { case: { ...provenance(), seconds, quick } }, {});
    console.log(`\nwritten to ${out}`);
    process.exit(0);
  } catch (error) {
    // The trace of what failed in the user's own code says where.
    if (error instanceof Error && error.cause instanceof Error) console.error(error.cause.stack);
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}

function argumentsOrExit() {
  try {
    return parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string", default: "" },
        browser: { type: "string" },
        case: { type: "string" },
        out: { type: "string" },
        update: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}
