/** Weight, impedance and reference acceleration, common to all constraint rows. */
import {
  add,
  constant,
  div,
  less,
  type Mask,
  max,
  mul,
  neg,
  type Operand,
  type Scalar,
  select,
  sub,
} from "@sgmrl/autodiff/scalar";
import { type ConstraintLaw, minimumValue } from "../model/constraint-law.ts";
import { RobotError } from "../model/errors.ts";
import type { Model } from "../model/model.ts";

/** A row J a − aref of weight D, 0 where it is out of reach. A contact's rows share its N and T_k. */
export interface Row {
  /** D [kg or kg m²] */
  readonly weight: Scalar;
  readonly reference: Scalar;
}

/** D where the row pushes, J a < aref; else 0. */
export function pushing({ weight, reference }: Row, Ja: Scalar): Scalar {
  return select(less(Ja, reference), weight, 0);
}

/** J a − aref where the row pushes; else 0. */
export function pushedGap({ reference }: Row, Ja: Scalar): Scalar {
  return select(less(Ja, reference), sub(Ja, reference), 0);
}

/** −B (J v) − K d r */
export function reference(law: ConstraintLaw, d: Scalar, r: Scalar, speed: Scalar): Scalar {
  return sub(neg(mul(law.damping, speed)), mul(mul(law.stiffness, d), r));
}

/** D = 1/R, R = max(1e-15, regularisation · (1 − d)/d); since d <= 0.9999, the bound rarely applies. */
export function weight(regularization: Operand, d: Scalar, isThere: Mask): Scalar {
  const known = typeof regularization === "number" ? regularization : regularization.value;
  const D =
    known !== undefined && known * 1e-4 > minimumValue
      ? div(d, mul(sub(1, d), known))
      : div(1, max(minimumValue, mul(div(sub(1, d), d), regularization)));
  return select(isThere, D, 0);
}

/** d(r) for r < 0                                                                                  [eq:impedance] */
export function impedance(model: Model, law: ConstraintLaw, r: Scalar): Scalar {
  const { d0, dWidth, width, midpoint: a, power: p } = law;
  if (d0 === dWidth || width <= minimumValue) return constant((d0 + dWidth) / 2);
  if (!Number.isInteger(p) || p > 8) throw unsupported(model, "impedance", `the power ${p}`);
  const x = div(neg(r), width);
  const y = p === 1 ? x : select(less(a, x), sub(1, rise(sub(1, x), 1 - a, p)), rise(x, a, p));
  return select(less(x, 1), add(d0, mul(y, dWidth - d0)), dWidth);
}

/** x^p / a^(p−1) */
function rise(x: Scalar, a: number, p: number): Scalar {
  return Array.from({ length: p - 1 }).reduce<Scalar>((power) => mul(power, mul(x, 1 / a)), x);
}

/** The error for a robot whose step cannot be a program. */
export function unsupported(model: Model, part: string, what: string): RobotError {
  return new RobotError(model.name, part, `${what} is not part of the program of a step`);
}
