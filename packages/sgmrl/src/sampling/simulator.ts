import type { Environment } from "@sgmrl/envs";
import { type ActionDerivatives, actionDerivatives } from "../policy/action-derivatives.ts";
import type { Execution } from "../policy/log-likelihood.ts";
import type { Policy } from "../policy/policy.ts";
import type { TrajectoryBatch } from "../trajectory.ts";
import { programAdjoint, recordedAdjoint, type StepAdjoint } from "./step-adjoint.ts";
import { type WarpedSteps, warpedSteps } from "./warped-steps.ts";

/**
 * Differentiates a rollout in the policy's parameters, with its noise held fixed: the policy, and the steps of the
 * environment.
 */
export interface Simulator {
  readonly policy: ActionDerivatives;
  /** Whether `adjoint` needs the states of the batch, because the observations do not tell them. */
  readonly needsStates: boolean;
  /**
   * The adjoints of the steps that a batch of a task took; with `contactDepth` [m], those of softer contacts at the same
   * states, where the environment has contacts that can be softened.
   */
  adjoint(batch: TrajectoryBatch, task: unknown, contactDepth?: number): StepAdjoint;
  /** The same, split for data that jump; absent if nothing jumps. */
  readonly warped?: (batch: TrajectoryBatch, task: unknown) => WarpedSteps;
}

/** Why the data of an environment are not a differentiable function of θ, and what to use instead; null if they are. */
export function notDifferentiable({
  name,
  action,
  differentiable,
  differentiableDynamics,
  noDerivative,
}: Environment): string | null {
  if (action.kind === "discrete") return `the actions of ${name} are discrete. Use "jackknife-per-decision".`;
  const why = noDerivative?.();
  if (why !== undefined) return `the step of ${name} has no adjoint: ${why}. Use "jackknife-linear".`;
  if (differentiable === undefined && differentiableDynamics === undefined)
    return `the step of ${name} has neither a program nor an adjoint. Use "jackknife-linear".`;
  return null;
}

/**
 * Why trajectories that cross jumps of an environment's data cannot be accounted for, and what to use instead; null if
 * they can.
 */
export function notWarped({ name, differentiableDynamics }: Environment): string | null {
  if (differentiableDynamics?.jumps === undefined) return null;
  return `${name} does not state how far its data are from a jump. Use "jackknife-coupled".`;
}

/** Why derivatives cannot be of contacts that stiffen over `depth` metres, and what to do; null if they can. */
export function notSoftened({ name, differentiableDynamics }: Environment, depth: number): string | null {
  const own = differentiableDynamics?.contactDepth?.();
  if (own === undefined) return `${name} has no contacts that begin without force. Leave it out`;
  if (depth < own) return `the contacts of ${name} stiffen over ${own} m. Use at least that, or leave it out`;
  return null;
}

/** What a derivative through the data of an environment omits, as a sentence; null if nothing jumps. */
export function leftOut({ name, differentiable, differentiableDynamics }: Environment): string | null {
  const where = differentiable?.jumps?.where ?? differentiableDynamics?.jumps;
  if (where === undefined) return null;
  const exact = differentiable?.jumps ? "reparameterised-warped" : "jackknife-coupled";
  return `The data of ${name} jump in θ where ${where}: the gradient leaves out trajectories that cross there, a bias. "${exact}" includes them.`;
}

/**
 * Where derivatives through the dynamics grow beyond use as a gait is learnt, and what bounds them, as a sentence; null
 * elsewhere. Of the four robots measured only half-cheetah's grow so, and only it has contacts that begin without force:
 * robots with such contacts are taken to be like it. docs/results/rigid-body-speed.md
 */
export function growing({ name, differentiableDynamics }: Environment): string | null {
  if (differentiableDynamics?.contactDepth?.() === undefined) return null;
  return (
    `Derivatives through ${name} can grow without bound once a gait is learnt, and the noise of this estimator with ` +
    'them. "reparameterised-damped" bounds them, with a bias.'
  );
}

/** Data cannot be differentiated through the environment or the policy. */
export class NotDifferentiableError extends RangeError {
  override readonly name = "NotDifferentiableError";
  readonly environment: string;

  constructor(environment: Environment) {
    const why =
      notDifferentiable(environment) ?? "the policy does not state its actions as a function of θ and noise.";
    super(`Data cannot be differentiated in θ: ${why}`);
    this.environment = environment.name;
  }
}

/** Compiled once per size of batch. Throws `NotDifferentiableError` where actions are discrete or the step has no adjoint. */
export function createSimulator(
  environment: Environment,
  policy: Policy,
  execution: Execution = {},
): Simulator {
  const { differentiable, differentiableDynamics } = environment;
  const actions = actionDerivatives(policy, execution);
  if (actions === null) throw new NotDifferentiableError(environment);
  if (differentiableDynamics !== undefined)
    return {
      policy: actions,
      needsStates: true,
      adjoint: recordedAdjoint(differentiableDynamics, execution),
    };
  if (differentiable === undefined) throw new NotDifferentiableError(environment);
  const adjointOf = programAdjoint(differentiable.step, execution);
  const parameters = (task: unknown): readonly number[] => differentiable.parameters(task);
  const warp = differentiable.jumps && warpedSteps(differentiable.jumps, execution);
  return {
    policy: actions,
    needsStates: false,
    adjoint: (batch, task) => adjointOf(batch, parameters(task)),
    ...(warp ? { warped: (batch, task) => warp(batch, parameters(task)) } : {}),
  };
}
