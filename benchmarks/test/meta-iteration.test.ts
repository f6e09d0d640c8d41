import { fold, key } from "@sgmrl/autodiff/random";
import * as tf from "@tensorflow/tfjs";
import { presets } from "sgmrl";
import { expect, it } from "vitest";
import { partsOf } from "../../packages/sgmrl/src/meta-gradient/parts.ts";
import { createUnit } from "../../packages/sgmrl/src/meta-gradient/unit.ts";
import type { Experiment } from "../../packages/sgmrl/src/settings.ts";
import { inTfjs, ours } from "../src/suites/meta-iteration.ts";
import { assertAgrees } from "../src/support/agree.ts";

const { experiment } = presets["paper-navigation"]!;
const small: Omit<Experiment, "estimator"> = {
  ...experiment,
  policy: { kind: "gaussian-mlp", hidden: [16, 16] },
  inner: { ...experiment.inner, trajectories: 5 },
  outer: { ...experiment.outer, trajectories: 4 },
  precision: "float64",
};
const rows = 5 * 100; // of D_1

it.each(["sgmrl", "maml"])("%s on TensorFlow.js passes forward over D_1 once, and agrees", async (name) => {
  await tf.setBackend("wasm");
  const settings = { ...small, estimator: { name } };
  const theta = createUnit(partsOf(settings)).initialize(fold(key(0), 1));
  const expected = ours(settings, 2)(theta);
  for (const written of ["tuned", "as it comes"] as const)
    expect(() =>
      assertAgrees(written, [inTfjs(settings, 2, written)(theta)], [expected], 1e-4),
    ).not.toThrow();
  const contribute = inTfjs(settings, 1, "tuned");
  const { kernels } = await tf.profile(() => void contribute(theta));
  const passes = kernels.filter(({ name, outputShapes }) => name === "Tanh" && outputShapes[0]![0] === rows);
  expect(passes.length).toBe(2); // one for each hidden layer
});
