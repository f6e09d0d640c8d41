/**
 * The workload the engine is built for: the surrogate loss of a Gaussian policy over a batch of rows.
 *
 *   mu    = W3^T tanh(W2^T tanh(W1^T x + b1) + b2) + b3                    the mean action
 *   z     = (a - mu) / exp(logStd)
 *   log p = sum_j (-z_j^2 / 2 - logStd_j - log(2 pi) / 2)
 *   loss  = -mean over rows of (log p) A
 *
 * Shapes  x: [rows, inputs], a: [rows, actions], A: [rows]; depth hidden layers of one width
 */

import type { Results } from "../support/agree.ts";

export interface Sizes {
  readonly rows: number;
  readonly inputs: number;
  readonly width: number;
  readonly depth: number;
  readonly actions: number;
}

export interface Tensor {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

export interface Problem {
  readonly sizes: Sizes;
  /** w1, b1, ..., wOut, bOut, logStd: the order every contender uses. */
  readonly parameters: readonly Tensor[];
  /** The direction of the Hessian-vector product, shaped like the parameters. */
  readonly direction: readonly Tensor[];
  readonly observations: Tensor;
  readonly actions: Tensor;
  readonly advantages: Tensor;
}

/** What is timed: the value; value and gradient; the Hessian-vector product alone. */
export type Task = "forward" | "gradient" | "hvp";

/** One library's way to do a task: prepares its tensors and compiles, then each call gives all results as numbers. */
export interface Contender {
  readonly name: string;
  prepare(problem: Problem, task: Task): Promise<() => Results>;
}

/** The same where a device gives its results later. */
export interface AsyncContender {
  readonly name: string;
  prepare(problem: Problem, task: Task): Promise<() => Results | Promise<Results>>;
}
/** Numbers in (-1/2, 1/2) in no obvious order, the same everywhere: multiples of the golden ratio modulo 1. */
export function spreadNumbers(count: number, stream: number): Float64Array {
  return Float64Array.from(
    { length: count },
    (_, i) => (((i + 1) * 0.6180339887498949 + stream * 0.7548776662466927) % 1) - 0.5,
  );
}

export function makeProblem(sizes: Sizes): Problem {
  let stream = 0;
  const tensor = (scale: number, ...shape: number[]): Tensor => ({
    shape,
    values: spreadNumbers(
      shape.reduce((n, extent) => n * extent, 1),
      stream++,
    ).map((x) => Math.fround(x * scale)),
  });
  const shapes: number[][] = [];
  for (let layer = 0, from = sizes.inputs; layer <= sizes.depth; layer++) {
    const to = layer === sizes.depth ? sizes.actions : sizes.width;
    shapes.push([from, to], [to]);
    from = to;
  }
  shapes.push([sizes.actions]);
  const like = (): Tensor[] => shapes.map((shape) => tensor(2 / Math.sqrt(shape[0]!), ...shape));
  return {
    sizes,
    parameters: like(),
    direction: like(),
    observations: tensor(2, sizes.rows, sizes.inputs),
    actions: tensor(2, sizes.rows, sizes.actions),
    advantages: tensor(4, sizes.rows),
  };
}

export const logTwoPiHalf: number = Math.log(2 * Math.PI) / 2;
