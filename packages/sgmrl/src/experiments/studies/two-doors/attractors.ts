/** Where ascent along an estimator's exact mean can end on two doors: every attractor of a problem with one parameter. */
import { exp } from "@sgmrl/autodiff/elementary";
import { moments } from "../../../exact/moments.ts";
import { objective } from "../../../exact/objective.ts";
import { findEstimator } from "../../../meta-gradient/catalogue.ts";
import { type DoorsChoice, twoDoors } from "../../problems.ts";

export interface DoorsSetting extends DoorsChoice {
  /** The probability that the prize is behind the first door. */
  readonly w: number;
}

/** A stable stationary point of an estimator's exact mean, as the probability of the first door. */
export interface Attractor {
  readonly first: number;
  /** V there. */
  readonly value: number;
}

/** Bound on the logit differences searched: beyond it, policies differ by less than 1e-6. */
const edge = 14;
const gridPoints = 113;

/** The exact mean of an estimator at logit difference x, in the direction of x. As α → ∞: [eq:two-doors-fields] */
export function slope(estimator: string, { w, ...choice }: DoorsSetting, x: number): number {
  const [found] = moments(twoDoors(w, choice, x), [findEstimator(estimator)]);
  return found!.mean[0]! - found!.mean[1]!;
}

/**
 * Every attractor of θ ↦ E λ_0 over logit differences from −14 to 14: zeros at which the field is decreasing,
 * by bisection between grid points, and an end of the range if the field points towards it.
 */
export function attractors(estimator: string, setting: DoorsSetting): readonly Attractor[] {
  const { w, ...choice } = setting;
  const field = (x: number): number => slope(estimator, setting, x);
  const at = (x: number): Attractor => ({
    first: 1 / (1 + exp(-x)),
    value: objective(twoDoors(w, choice, x)),
  });
  const xs = Array.from({ length: gridPoints }, (_, i) => -edge + (2 * edge * i) / (gridPoints - 1));
  const values = xs.map(field);
  const inside = xs.flatMap((low, i) => {
    const high = xs[i + 1];
    if (high === undefined || !(values[i]! > 0 && values[i + 1]! <= 0)) return [];
    let [a, b] = [low, high];
    for (let halvings = 0; halvings < 40; halvings++) {
      const middle = (a + b) / 2;
      if (field(middle) > 0) a = middle;
      else b = middle;
    }
    return [at((a + b) / 2)];
  });
  return [...(values[0]! < 0 ? [at(-edge)] : []), ...inside, ...(values.at(-1)! > 0 ? [at(edge)] : [])];
}

/** The best that ascent along an estimator's mean can reach, over all starts. */
export function best(estimator: string, setting: DoorsSetting): Attractor {
  return attractors(estimator, setting).reduce((a, b) => (b.value > a.value ? b : a));
}
