/**
 * The memory that a run needs, estimated before anything is allocated, so that a typing mistake (`--horizon 1e9`) is
 * refused instead of tried. The estimate should be right within a factor of two or three (test/training/size.test.ts).
 */

import { totalmem } from "node:os";
import { constrainedMemory } from "node:process";
import { width } from "@sgmrl/envs";
import { InputError } from "../errors.ts";
import { pieceNumbers } from "../meta-gradient/jackknife.ts";
import { environmentOf, estimatorOf } from "../meta-gradient/parts.ts";
import type { Unit } from "../meta-gradient/unit.ts";
import type { RunConfig } from "../settings.ts";

/** A part of a run's memory, and the flags on which it depends. */
export interface MemoryPart {
  readonly what: string;
  readonly bytes: number;
  readonly flags: readonly string[];
}

const float64 = 8;
/** A key with its place on a lattice, as objects. */
const keyBytes = 200;
/**
 * Arrays of the size of a layer's output that exist at a time: those of a gradient, and those of a Hessian-vector
 * product with what it uses again of another gradient.
 */
const arraysPerLayer = 9;
/** Copies of a piece of the jackknife that exist at a time: here, and in the memory of the programs. */
const copiesOfPiece = 3;
const threadBytes = 30e6;

/**
 * The memory that grows with the settings, for `workers` threads of this machine (0: this thread).
 *
 *   trajectories  (ζ N + M) H rows of observation, action, reward and weight, ζ the steps of training or of evaluation
 *   activations   max(N, M) H rows through every layer, a few times
 *   jackknife     N H rows of data and d numbers for every group of a piece, in a few copies
 *   parameters    d numbers for every task of a batch, and for each step
 */
export function memoryParts(
  { experiment, tasks, evaluation }: RunConfig,
  { parameterCount: d }: Pick<Unit, "parameterCount">,
  workers: number,
): readonly MemoryPart[] {
  const environment = environmentOf(experiment);
  const rowWidth = width(environment.observation) + width(environment.action) + 2;
  const { inner, outer, policy, horizon = environment.horizon } = experiment;
  const groups = Math.min(estimatorOf(experiment).groups ?? 0, inner.trajectories);
  const steps = Math.max(inner.steps, evaluation.steps);
  const units = Math.max(1, workers);
  const rows = (steps * inner.trajectories + outer.trajectories) * horizon;
  const layers = policy.hidden.reduce((sum, n) => sum + n, rowWidth);
  return [
    {
      what: "the trajectories of a task",
      bytes: units * rows * rowWidth * float64,
      flags: [
        "--horizon",
        "--inner-trajectories",
        "--outer-trajectories",
        "--inner-steps",
        "--evaluate-steps",
      ],
    },
    {
      what: "the policy's activations on the trajectories",
      bytes:
        units *
        Math.max(inner.trajectories, outer.trajectories) *
        horizon *
        layers *
        arraysPerLayer *
        float64,
      flags: ["--horizon", "--inner-trajectories", "--outer-trajectories", "--hidden"],
    },
    {
      what: "the jackknife's gradients without each group of trajectories",
      bytes:
        units *
        Math.min(groups * (inner.trajectories * horizon * rowWidth + d), pieceNumbers) *
        copiesOfPiece *
        float64,
      flags: ["--groups", "--inner-trajectories", "--horizon", "--hidden"],
    },
    {
      what: "gradients",
      bytes: (tasks + units * (steps + 10)) * d * float64,
      flags: ["--tasks", "--hidden", "--inner-steps"],
    },
    {
      what: "the keys of tasks",
      bytes: Math.max(tasks, evaluation.tasks, evaluation.finalTasks) * (keyBytes + steps * float64),
      flags: ["--tasks", "--evaluate-tasks", "--final-tasks"],
    },
    { what: "threads", bytes: workers * threadBytes, flags: ["--workers"] },
  ];
}

/** Refuses a run that would not fit into the memory of this machine. */
export function refuseTooLarge(
  config: RunConfig,
  unit: Pick<Unit, "parameterCount">,
  workers: number,
  available: number = availableMemory(),
): void {
  const parts = memoryParts(config, unit, workers);
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= available) return;
  const { what, bytes, flags } = parts.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  throw new InputError(
    `config: this run would take about ${size(total)} of memory, ${size(bytes)} of it for ${what}; ` +
      `${size(available)} are available here. Lower ${flags.join(" or ")}.`,
  );
}

/** Memory of this machine in bytes, or the limit of this process's container. */
function availableMemory(): number {
  const limit = constrainedMemory() ?? 0; // 0 or absurdly large if there is no limit
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

function size(bytes: number): string {
  const units: readonly (readonly [string, number])[] = [
    ["PB", 1e15],
    ["TB", 1e12],
    ["GB", 1e9],
    ["MB", 1e6],
  ];
  const [name, one] = units.find(([, unit]) => bytes >= unit) ?? ["kB", 1e3];
  return `${Number((bytes / one).toPrecision(2))} ${name}`;
}
