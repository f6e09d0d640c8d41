import { actionScale, scaledAction } from "../framework/action-scaling.ts";
import { EnvironmentError } from "../framework/errors.ts";
import type { Robot } from "../rigid-body/model/robot.ts";

/**
 * From an action to controls: over each actuator's range u₀ ± u₁, or ±1 where it has none,
 *   u = u₀ + clip(u₁ a / a_max, ±u₁)
 */
export interface ActionToControl {
  /** a_max */
  readonly scale: number;
  write(actions: Float64Array, a: number, controls: Float64Array, c: number): void;
  /** ā_i = ū_i ∂u_i/∂a_i at an action a_i. */
  pull(controlBar: number, i: number, action: number): number;
}

export function actionToControl(
  name: string,
  { motors }: Robot,
  scale: number = actionScale,
): ActionToControl {
  if (motors.length === 0) throw new EnvironmentError(name, "robot.motors", "none", "at least one actuator");
  if (!(scale > 0 && Number.isFinite(scale)))
    throw new EnvironmentError(name, "actionScale", scale, "a positive number");
  const ranges = motors.map(({ range: [low, high] }) =>
    Number.isFinite(high - low)
      ? { middle: (low + high) / 2, half: (high - low) / 2 }
      : { middle: 0, half: 1 },
  );
  return {
    scale,
    write(actions, a, controls, c) {
      ranges.forEach(({ middle, half }, i) => {
        controls[c + i] = middle + scaledAction(actions[a + i]!, half, scale);
      });
    },
    pull: (controlBar, i, action) => (Math.abs(action) < scale ? (ranges[i]!.half * controlBar) / scale : 0),
  };
}
