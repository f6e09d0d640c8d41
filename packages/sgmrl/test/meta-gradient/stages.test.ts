// What the update has computed and the meta-gradient uses again changes no bit of any estimator.
import { key } from "@sgmrl/autodiff/random";
import { createWasmBackend } from "@sgmrl/autodiff/wasm";
import { expect, it } from "vitest";
import { presets } from "../../src/config/presets.ts";
import { estimators } from "../../src/meta-gradient/catalogue.ts";
import { partsOf } from "../../src/meta-gradient/parts.ts";
import { createUnit } from "../../src/meta-gradient/unit.ts";

const { experiment } = presets.quick!;
const inStages = createWasmBackend();
const { name, compile } = createWasmBackend();
const separate = { name, compile };

const cases = Object.keys(estimators).flatMap((estimator) => [1, 3].map((steps) => ({ estimator, steps })));

it.each(cases)("$estimator after $steps steps", ({ estimator, steps }) => {
  const parts = partsOf({
    ...experiment,
    estimator: { name: estimator },
    policy: { kind: "gaussian-mlp", hidden: [5, 4] },
    inner: { ...experiment.inner, steps, trajectories: 3 },
    outer: { trajectories: 4 },
    horizon: 6,
  });
  const [staged, plain] = [inStages, separate].map((backend) => {
    const unit = createUnit(parts, { backend });
    return [1, 2].map((task) => unit.contribute(unit.initialize(key(1)), key(task), key(task + 2)));
  });
  staged!.forEach(({ pathwise, score }, i) => {
    expect(pathwise).toEqual(plain![i]!.pathwise);
    expect(score).toEqual(plain![i]!.score);
    expect(pathwise.some((x) => x !== 0)).toBe(true);
  });
});
