/** `audit`: exact bias and variance of the estimators, on the built-in problems or on one given in a file. */

import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { hypot, log } from "@sgmrl/autodiff/elementary";
import { decimals } from "@sgmrl/envs";
import cliProgress from "cli-progress";
import { fileProblem, InputError } from "../errors.ts";
import { TooLargeError } from "../exact/histories.ts";
import { ascend } from "../experiments/audit/ascend.ts";
import { atlas } from "../experiments/audit/atlas.ts";
import { rounding } from "../experiments/audit/atlas-cells.ts";
import { type Audit, audit } from "../experiments/audit/audit.ts";
import { type ContinuousAudit, continuousAudit } from "../experiments/audit/continuous-audit.ts";
import { auditNeedle, twoState } from "../experiments/audit/default-problems.ts";
import { type MonteCarloAudit, monteCarloAudit } from "../experiments/audit/monte-carlo.ts";
import { type AuditSpec, parseAuditSpec } from "../experiments/audit/spec.ts";
import { twoDoors } from "../experiments/problems.ts";
import { best } from "../experiments/studies/two-doors/attractors.ts";
import { limits, readJson } from "../files/read-file.ts";
import { writeAtomically } from "../training/store/atomic-write.ts";
import { refuseOwned } from "../training/store/ownership.ts";
import { type AddCommand, examples, fileEnding, filePath, wholeNumber } from "./command.ts";
import { finite } from "./finite.ts";
import { type Terminal, table } from "./terminal.ts";

interface Options {
  readonly spec?: string;
  readonly json?: boolean;
  readonly limit?: number;
  readonly samples?: number;
  readonly seed?: number;
  readonly out?: string;
}

export const addAudit: AddCommand = (command, terminal) => {
  command
    .option(
      "--spec <file>",
      "your own problem, as JSON (default: two states, the needle, two doors)",
      filePath,
    )
    .option("--json", "print as JSON")
    .option("--limit <terms>", "most terms to enumerate (default 1,000,000)", wholeNumber(1))
    .option(
      "--samples <n>",
      "with --spec: sample n times instead, with 95% confidence intervals",
      wholeNumber(2),
    )
    .option("--seed <n>", "with --samples: their seed (default: 0)", wholeNumber(0))
    .option(
      "--out <file>",
      "without --spec: where the atlas goes, as SVG (default: audit-atlas.svg)",
      fileEnding(".svg"),
    )
    .addHelpText(
      "after",
      `${examples("audit", "audit --spec mdp.json", "audit --spec mdp.json --json", "audit --spec big.json --samples 20000")}
A spec:
  { "mdp": { "initial": [S], "transitions": [S][A][S], "rewards": [S][A], "horizon": H, "discount": γ },
    "theta": [S][A],
    "inner": { "stepSize": α, "steps": ζ, "trajectories": N },
    "outerTrajectories": M,
    "estimators": ["sgmrl", "maml"] }
Several tasks: "tasks": [{ "weight": 1, "mdp": { … } }, …] in place of "mdp". Optional: "estimators" (default: all),
"groups" of the jackknife, and in "inner" an "advantage", a "convention" and "gaeLambda", as in training; in
"outer" a "baseline", or an "advantage" and its "gaeLambda"; in an MDP
"terminal": [S] of true or false; "features": [S][K], for states that share the parameters "theta": [K][A].
`,
    )
    .action((options: Options) => {
      refuseUnused(options);
      if (options.spec === undefined) auditDefaults(terminal, options);
      else auditSpec(terminal, parseAuditSpec(readJson(options.spec, "--spec", limits.problem)), options);
    });
};

/** Refuses an option that would have no effect with the others, instead of silently ignoring it. */
function refuseUnused({ spec, limit, samples, seed, out }: Options): void {
  const unused = (flag: string, why: string): never => {
    throw new InputError(`${flag}: ${why}.`);
  };
  if (spec !== undefined && out !== undefined) unused("--out", "the atlas is drawn only without --spec");
  if (spec === undefined && samples !== undefined)
    unused("--samples", "needs a problem to sample: --spec FILE");
  if (samples === undefined && seed !== undefined)
    unused("--seed", "needs --samples; the exact audit draws no samples");
  if (samples !== undefined && limit !== undefined) unused("--limit", "nothing is enumerated with --samples");
}

function auditSpec(terminal: Terminal, spec: AuditSpec, { json, limit, samples, seed = 0 }: Options): void {
  if (samples !== undefined) {
    refuseLongSampling(spec, samples);
    const result = finite(monteCarloAudit(spec, samples, seed), "audit");
    terminal.out(json ? JSON.stringify(result) : monteCarloText(result));
    return;
  }
  const result = finite(
    refusingLargeSpecs(() => audit(spec, limit)),
    "audit",
  );
  terminal.out(json ? JSON.stringify(result) : auditText(result));
}

/** Maximum number of rows of data that a sampled audit may draw: a few hours of work. */
const mostRows = 1e10;

function refuseLongSampling({ problem }: AuditSpec, samples: number): void {
  const { inner, outerTrajectories, tasks } = problem;
  const horizon = Math.max(...tasks.map(({ mdp }) => mdp.horizon));
  const rows = samples * (inner.steps * inner.trajectories + outerTrajectories) * horizon;
  if (rows > mostRows)
    throw new InputError(
      `--samples ${samples}: ${rows.toExponential(1)} steps to draw; the limit is ${mostRows.toExponential(0)}. ` +
        "Ask for fewer samples, or give the spec fewer trajectories or a shorter horizon.",
    );
}

function auditDefaults(terminal: Terminal, { json, limit, out = "audit-atlas.svg" }: Options): void {
  // Check now, not after the work is done.
  refuseOwned(out);
  writing(out, () => accessSync(dirname(out), constants.W_OK));
  if (statSync(out, { throwIfNoEntry: false })?.isFile() === false)
    throw new InputError(`--out ${out}: exists, but is not a regular file; choose another name.`);
  const problems = {
    "Two-state MDP, H = 2, ζ = 1, N = 2, M = 1, α = 0.7": { problem: twoState(0.7, 1, 2) },
    "Needle, ζ = 1, N = 3, M = 1, α = 10, from the uniform policy": { problem: auditNeedle(3) },
    "Two doors, w = 0.8, ζ = 1, N = 4, M = 1, α = 10, where the first door has probability 0.62": {
      problem: twoDoors(0.8, { stepSize: 10, trajectories: 4 }, log(0.62 / 0.38)),
    },
  };
  const audits = Object.entries(problems).map(([title, spec]) => ({ title, audit: audit(spec, limit) }));
  const continuous = continuousAudit();
  const ascents = ["sgmrl", "maml"].map((name) => ({ name, ...ascend(auditNeedle(3), name, 2, 400) }));
  const ends = ["sgmrl", "jackknife-linear", "dice", "lvc", "emaml", "maml"].map((name) => ({
    name,
    ...best(name, { w: 0.8, stepSize: 10, trajectories: 4 }),
  }));

  const bar = new cliProgress.SingleBar({
    stream: terminal.progress ?? process.stderr,
    format: "atlas [{bar}] {value}/{total} settings, {eta_formatted} left",
    clearOnComplete: true,
  });
  if (terminal.progress) bar.start(1, 0);
  const { svg } = atlas((done, total) => {
    bar.setTotal(total);
    bar.update(done);
  });
  bar.stop();
  writing(out, () => writeAtomically(out, svg));

  if (json) {
    terminal.out(
      JSON.stringify({ audits, continuous, needleAscent: ascents, twoDoorsEnds: ends, atlas: out }),
    );
    return;
  }
  for (const { title, audit: result } of audits) terminal.out(`${title}\n\n${auditText(result)}\n`);
  terminal.out(`${continuousText(continuous)}\n`);
  terminal.out("Needle, N = 3: 400 steps along each estimator's exact mean\n");
  terminal.out(
    table([
      ["", "V", "initial policy"],
      ...ascents.map(({ name, objective, policy }) => [
        name,
        decimals(objective, 3),
        policy[0]!.map((p) => p.toFixed(2)).join(" "),
      ]),
    ]),
  );
  terminal.out("\nTwo doors, N = 4: the best that each estimator's exact mean leads to, from any start\n");
  terminal.out(
    table([
      ["", "V", "first door"],
      ...ends.map(({ name, value, first }) => [name, decimals(value, 3), first.toFixed(3)]),
    ]),
  );
  terminal.out(`\nAtlas: ${out}`);
}

function auditText({ objective, gradient, exactMaml, estimators, skipped }: Audit): string {
  const lines = [
    `V = ${decimals(objective, 6)}, |∇V| = ${size(gradient).toExponential(3)}`,
    `with exact inner gradients: V = ${decimals(exactMaml.objective, 6)}, |∇V| = ${size(exactMaml.gradient).toExponential(3)}`,
    "",
    table([
      ["estimator", "bias", "variance", "unbiased for"],
      ...estimators.map(({ name, bias, variance, unbiasedFor }) => [
        name,
        bias < rounding * Math.max(1, Math.sqrt(variance)) ? "0" : bias.toExponential(1),
        variance.toPrecision(3),
        unbiasedFor,
      ]),
    ]),
    ...skipped.map(({ name, reason }) => `${name} left out: ${reason}`),
    "bias: largest entry of |mean − ∇V|, 0 if within rounding; variance: trace of the covariance of one task's share",
  ];
  return lines.join("\n");
}

function continuousText({ title, objective, gradient, estimators }: ContinuousAudit): string {
  return [
    title,
    "",
    `V = ${decimals(objective, 6)}, |∇V| = ${hypot(...gradient).toExponential(3)}`,
    "",
    table([
      ["estimator", "bias", "variance", "unbiased for"],
      ...estimators.map(({ name, bias, variance, unbiasedFor }) => [
        name,
        bias.toExponential(1),
        variance === null ? "unbounded" : variance.toPrecision(3),
        unbiasedFor,
      ]),
    ]),
    "bias: as above, up to the error of the quadrature; variance: unbounded if it grows with the number of nodes",
  ].join("\n");
}

function monteCarloText({ samples, objective, estimators }: MonteCarloAudit): string {
  return [
    `${samples} samples, 95% confidence. V = ${decimals(objective.mean, 6)} ± ${objective.margin.toExponential(1)}`,
    "",
    table([
      ["estimator", "bias", "±", "variance", "±"],
      ...estimators.map(({ name, bias, variance }) => [
        name,
        bias.mean.toExponential(1),
        bias.margin.toExponential(1),
        variance.mean.toPrecision(3),
        variance.margin.toExponential(1),
      ]),
    ]),
    "bias: largest entry of |mean − mean of jackknife-per-decision, its outer step unbiased, on the same samples|; its margin covers all entries simultaneously",
  ].join("\n");
}

function size(gradient: readonly (readonly number[])[]): number {
  return hypot(...gradient.flat());
}

function refusingLargeSpecs<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TooLargeError)
      throw new InputError(`spec: ${error.message} Use --samples 10000, or a larger --limit.`);
    throw error;
  }
}

/** Runs a file operation on the output; a failure becomes an error that the user can fix. */
function writing(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new InputError(`--out ${file}: ${fileProblem(error)}`);
  }
}
