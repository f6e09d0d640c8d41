import { fold, type Key, normal } from "@sgmrl/autodiff/random";
import type { Environment } from "./environment.ts";
import { EnvironmentError } from "./errors.ts";

/** Steps of the differences, along a random direction; where the two disagree nothing is said, as where a contact begins. */
const steps = [1e-5, 1e-6] as const;
const undecided = 1e-5;

/** Relative error from which an adjoint is refused. */
const tolerance = 1e-3;

/**
 * Refuses an adjoint that is not the derivative of the state reached, of the reward and of the
 * observation, each along a random direction of state and action, by central differences of the environment itself.
 *
 * Errors  `EnvironmentError` with both derivatives
 */
export function checkAdjoint<Task>(
  environment: Environment<Task>,
  task: Task,
  values: Float64Array,
  action: Float64Array,
  k: Key,
  at: string,
): void {
  const { name, differentiableDynamics, noDerivative } = environment;
  if (differentiableDynamics === undefined || noDerivative?.() !== undefined) return;
  const { cotangentSize: size } = differentiableDynamics;
  const adjoint = differentiableDynamics.adjoint(task);
  const seen = environment.observe({ values, key: k, time: 0 }, task).length;
  const [stateBar, observationBar] = [normal(fold(k, 0), size), normal(fold(k, 1), seen)];
  const [stateMove, actionMove] = [normal(fold(k, 2), size), normal(fold(k, 3), action.length)];

  /** A projection of the state reached, the reward, and a projection of the observation, h along the direction. */
  const measured = (h: number): number[] => {
    const moved = values.map((value, i) => (i < size ? value + h * stateMove[i]! : value));
    const state = { values: moved, key: k, time: 0 };
    const next = environment.step(
      state,
      action.map((a, i) => a + h * actionMove[i]!),
      task,
    );
    return [
      dot(stateBar, next.state.values),
      next.reward,
      dot(observationBar, environment.observe(state, task)),
    ];
  };
  const [wide, narrow] = steps.map((h) => {
    const [up, down] = [measured(h), measured(-h)];
    return up.map((value, i) => (value - down[i]!) / (2 * h));
  }) as [number[], number[]];

  const reached = environment.step({ values, key: k, time: 0 }, action, task).state.values;
  const both = Float64Array.of(...values, ...reached);
  const pulled = (bar: Float64Array, rewardBar: number): number => {
    const actionBar = new Float64Array(action.length);
    const row = Int32Array.of(0);
    adjoint.pullSteps(both, row, action, row, bar, Float64Array.of(rewardBar), actionBar);
    return dot(bar, stateMove) + dot(actionBar, actionMove);
  };
  const observed = new Float64Array(size);
  adjoint.pullObservation(both, 0, observationBar, 0, observed, 0);
  const found = [pulled(stateBar.slice(), 0), pulled(new Float64Array(size), 1), dot(observed, stateMove)];

  const now = measured(0);
  ["the state reached", "the reward", "the observation"].forEach((what, i) => {
    const scale = Math.max(Math.abs(narrow[i]!), 1e-3 * (1 + Math.abs(now[i]!)));
    if (!(Math.abs(wide[i]! - narrow[i]!) <= undecided * scale)) return;
    if (Math.abs(found[i]! - wide[i]!) <= tolerance * scale) return;
    const derivative = `the derivative of ${what} ${at} along a random direction, by the adjoint,`;
    throw new EnvironmentError(name, derivative, found[i], `${wide[i]}, as by differences`);
  });
}

/** Over the elements of the first. */
function dot(x: Float64Array, y: Float64Array): number {
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
}
