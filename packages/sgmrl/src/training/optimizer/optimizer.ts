/**
 * First-order optimizers as pure functions on vectors. The code everywhere else maximises V; the minus sign that
 * turns this into the minimisation the optimizers were published for stands in this folder and nowhere else.
 */
import type { OptimizerSettings } from "../../settings.ts";
import { adam } from "./adam.ts";
import { sgd } from "./sgd.ts";

/** Everything an optimizer remembers between steps. Plain data: it is written to checkpoints as it is. */
export interface OptimizerState {
  /** t, the number of steps taken. */
  readonly step: number;
  /** Running vectors by name, each of the length of θ. */
  readonly moments: Readonly<Record<string, Float64Array>>;
}

export interface OptimizerStep {
  readonly theta: Float64Array;
  readonly state: OptimizerState;
}

/** Steps uphill as pure functions: the state goes in and comes out. */
export interface Optimizer {
  /** W: for independent gradients of one variance, the momentum has the variance of a mean over W of them. */
  readonly averaging: number;
  initialState(length: number): OptimizerState;
  /** One step uphill, along an estimate of ∇V(θ). Its arguments are left as they are. */
  ascend(theta: Float64Array, gradient: Float64Array, state: OptimizerState): OptimizerStep;
}

/** The optimizer that the settings describe: Adam or gradient steps with heavy-ball momentum. Never throws. */
export function createOptimizer(settings: OptimizerSettings): Optimizer {
  return settings.name === "adam" ? adam(settings) : sgd(settings);
}
