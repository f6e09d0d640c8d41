/**
 * From the policy's action to the environment's, for an environment whose action box is [-bound, bound]:
 *
 *   u = clip(bound a / scale, bound)
 *
 * The policy sees the box [-scale, scale] instead, so that standard deviation 1 explores a tenth of the range
 * (scale 10). A Gaussian policy is unbounded: its score is taken at the sample a, while u is applied.
 *
 * Source  the `normalize` wrapper of the code of Fallah et al., NeurIPS 2021, arXiv:2002.05135, at its defaults
 */
export function scaledAction(a: number, bound: number, scale: number = actionScale): number {
  return clip((bound * a) / scale, bound);
}

/** The published wrapper's scale. */
export const actionScale = 10;

/** x limited to [-bound, bound]. */
export function clip(x: number, bound: number): number {
  return Math.min(Math.max(x, -bound), bound);
}
