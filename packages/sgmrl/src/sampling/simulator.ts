import type { Environment } from "@sgmrl/envs";
import { type ActionDerivatives, actionDerivatives } from "../policy/action-derivatives.ts";
import type { Execution } from "../policy/log-likelihood.ts";
import type { Policy } from "../policy/policy.ts";
import type { TrajectoryBatch } from "../trajectory.ts";
import { programAdjoint, type StepAdjoint } from "./step-adjoint.ts";
import { type WarpedSteps, warpedSteps } from "./warped-steps.ts";

/** What differentiates a rollout in the policy's parameters, its noise held fixed: the policy, and the steps of the world. */
export interface Simulator {
  readonly policy: ActionDerivatives;
  /** The adjoints of the steps that a batch of a task took. */
  steps(batch: TrajectoryBatch, task: unknown): StepAdjoint;
  /** The same, taken apart where data jump; absent where nothing jumps. */
  readonly warped?: (batch: TrajectoryBatch, task: unknown) => WarpedSteps;
}

/** Why data of an environment are no differentiable function of θ, and what to use instead; null if they are one. */
export function notDifferentiable({ name, action, differentiable }: Environment): string | null {
  if (action.kind === "discrete") return `the actions of ${name} are discrete. Use "jackknife-per-decision".`;
  if (differentiable === undefined)
    return `the step of ${name} is not stated as a program. Use "jackknife-linear".`;
  return null;
}

/** What a derivative through the data of an environment leaves out: a sentence, or null if nothing jumps. */
export function leftOut({ name, differentiable }: Environment): string | null {
  const jumps = differentiable?.jumps;
  if (jumps === undefined) return null;
  return `The data of ${name} jump in θ where ${jumps.where}: what crosses there is left out, a bias. "reparameterised-warped" counts it.`;
}

/** Data cannot be differentiated through the environment or the policy. */
export class NotDifferentiableError extends RangeError {
  override readonly name = "NotDifferentiableError";
  readonly environment: string;

  constructor(environment: Environment) {
    const why = notDifferentiable(environment) ?? "the actions of the policy are no function of θ and noise.";
    super(`Data cannot be differentiated in θ: ${why}`);
    this.environment = environment.name;
  }
}

/** Compiled once per size of batch. Throws `NotDifferentiableError` where actions are discrete or the step is no program. */
export function createSimulator(
  environment: Environment,
  policy: Policy,
  execution: Execution = {},
): Simulator {
  const { differentiable } = environment;
  const actions = actionDerivatives(policy, execution);
  if (differentiable === undefined || actions === null) throw new NotDifferentiableError(environment);
  const adjoint = programAdjoint(differentiable.step, execution);
  const parameters = (task: unknown): readonly number[] => differentiable.parameters(task);
  const warp = differentiable.jumps && warpedSteps(differentiable.jumps, execution);
  return {
    policy: actions,
    steps: (batch, task) => adjoint(batch, parameters(task)),
    ...(warp ? { warped: (batch, task) => warp(batch, parameters(task)) } : {}),
  };
}
