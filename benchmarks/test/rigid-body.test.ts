import { expect, it } from "vitest";
import { batched, randomEpisodes } from "../src/rigid-body/episodes.ts";
import { assertAdjointsAgree } from "../src/suites/rigid-body.ts";

it("the adjoints of a batch that are timed agree, and one that does not is refused by name", () => {
  const batch = batched("swimmer", randomEpisodes("swimmer").slice(0, 3), "float64");
  expect(() => assertAdjointsAgree("swimmer", batch)).not.toThrow();
  const halved = { ...batch, vjp: () => batch.vjp().map((bars) => Float64Array.from(bars, (x) => x / 2)) };
  expect(() => assertAdjointsAgree("swimmer", halved)).toThrow(
    "swimmer, run and adjoint, √T kept is off by 5.0e-1",
  );
  const idle = { ...batch, back: () => batch.back().map((bars) => Float64Array.from(bars, () => 0)) };
  expect(() => assertAdjointsAgree("swimmer", idle)).toThrow(
    "swimmer, a step again and its adjoint is off by 1.0e+0",
  );
});
