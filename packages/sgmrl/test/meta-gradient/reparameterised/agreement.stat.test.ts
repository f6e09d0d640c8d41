/** On navigation without ends, sampled as in training: derivatives of the data and scores have one mean. */
import { fold, key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { navigation2D } from "@sgmrl/envs";
import { expect, it } from "vitest";
import { sub } from "../../../src/arithmetic.ts";
import { findEstimator } from "../../../src/meta-gradient/catalogue.ts";
import { outerEstimate } from "../../../src/meta-gradient/outer.ts";
import { metaGradient } from "../../../src/meta-gradient/recursion.ts";
import { meanWithConfidence } from "../../../src/statistics/confidence.ts";
import { walks } from "../../support/walks.ts";

const draws = 4000;
const confidence = 1 - 1e-4;

it(`[eq:reparameterised-score] has the mean of jackknife-coupled, and MAML has not; false alarms at 1e-4`, () => {
  const { theta, update, again } = walks(navigation2D({ terminates: false }), key(1), {
    hidden: [],
    advantage: "centred",
    convention: "paper",
    steps: 1,
    stepSize: 2,
    trajectories: 3,
    horizon: 8,
    initialStd: 1,
    backend: wasm,
  });
  const names = ["reparameterised", "maml", "jackknife-coupled"];
  const gradients = names.map((): Float64Array[] => []);
  for (let i = 0; i < draws; i++) {
    const { sampler, adapt } = again(fold(key(2), i));
    const adaptation = adapt(theta);
    const outer = outerEstimate(update, adaptation, sampler.sample(adaptation.adapted, 2));
    names.forEach((name, e) => {
      gradients[e]!.push(metaGradient(findEstimator(name), { update, adaptation, outer, sampler }).gradient);
    });
  }
  /** The largest |mean of a difference| in units of its margin. */
  const furthest = (e: number): number => {
    const differences = gradients[e]!.map((x, i) => sub(x, gradients[2]![i]!));
    return Math.max(
      ...theta.map((_, k) => {
        const values = differences.map((x) => x[k]!);
        const { mean, margin } = meanWithConfidence(values, { confidence, together: theta.length });
        return margin === 0 ? 0 : Math.abs(mean) / margin;
      }),
    );
  };
  expect(furthest(0)).toBeLessThan(1);
  expect(furthest(1)).toBeGreaterThan(1);
});
