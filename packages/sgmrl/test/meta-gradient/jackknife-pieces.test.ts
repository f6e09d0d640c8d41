// Trajectories are left out a few at a time, to bound the memory of the jackknife. No bit may depend on how many.
import { fold, key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { type JackknifeForm, jackknife } from "../../src/meta-gradient/jackknife.ts";
import { partsOf } from "../../src/meta-gradient/parts.ts";
import { createUnit } from "../../src/meta-gradient/unit.ts";

const forms: readonly JackknifeForm[] = ["next-step", "whole-path", "per-decision", "coupled"];
const flags = {
  "--inner-trajectories": "7",
  "--outer-trajectories": "5",
  "--inner-steps": "2",
  "--horizon": "6",
  "--hidden": "5",
};

it.each(
  forms.flatMap((form) =>
    (["float64", "float32"] as const).flatMap((precision) =>
      [undefined, 3].map((groups) => ({ form, precision, groups })),
    ),
  ),
)("one group at a time, two, or all: $form, $precision, groups $groups", ({ form, precision, groups }) => {
  const { experiment } = parseConfig({ flags: { ...flags, "--precision": precision } });
  const parts = partsOf(experiment);
  const scoreOf = (atOnce?: number): Float64Array => {
    const estimator = { ...parts.estimator, differentiates: false, score: jackknife(form, groups, atOnce) };
    const unit = createUnit({ ...parts, estimator }, { backend: wasm });
    const theta = unit.initialize(key(1));
    return unit.contribute(theta, fold(key(2), 0), key(3)).score!;
  };
  const d = createUnit(parts).parameterCount;
  const numbersOfAGroup = 7 * 6 * (2 + 2 + 1) + d;
  const whole = scoreOf();
  expect(whole.some((x) => x !== 0)).toBe(true);
  expect(scoreOf(1)).toEqual(whole);
  expect(scoreOf(2 * numbersOfAGroup)).toEqual(whole);
});
