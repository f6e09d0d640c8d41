// [eq:curvature-dice] [eq:multiplier-jackknife-linear] How the bias for ∇V falls with α and N, exactly, on the two-state MDP of the audit.
import { expect, it } from "vitest";
import { moments } from "../../src/exact/moments.ts";
import { gradient } from "../../src/exact/objective.ts";
import { twoState } from "../../src/experiments/audit/default-problems.ts";
import { findEstimator } from "../../src/meta-gradient/catalogue.ts";
import type { AdvantageName } from "../../src/settings.ts";

function biasOf(name: string, advantage: AdvantageName, alpha: number, N: number): number {
  const { inner, ...rest } = twoState(alpha, 1, N);
  const problem = { ...rest, inner: { ...inner, advantage } };
  const exact = gradient(problem);
  const [found] = moments(problem, [findEstimator(name)]);
  return Math.hypot(...found!.mean.map((x, i) => x - exact[i]!));
}

/** The power of α, between two short steps. */
const orderInAlpha = (name: string, advantage: AdvantageName): number =>
  Math.log2(biasOf(name, advantage, 0.01, 2) / biasOf(name, advantage, 0.005, 2));

const secondOrder: readonly (readonly [AdvantageName, readonly string[]])[] = [
  ["reward-to-go", ["jackknife-linear", "lsf", "dice", "loaded-dice", "tmaml"]],
  ["leave-one-out", ["jackknife-linear", "lsf", "dice"]],
  ["standardised", ["jackknife-linear"]],
];
const all = ["jackknife-linear", "lsf", "dice", "loaded-dice", "tmaml", "lvc", "maml"];

it.each(
  secondOrder.flatMap(([advantage, names]) =>
    all.map((name) => ({ name, advantage, order: names.includes(name) ? 2 : 1 })),
  ),
)("$name with $advantage: bias of order $order in α", ({ name, advantage, order }) => {
  expect(Math.abs(orderInAlpha(name, advantage) - order)).toBeLessThan(0.06);
});

it.each(all)("%s with plain weights: how the bias falls from N = 2 to N = 4", (name) => {
  const ratio = biasOf(name, "reward-to-go", 0.01, 2) / biasOf(name, "reward-to-go", 0.01, 4);
  expect(Math.abs(ratio - (name === "lvc" || name === "maml" ? 1 : 2))).toBeLessThan(0.05);
});
