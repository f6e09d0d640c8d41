import { pow } from "@sgmrl/autodiff/elementary";
import type { Softness } from "./robot.ts";

/** Floors and clamps of degenerate values (MuJoCo's mjMINVAL, mjMINIMP, mjMAXIMP, mjMINMU). */
export const minimumValue = 1e-15;
export const minimumImpedance = 1e-4;
const maximumImpedance = 0.9999;
export const minimumFriction = 1e-5;

/**
 * Constants of one kind of constraint row, computed before any step.                      [eq:constraint-row]
 *   K = 1 / (dWidth² τ² ζ²)      B = 2 / (dWidth τ)
 *   τ = max(timeConstant, 2 h), ζ = dampingRatio, h the timestep
 */
export interface ConstraintLaw {
  /** K [1/s^2] */
  readonly stiffness: number;
  /** B [1/s] */
  readonly damping: number;
  /** Distance or angle at which the row appears [m or rad]. */
  readonly margin: number;
  /** Impedance curve, see `impedance`. */
  readonly d0: number;
  readonly dWidth: number;
  readonly width: number;
  readonly midpoint: number;
  readonly power: number;
  /**
   * R = regularisation · (1 − d)/d: the inverse inertia in constraint space, times the factor of the friction
   * pyramid where there is one [1/kg or 1/(kg m^2)].
   */
  readonly regularization: number;
}

export function constraintLaw(
  { timeConstant, dampingRatio, impedance: [d0, dWidth, width, midpoint, power] }: Softness,
  timestep: number,
  margin: number,
  regularization: number,
): ConstraintLaw {
  const clamp = (d: number) => Math.min(maximumImpedance, Math.max(minimumImpedance, d));
  const tau = Math.max(timeConstant, 2 * timestep);
  const d = clamp(dWidth);
  return {
    stiffness: 1 / (d * d * tau * tau * dampingRatio * dampingRatio),
    damping: 2 / (d * tau),
    margin,
    d0: clamp(d0),
    dWidth: d,
    width: Math.max(0, width),
    midpoint: clamp(midpoint),
    power: Math.max(1, power),
    regularization,
  };
}

/**
 * The impedance d(r) in (0, 1): a smooth step from d0 to dWidth over |r| = width,              [eq:impedance]
 *   x = |r| / width,  d = d0 + y(x) (dWidth − d0)
 *   y = x^p / a^(p−1)                   x <= a
 *   y = 1 − (1−x)^p / (1−a)^(p−1)       x >  a        a = midpoint, p = power
 * Source: MuJoCo documentation, "Impedance".
 */
export function impedance(law: ConstraintLaw, r: number): number {
  const { d0, dWidth, width, midpoint: a, power: p } = law;
  if (d0 === dWidth || width <= minimumValue) return (d0 + dWidth) / 2;
  const x = Math.abs(r) / width;
  if (x >= 1) return dWidth;
  if (p === 1) return d0 + x * (dWidth - d0);
  const y = x <= a ? raise(x, p) / raise(a, p - 1) : 1 - raise(1 - x, p) / raise(1 - a, p - 1);
  return d0 + y * (dWidth - d0);
}

/** x^p for x ≥ 0 and p > 0. */
export function raise(x: number, p: number): number {
  return p === 1 ? x : p === 2 ? x * x : pow(x, p);
}
