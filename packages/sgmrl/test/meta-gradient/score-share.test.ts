import { key } from "@sgmrl/autodiff/random";
import { expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { createUnit, type UnitResult } from "../../src/meta-gradient/unit.ts";
import { trainingKeys } from "../../src/training/keys.ts";
import { addScaled } from "../../src/vector.ts";

const [B, K] = [5, 2];

function results(estimator: object): UnitResult[] {
  const { experiment, ...config } = parseConfig({
    file: {
      experiment: {
        estimator: { name: "jackknife-linear", ...estimator },
        inner: { trajectories: 3, steps: 2 },
        outer: { trajectories: 3 },
        policy: { hidden: [4] },
        horizon: 6,
        precision: "float64",
      },
      tasks: B,
      taskSampling: "lattice",
    },
  });
  const unit = createUnit(experiment);
  const theta = unit.initialize(key(4));
  return trainingKeys(config, 0).map(({ task, noise }) => unit.contribute(theta, task, noise));
}

it("[eq:score-share] tasks 0, 2 and 4 of 5 stand for all with their score terms, 5/3 each; the rest have none", () => {
  const every = results({ scoreCoefficient: "auto" });
  const some = results({ scoreCoefficient: "auto", scoreEvery: K });
  const added = results({ scoreEvery: K });
  some.forEach(({ gradient, score }, i) => {
    const share = i % K === 0 ? B / 3 : 0;
    expect(gradient).toEqual(every[i]!.gradient);
    score!.forEach((x, d) => {
      expect(x).toBeCloseTo(share * every[i]!.score![d]!, 12);
    });
    addScaled(gradient, 1, score!).forEach((x, d) => {
      expect(added[i]!.gradient[d]).toBeCloseTo(x, 12);
    });
  });
  expect(every.every(({ score }) => score!.some((x) => x !== 0))).toBe(true);
});
