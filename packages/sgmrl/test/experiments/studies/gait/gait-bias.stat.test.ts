/** ∇J of half-cheetah through its physics: the exact sweep agrees with scores, one that carries nothing does not. */
import { key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../../src/config/parse-config.ts";
import { unitFor } from "../../../../src/execution/local-unit.ts";
import { drawGaits, type Form, gaitBias } from "../../../../src/experiments/studies/gait/gait-bias.ts";
import { dampedSweep } from "../../../../src/meta-gradient/reparameterised/damped-sweep.ts";
import { adjointSweep } from "../../../../src/meta-gradient/reparameterised/sweep.ts";

const forms: readonly Form[] = [
  { name: "exact", sweep: adjointSweep },
  { name: "the robot's own contacts", sweep: adjointSweep, contactDepth: 0.01 },
  { name: "softer contacts", sweep: adjointSweep, contactDepth: 0.1 },
  {
    name: "nothing carried",
    sweep: (batch, adjoint, feedback, partial) =>
      dampedSweep(batch, adjoint, feedback, partial, {
        damping: 0,
        clip: Number.POSITIVE_INFINITY,
        clipBy: "norm",
      }),
  },
];
const theta = unitFor(parseConfig({ preset: "half-cheetah-short" }).experiment).initialize(key(0));
const draws = drawGaits(theta, forms, 10, 100, key(1));
const rows = gaitBias(draws, forms);
const row = (name: string) => rows.find(({ form }) => form === name)!;

describe("bias of derivatives along half-cheetah's trajectories, 10 steps, 100 batches", () => {
  it("the exact sweep has the mean of the scores, at a fifth of their deviation or less", () => {
    const { relativeBias, cosine, deviation } = row("exact");
    expect(Math.abs(relativeBias.mean)).toBeLessThan(2 * relativeBias.margin);
    expect(Math.abs(1 - cosine.mean)).toBeLessThan(2 * cosine.margin);
    expect(deviation.mean).toBeLessThan(row("scores").deviation.mean / 5);
  });

  it("a sweep that carries nothing from later steps has another mean", () => {
    const { relativeBias } = row("nothing carried");
    expect(relativeBias.mean).toBeGreaterThan(2 * relativeBias.margin);
  });

  it("[eq:softer-contacts] softer contacts change the derivatives, the robot's own do not", () => {
    const [exact, same, softer] = draws.forms;
    expect(same).toEqual(exact);
    expect(softer).not.toEqual(exact);
  });
});

describe("the table", () => {
  const drawn = (x: readonly number[]) => Array.from({ length: 40 }, () => Float64Array.from(x));
  const table = (form: readonly number[]) =>
    gaitBias({ scores: drawn([3, 4]), forms: [drawn(form)] }, [{ name: "form", sweep: adjointSweep }])[1]!;

  it.each<[form: number[], bias: number, cosine: number]>([
    [[3, 4], 0, 1],
    [[3, 0], 16 / 25, 3 / 5],
    [[-3, -4], 4, -1],
    [[6, 8], 1, 1],
    [[-4, 3], 2, 0],
  ])("of constant draws of %j is that of the vectors", (form, bias, cosine) => {
    const row = table(form);
    expect(row.relativeBias.mean).toBeCloseTo(bias, 12);
    expect(row.cosine.mean).toBeCloseTo(cosine, 12);
    expect(row.deviation.mean).toBeCloseTo(0, 6);
  });
});
