/** The cells of the atlas: bias and variance of every estimator as one of N, ζ and α varies. */
import { log } from "@sgmrl/autodiff/elementary";
import type { ExactProblem } from "../../exact/problem.ts";
import { estimatorTable } from "../../meta-gradient/catalogue.ts";
import { returnLessOtherTasks } from "../../meta-gradient/combine.ts";
import { audit } from "./audit.ts";

/** One cell: one estimator at one setting. */
export interface AtlasCell {
  readonly estimator: string;
  readonly setting: string;
  readonly bias: number;
  readonly variance: number;
}

/** What a column sets of `inner`. */
export interface Size {
  readonly stepSize: number;
  readonly steps: number;
  readonly trajectories: number;
}

/** Columns, grouped by what varies: N at ζ = 1 and ζ at N = 1, both at this α; α at ζ = 1, N = 2. null leaves a gap. */
export function sizesOfAtlas(stepSize: number): Readonly<Record<string, Size | null>> {
  return Object.fromEntries<Size | null>([
    ...[1, 2, 3, 4, 5].map((N): [string, Size] => [`N ${N}`, { stepSize, steps: 1, trajectories: N }]),
    [" ", null],
    ...[1, 2, 3].map((zeta): [string, Size] => [`ζ ${zeta}`, { stepSize, steps: zeta, trajectories: 1 }]),
    ["  ", null],
    ...[0.1, 0.3, 1, 3].map((alpha): [string, Size] => [
      `α ${alpha}`,
      { stepSize: alpha, steps: 1, trajectories: 2 },
    ]),
  ]);
}

/** Only estimators that can be enumerated one task at a time, and the leave-one-task-out one where it can. */
function isInAtlas(name: string): boolean {
  const { redraws, taskMultipliers } = estimatorTable()[name]!;
  return !redraws && (taskMultipliers === undefined || taskMultipliers === returnLessOtherTasks);
}

/** One column. Refuses a problem with more terms than `limit` (`TooLargeError`). */
export function atlasColumn(problem: ExactProblem, setting: string, limit?: number): AtlasCell[] {
  return audit({ problem }, limit)
    .estimators.filter(({ name }) => isInAtlas(name))
    .map(({ name, bias, variance }) => ({ estimator: name, setting, bias, variance }));
}

/** A bias below this is rounding error. */
export const rounding = 1e-12;

type Quantity = "bias" | "variance";

/** What is written in a cell; a dot is zero to rounding. */
export function cellText(quantity: Quantity, value: number): string {
  if (quantity === "bias" && value < rounding) return "·";
  return value >= 0.095 ? value.toFixed(value < 1 ? 2 : 1) : value.toExponential(0);
}

/** Zero bias is transparent; otherwise opacity grows over three decades. */
export function cellOpacity(quantity: Quantity, value: number): number {
  if (quantity === "bias" && value < rounding) return 0;
  return Math.min(0.75, Math.max(0.08, 0.75 + (log(value) / (3 * Math.LN10)) * 0.67));
}
