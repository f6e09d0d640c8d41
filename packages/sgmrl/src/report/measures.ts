/** Descriptions of the recorded measures of a run. */

const names: Readonly<Record<string, string>> = {
  preReturn: "return before adaptation, on training tasks",
  postReturn: "return after adaptation, on training tasks",
  postDiscountedReturn: "discounted return after adaptation",
  timesteps: "environment steps per task",
  updateNorm: "norm of the adaptation ‖θ_ζ − θ‖",
  pathwiseNorm: "norm of a task's pathwise term",
  scoreNorm: "norm of a task's score term",
  multiplierMean: "mean of the score's multipliers",
  multiplierStd: "standard deviation of the score's multipliers",
  effectiveSampleSize: "effective sample size",
  scoreCoefficient: "coefficient c of the score term",
  gradientNorm: "norm of the meta-gradient",
  seconds: "seconds per iteration",
};

/** A metric by its name; `heldOut.2` is the return on held-out tasks after 2 steps. */
export function measureLabel(id: string): string {
  const steps = /^heldOut\.(\d+)$/.exec(id)?.[1];
  if (steps !== undefined) return steps === "0" ? "before adaptation" : `after k = ${steps}`;
  return names[id] ?? id;
}
