/** Estimators made up of normal draws with known moments, in place of rollouts. */
import { fold, key, normal } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { addScaled } from "../../../../src/arithmetic.ts";
import type { BatchRow } from "../../../../src/experiments/studies/frontier/batches.ts";
import type { Draws } from "../../../../src/experiments/studies/frontier/draws.ts";
import { type FrontierRow, measure } from "../../../../src/experiments/studies/frontier/measure.ts";

// P ~ N(1, I), S ~ N(1/2, I) in 4 dimensions: |bias|² of P alone is 1, |∇V|² is 9.
const d = 4;
const n = 400;
const draw = (i: number, part: number, mean: number): Float64Array =>
  normal(fold(key(11), i, part), d).map((z) => z + mean);
const indices = Array.from({ length: n }, (_, i) => i);
const P = indices.map((i) => draw(i, 0, 1));
const S = indices.map((i) => draw(i, 1, 0.5));
const both = P.map((p, i) => addScaled(p, 1, S[i]!));
const draws: Draws = {
  estimates: new Map([
    ["jackknife-coupled", both],
    ["jackknife-linear", both],
    ["maml", P],
    ["slow", P],
  ]),
  milliseconds: new Map([
    ["jackknife-coupled", 4],
    ["jackknife-linear", 1.5],
    ["maml", 1],
    ["slow", 2],
  ]),
};
// Every other draw is the mirror image of the one before about the mean 1: P̄ has no variance left, S̄ has all of its own.
const latticeP = Array.from({ length: 2000 }, (_, i) =>
  draw(i - (i % 2), 2, 1).map((x) => (i % 2 === 0 ? x : 2 - x)),
);
const latticeS = latticeP.map((_, i) => draw(n + i, 1, 0.5));
const lattices: Draws = {
  estimates: new Map([
    ["jackknife-linear", latticeP.map((p, i) => addScaled(p, 1, latticeS[i]!))],
    ["maml", latticeP],
  ]),
  milliseconds: draws.milliseconds,
};
const found = measure(draws, lattices, new Set(["jackknife-coupled"]), 7);
const row = (name: string): FrontierRow => found.rows.find(({ estimator }) => estimator === name)!;

// 1.5 times a margin of 95% is passed over by chance in 0.3% of cases.
describe("measure", () => {
  it("finds squared bias, spread and error", () => {
    const { squaredBias, deviation, error } = row("maml");
    expect(Math.abs(squaredBias.mean - 1)).toBeLessThan(1.5 * squaredBias.margin);
    expect(squaredBias.margin).toBeLessThan(0.3);
    expect(deviation).toBeCloseTo(2, 0);
    expect(error.mean).toBeCloseTo(squaredBias.mean + deviation ** 2 / 20, 12);
    expect(Math.abs(found.squaredGradient.mean - 9)).toBeLessThan(1.5 * found.squaredGradient.margin);
  });

  it("takes a proof of no bias for what it is, and as many tasks as the time allows", () => {
    expect(row("jackknife-coupled").squaredBias).toEqual({ mean: 0, margin: 0 });
    expect(row("maml").errorAtEqualTime.mean).toBe(1);
    const { squaredBias, deviation } = row("slow"); // 10 tasks in the time of 20
    expect(row("slow").errorAtEqualTime.mean).toBeCloseTo(
      (squaredBias.mean + deviation ** 2 / 10) / row("maml").error.mean,
      12,
    );
  });

  const batches = (
    tasks: BatchRow["tasks"],
    coefficient: BatchRow["coefficient"],
    { averaged = false, scoreEvery = 1 } = {},
  ): BatchRow =>
    found.batches.find(
      (b) =>
        b.tasks === tasks &&
        b.scoreEvery === scoreEvery &&
        b.coefficient === coefficient &&
        averaged === b.averaged > 1,
    )!;

  it("chooses the coefficient: a bias of 1 against noise of 4/20 in both terms", () => {
    const { chosen, squaredBias, variance, overMaml } = batches("independent", "auto");
    expect(Math.abs(chosen - 1 / 1.2)).toBeLessThan(0.15);
    expect(squaredBias).toBeLessThan(0.15);
    expect(variance).toBeCloseTo(((1 + chosen ** 2) * 4) / 20, 1);
    expect(Math.abs(overMaml.mean - (1 / 36 + (1 + 1 / 1.44) / 5) / (1 + 0.2 / 1.5))).toBeLessThan(
      1.5 * overMaml.margin,
    );
  });

  it("chooses more of the score term where batches are averaged", () => {
    const averaged = batches("independent", "auto", { averaged: true });
    expect(averaged.chosen).toBeGreaterThan(batches("independent", "auto").chosen);
    expect(averaged.overMaml.mean).toBeLessThan(0.1);
  });

  it("takes the variance of whole batches where tasks are laid out", () => {
    expect(batches("lattice", "0").variance).toBeLessThan(1e-20);
    expect(batches("lattice", "1").variance).toBeCloseTo(4 / 20, 1);
    expect(Math.abs(batches("lattice", "1", { scoreEvery: 4 }).variance - (4 * 4) / 20)).toBeLessThan(0.2);
    expect(batches("lattice", "0").overMaml.mean).toBeLessThan(1);
    expect(batches("lattice", "0").overMamlOnLattice.mean).toBe(1);
  });

  it("draws curves that level off at the bias", () => {
    const last = (name: string): number =>
      found.curves.find(({ estimator }) => estimator === name)!.points.at(-1)!.error;
    expect(last("maml")).toBeCloseTo(row("maml").squaredBias.mean, 3);
    expect(last("jackknife-coupled")).toBeLessThan(1e-3);
    expect(last("maml, lattice")).toBeCloseTo(row("maml").squaredBias.mean, 3);
    expect(last("auto, lattice")).toBeLessThan(0.05);
  });
});
