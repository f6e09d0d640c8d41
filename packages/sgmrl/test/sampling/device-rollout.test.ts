/** Environments as programs of any backend, [eq:rollout], in float32, beside the hand-written ones in float64. */
import type { Backend } from "@sgmrl/autodiff";
import { openGpu } from "@sgmrl/autodiff/gpu";
import { wasm } from "@sgmrl/autodiff/wasm";
import { robots } from "@sgmrl/envs";
import { beforeAll, describe, expect, it } from "vitest";
import { navigationPair, rolloutDistance, smoothDistance } from "../support/device-cases.ts";

describe.each(["wasm", "gpu cpu", "gpu webasm"])("on %s", (name) => {
  let backend: Backend;
  beforeAll(async () => {
    if (name === "wasm") backend = wasm;
    else backend = await openGpu({ mode: name === "gpu cpu" ? "cpu" : "webasm" });
  });

  it("a navigation rollout is the one of `rollout`, up to float32", () => {
    const pair = navigationPair(backend, 12, 40);
    const { lengths } = pair.expected;
    // Some reach the goal and some run out of time.
    expect(Math.min(...lengths)).toBeLessThan(40);
    expect(Math.max(...lengths)).toBe(40);
    expect([...pair.ours.lengths]).toEqual([...lengths]);
    // 40 steps of rounding at 6e-8, and the policy's functions good to 1e-6.
    expect(rolloutDistance(pair)).toBeLessThan(2e-5);
  });

  // Five steps of semi-implicit Euler; mass matrices with condition numbers in the hundreds.
  it("half-cheetahs in the air move as `step` moves them, up to float32", () => {
    expect(smoothDistance(backend, robots["half-cheetah"], 3, 5)).toBeLessThan(1e-4);
  });
});
