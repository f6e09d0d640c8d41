import { EnvironmentError } from "./errors.ts";
import type { Space } from "./space.ts";

export function assertLength(name: string, field: string, got: number, expected: number): void {
  if (got !== expected) throw new EnvironmentError(name, `the length of ${field}`, got, String(expected));
}

/** Components must be finite; a discrete action must be one of the space's. Boxes clip, so they take any number. */
export function assertAction(
  name: string,
  action: Float64Array,
  a: number,
  space: Space,
  time: number,
): void {
  if (space.kind === "discrete") {
    const index = action[a]!;
    if (Number.isInteger(index) && index >= 0 && index < space.count) return;
    throw new EnvironmentError(
      name,
      `action at time ${time}`,
      index,
      `a whole number from 0 to ${space.count - 1}`,
    );
  }
  for (let i = 0; i < space.low.length; i++) {
    if (Number.isFinite(action[a + i]!)) continue;
    const expected = "a finite number (have the policy's parameters diverged?)";
    throw new EnvironmentError(name, `action[${a + i}] at time ${time}`, action[a + i], expected);
  }
}
