import type { Mdp } from "@sgmrl/envs";
import fc from "fast-check";

/** Multiples of 1/8, so that counterexamples read well; the ends are drawn often, as bounds are met there. */
export function eighths(low: number, high: number): fc.Arbitrary<number> {
  const inside = fc.integer({ min: low * 8, max: high * 8 }).map((k) => k / 8);
  return fc.oneof({ weight: 2, arbitrary: inside }, { weight: 1, arbitrary: fc.constantFrom(low, high) });
}

function distribution(n: number): fc.Arbitrary<number[]> {
  return fc
    .array(fc.integer({ min: 0, max: 4 }), { minLength: n, maxLength: n })
    .map((weights) => (weights.every((w) => w === 0) ? weights.map(() => 1) : weights))
    .map((weights) => {
      const total = weights.reduce((sum, w) => sum + w, 0);
      return weights.map((w) => w / total);
    });
}

export interface Size {
  readonly states: number;
  readonly actions: number;
  readonly horizon: number;
}

/** MDPs of one size: transitions with zeros, rewards of both signs, discounts up to 1. */
export function mdps({ states, actions, horizon }: Size): fc.Arbitrary<Mdp> {
  const table = <T>(entry: fc.Arbitrary<T>): fc.Arbitrary<T[][]> =>
    fc.array(fc.array(entry, { minLength: actions, maxLength: actions }), {
      minLength: states,
      maxLength: states,
    });
  return fc.record({
    initial: distribution(states),
    transitions: table(distribution(states)),
    rewards: table(eighths(-2, 2)),
    horizon: fc.constant(horizon),
    discount: fc.constantFrom(0.5, 0.9, 1),
  });
}

export function logits({ states, actions }: Size): fc.Arbitrary<number[]> {
  return fc.array(eighths(-2, 2), { minLength: states * actions, maxLength: states * actions });
}
