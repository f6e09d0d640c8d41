/** A robot as it is driven; also what the page's address may hold. */
import * as z from "zod/mini";

export const names = ["half-cheetah", "ant", "hopper", "walker2d", "swimmer"] as const;

const numbers = z.array(z.number()).check(z.maxLength(64));

export const Driven = z.strictObject({
  robot: z.enum(names),
  /** Of every actuator, in its units. */
  control: numbers,
  /** Steps since the reset. */
  steps: z.int().check(z.minimum(0), z.maximum(1e9)),
  /** Absent after a reset; else as the simulator holds it, exactly. */
  state: z.optional(z.strictObject({ qpos: numbers, qvel: numbers, warmstart: numbers })),
});
export type Driven = z.infer<typeof Driven>;

/** Keys that move actuator k forward and back while they are held. */
export const keys: readonly (readonly [up: string, down: string])[] = [
  ["q", "a"],
  ["w", "s"],
  ["e", "d"],
  ["r", "f"],
  ["t", "g"],
  ["y", "h"],
  ["u", "j"],
  ["i", "k"],
];
