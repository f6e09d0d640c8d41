import { assertMdp, EnvironmentError, type Mdp } from "@sgmrl/envs";
import type { InnerUpdate } from "../inner/adapt.ts";
import { type SurrogateWeights, surrogateWeights } from "../inner/surrogate-weights.ts";
import type { LogLikelihood } from "../policy/log-likelihood.ts";
import type { InnerSettings, OuterRule } from "../settings.ts";
import { type Sizes, tableIndices } from "./table.ts";
import { tabularSoftmax } from "./tabular-softmax.ts";

/** A meta-learning problem small enough to be enumerated: tabular tasks and a table of logits. */
export interface ExactProblem {
  /** Tasks of equal numbers of states and actions, drawn with these weights (made to sum to 1). */
  readonly tasks: readonly { readonly weight: number; readonly mdp: Mdp }[];
  /** Logits of the softmax policy: [S][A]; with `features`, its parameters: [K][A]. */
  readonly theta: readonly (readonly number[])[];
  /** Φ of a linear softmax policy, one row of K features for each state: logits = Φ θ.    [eq:linear-softmax] */
  readonly features?: readonly (readonly number[])[];
  /** α, ζ, N, and how the inner update weights its data (default "reward-to-go", "paper"). */
  readonly inner: Omit<InnerSettings, "advantage" | "convention"> &
    Partial<Pick<InnerSettings, "advantage" | "convention">>;
  /** M. */
  readonly outerTrajectories: number;
  /** How ∇J is estimated after adaptation (default: returns less the mean of the others). It does not change V. */
  readonly outer?: OuterRule;
}

export function sizesOf({ theta, features }: ExactProblem): Sizes {
  const actions = theta[0]?.length ?? 0;
  return features === undefined
    ? { states: theta.length, actions }
    : { states: features.length, actions, features };
}

/** The tasks with weights that sum to 1. Refuses tasks, logits and settings that do not fit together. */
export function normalizedTasks(problem: ExactProblem): ExactProblem["tasks"] {
  const { tasks, theta, features, inner, outerTrajectories } = problem;
  const refuse = (field: string, got: unknown, must: string): never => {
    throw new EnvironmentError("exact", field, got, must);
  };
  const whole = (field: string, value: number, least: number): void => {
    if (!Number.isInteger(value) || value < least) refuse(field, value, `a whole number, ${least} or more`);
  };
  if (tasks.length === 0) refuse("tasks", "none", "at least one task");
  const sizes = sizesOf(problem);
  theta.forEach((row, s) => {
    if (row.length !== sizes.actions)
      refuse(`theta[${s}]`, `${row.length} entries`, `as many as theta[0], ${sizes.actions}`);
    row.forEach((logit, a) => {
      if (!Number.isFinite(logit)) refuse(`theta[${s}][${a}]`, logit, "a finite number");
    });
  });
  features?.forEach((row, s) => {
    if (row.length !== theta.length)
      refuse(`features[${s}]`, `${row.length} entries`, `one for each row of theta, ${theta.length}`);
    row.forEach((phi, k) => {
      if (!Number.isFinite(phi)) refuse(`features[${s}][${k}]`, phi, "a finite number");
    });
  });
  tasks.forEach(({ weight, mdp }, i) => {
    if (!(Number.isFinite(weight) && weight > 0)) refuse(`tasks[${i}].weight`, weight, "a positive number");
    assertMdp(`exact: tasks[${i}]`, mdp, sizes);
  });
  if (!Number.isFinite(inner.stepSize)) refuse("inner.stepSize", inner.stepSize, "a finite number");
  whole("inner.steps", inner.steps, 0);
  whole("inner.trajectories", inner.trajectories, 1);
  whole("outerTrajectories", outerTrajectories, 1);
  const total = tasks.reduce((sum, { weight }) => sum + weight, 0);
  if (!Number.isFinite(total))
    refuse("the sum of the tasks' weights", total, "a finite number: scale them down");
  return tasks.map(({ weight, mdp }) => ({ weight: weight / total, mdp }));
}

/**
 * The update of training, for one task. The weights of the surrogate depend on the data alone, and the same few data
 * sets recur in an enumeration, so the weights of each are computed once.
 */
export function trainingUpdate(
  problem: ExactProblem,
  { discount }: Mdp,
  model: LogLikelihood = tabularSoftmax(sizesOf(problem)),
): InnerUpdate {
  const sizes = sizesOf(problem);
  const { stepSize, advantage = "reward-to-go", convention = "paper", gaeLambda } = problem.inner;
  const rule = { advantage, convention, ...(gaeLambda === undefined ? {} : { gaeLambda }) };
  const known = new Map<string, SurrogateWeights>();
  return {
    model,
    stepSize,
    discount,
    surrogate(batch) {
      const key = tableIndices(batch, sizes).join();
      let weights = known.get(key);
      if (weights === undefined) {
        const found = surrogateWeights(rule, batch, discount);
        const whole = found.rows();
        weights = { ...found, rows: (leftOut) => (leftOut === undefined ? whole : found.rows(leftOut)) };
        known.set(key, weights);
      }
      return weights;
    },
  };
}
