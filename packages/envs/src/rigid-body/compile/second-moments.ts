import type { Symmetric3 } from "../model/robot.ts";

/** How far, in units of the trace, rounding may take an inertia beyond a flat or slender body's. */
const slack = 1e-9;

/**
 * Whether an inertia I is that of some mass distribution. Its second moments Σ = ∫ρ r rᵀ dV are positive
 * semidefinite, and I = tr(Σ) 1 − Σ; so
 *
 *   Σ = ½ tr(I) 1 − I ⪰ 0
 *
 * which says that no principal moment is negative or exceeds the sum of the other two. Decided by the pivots of a
 * Cholesky factorisation.
 *
 * Units   kg m²; I = (xx, yy, zz, xy, xz, yz)
 * Source  Wensing, Kim, Slotine, IEEE Robotics and Automation Letters 3(1), 2018
 */
export function isRealizable([xx, yy, zz, xy, xz, yz]: Symmetric3): boolean {
  const trace = xx + yy + zz;
  if (trace === 0) return [xx, yy, zz, xy, xz, yz].every((x) => x === 0);
  const half = trace * (0.5 + slack);
  const first = half - xx;
  const second = half - yy - (xy * xy) / first;
  const third = half - zz - (xz * xz) / first - (yz + (xy * xz) / first) ** 2 / second;
  return first > 0 && second > 0 && third > 0;
}
