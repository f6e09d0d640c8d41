/** What can be set on the page; also what its address may hold. */
import * as z from "zod/mini";

export const families = ["needle", "corridor", "two doors"] as const;

export const Setting = z.strictObject({
  family: z.enum(families),
  /** What the safe arm, or camping, pays. */
  safe: z.number().check(z.minimum(0), z.maximum(1)),
  /** The probability that the prize is behind the first door. */
  prize: z.number().check(z.minimum(0.5), z.maximum(0.95)),
  /** α */
  stepSize: z.number().check(z.minimum(0.5), z.maximum(20)),
  /** N */
  trajectories: z.int().check(z.minimum(1), z.maximum(4)),
});
export type Setting = z.infer<typeof Setting>;

/** The settings of the README and of docs/results, but for N of the corridor, 3 there: too long for a page. */
export const published: Readonly<Record<Setting["family"], Setting>> = {
  needle: { family: "needle", safe: 0.45, prize: 0.8, stepSize: 10, trajectories: 3 },
  corridor: { family: "corridor", safe: 0.45, prize: 0.8, stepSize: 10, trajectories: 2 },
  "two doors": { family: "two doors", safe: 0.45, prize: 0.8, stepSize: 10, trajectories: 4 },
};

/** N, at most: a corridor has many more data sets. */
export const mostTrajectories: Readonly<Record<Setting["family"], number>> = {
  needle: 4,
  corridor: 2,
  "two doors": 4,
};
