/**
 * `pnpm bench`: every suite beside its neighbours, or a case from a file of the user's; tables on the terminal, JSON and
 * SVG in a folder.
 */

import { resolve } from "node:path";
import { InputError } from "../../packages/sgmrl/src/errors.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { timeOwnCase } from "./own-case.ts";
import { type Absent, type Measured, runSuites, type Suite } from "./run-suites.ts";
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
import { type Budget, standardBudget } from "./support/measure.ts";
import {
  type Comparison,
  comparisonText,
  provenance,
  readResults,
  round,
  writeResults,
} from "./support/report.ts";

const suites: Readonly<Record<string, Suite>> = {
  "policy-gradient": async ({ quick }) => compared(await policyGradient(quick)),
  matmul: async ({ quick }) => compared(await matmuls(quick)),
  pytorch: async ({ quick }) => compared(await pytorch(quick)),
  "pytorch-meta-iteration": async ({ quick }) => compared(await pytorchMetaIterations(quick)),
  "meta-iteration": async ({ quick }) => compared(await metaIterations(quick)),
  workers: async ({ quick }) => {
    const timings = await workerTimings(quick);
    console.log("\nMeta-iteration of 20 tasks by number of worker threads (ms, wall clock)");
    console.table(
      timings.map(({ workers, fastest, median }) => ({
        workers,
        fastest: round(fastest),
        median: round(median),
      })),
    );
    return { results: timings };
  },
  "rollout-program": async ({ quick }) => {
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
    return { results: timings };
  },
  growth: async ({ quick }) => {
    const points = await growth(quick);
    console.log("\nHow cost grows (ms per call; width at 200 rows)");
    console.table(points.map((point) => ({ ...point, median: round(point.median) })));
    return { results: points, figures: growthFigures(points) };
  },
  "rigid-body": async ({ quick }) => {
    const comparisons = await physicsSteps(quick);
    comparisons.forEach(printComparison);
    const environments = environmentSteps(quick);
    console.log("\nEnvironment steps per second, one thread");
    console.table(environments);
    return { results: { comparisons, environments } };
  },
  "trajectory-growth": async ({ quick }) => {
    const points = trajectoryGrowth(quick);
    console.log("\nLargest singular value of the derivative over so many environment steps, random controls");
    console.table(
      points.map((point) => ({ ...point, median: round(point.median), largest: round(point.largest) })),
    );
    return { results: points, figures: { "trajectory-growth": trajectoryGrowthFigure(points) } };
  },
  distributed: async ({ quick }) => {
    const measured = await distributed(quick);
    console.log("\nSeveral processes over a broker, 12,512 parameters");
    for (const row of measured.rows) console.table([row]);
    for (const broker of measured.notMeasured) console.log(`Not measured: ${broker}`);
    return { results: measured };
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
    return { results };
  },
  browser: async (options) => {
    const comparisons: Comparison[] = [];
    for await (const comparison of browser(options.quick, options.browser)) {
      printComparison(comparison);
      comparisons.push(comparison);
    }
    return { results: comparisons };
  },
  "bundle-size": async () => {
    const sizes = await bundleSizes();
    console.log("\nBundle size (kB, minified and gzipped)");
    console.table(sizes);
    return { results: sizes };
  },
};

process.exit(await main()); // the neighbours keep workers alive

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), Object.keys(suites));
    if (options.help) {
      console.log(usage(Object.keys(suites)));
      return 0;
    }
    const { cpu, cores, node } = describeMachine();
    console.log(`${cpu}, ${cores} cores, Node ${node}; one thread each`);
    const succeeded = await (options.case === undefined
      ? runSuites(suites, options)
      : runCase(options.case, options));
    console.log(`\nresults are in ${options.out}`);
    return succeeded ? 0 : 1;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // The trace of what failed in the user's own code says where.
    if (error.cause instanceof Error) console.error(error.cause.stack);
    console.error(error.message);
    return 2;
  }
}

async function runCase(file: string, { quick, out }: Options): Promise<true> {
  readResults(out); // refused before anything is timed
  const start = performance.now();
  const budget: Budget = { ...standardBudget, ...(quick && { rounds: 12 }) };
  const comparison = await timeOwnCase(resolve(file), budget);
  printComparison(comparison);
  const seconds = Math.round((performance.now() - start) / 1000);
  writeResults(out, { case: comparison }, { case: { ...provenance(), seconds, quick } });
  return true;
}

function compared(comparisons: readonly Comparison[] | Absent): Measured | Absent {
  if ("absent" in comparisons) return comparisons;
  comparisons.forEach(printComparison);
  return { results: comparisons };
}

function printComparison(comparison: Comparison): void {
  console.log(`\n${comparisonText(comparison)}`);
}
