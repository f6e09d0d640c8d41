/** Estimators made up of normal draws with known moments, in place of rollouts. */
import { fold, key, normal } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import type { Draws } from "../../../src/studies/frontier/draws.ts";
import { measure, type Row } from "../../../src/studies/frontier/measure.ts";
import { addScaled } from "../../../src/vector.ts";

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
    ["jackknife-linear", 2],
    ["maml", 1],
    ["slow", 2],
  ]),
};
const found = measure(draws, new Set(["jackknife-coupled"]), 7);
const row = (name: string): Row => found.rows.find(({ estimator }) => estimator === name)!;

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

  it("plans partial debiasing that pays: a bias of 1 against noise of 4/20", () => {
    expect(found.partial.coefficient).toBeGreaterThan(0.2);
    expect(found.partial.errorAtEqualTime.mean).toBeLessThan(0.8);
  });

  it("draws curves that level off at the bias", () => {
    const last = (name: string): number =>
      found.curves.find(({ estimator }) => estimator === name)!.points.at(-1)!.error;
    expect(last("maml")).toBeCloseTo(row("maml").squaredBias.mean, 3);
    expect(last("jackknife-coupled")).toBeLessThan(1e-3);
    expect(last("partial")).toBeLessThan(0.05);
  });
});
