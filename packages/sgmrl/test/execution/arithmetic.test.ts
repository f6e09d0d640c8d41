import { fold, key } from "@sgmrl/autodiff/random";
import { afterEach, describe, expect, it, vi } from "vitest";
import { cautionOf } from "../../src/config/combinations.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import type { RunConfig } from "../../src/settings.ts";

const config = (arithmetic?: "strict" | "relaxed", more: Record<string, string> = {}): RunConfig =>
  parseConfig({
    flags: {
      "--estimator": "maml",
      "--horizon": "5",
      ...(arithmetic === undefined ? {} : { "--arithmetic": arithmetic }),
      ...more,
    },
  });

describe("--arithmetic", () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.resetModules();
  });

  const gradient = async (given: RunConfig): Promise<Float64Array> => {
    const { unitFor } = await import("../../src/execution/local-unit.ts");
    const unit = unitFor(given.experiment);
    return unit.contribute(unit.initialize(key(1)), fold(key(2), 0), key(3)).pathwise;
  };

  it("strict is the default; relaxed rounds otherwise, by as much as float32 does", async () => {
    const plain = await gradient(config());
    expect(await gradient(config("strict"))).toEqual(plain);
    const relaxed = await gradient(config("relaxed"));
    const largest = plain.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    relaxed.forEach((x, i) => {
      expect(Math.abs(x - plain[i]!)).toBeLessThan(1e-4 * largest);
    });
    // Fused products are seen where the processor has them; without, the two may be equal.
    expect(relaxed.every(Number.isFinite)).toBe(true);
  });

  it("relaxed comes with a note that bits may differ elsewhere; strict does not", () => {
    expect(cautionOf(config("relaxed"))).toMatch(/relaxed arithmetic.*other bits/);
    expect(cautionOf(config("strict"))).toBeNull();
  });

  it("is refused with the reference backend", () => {
    expect(() => config("relaxed", { "--backend": "reference" })).toThrow(/--arithmetic.*--backend/s);
  });

  it("is refused by name where the engine has no relaxed SIMD", async () => {
    vi.resetModules();
    const { WebAssembly: host } = globalThis as unknown as {
      WebAssembly: { validate(bytes: Uint8Array): boolean };
    };
    vi.spyOn(host, "validate").mockReturnValue(false);
    await expect(gradient(config("relaxed"))).rejects.toThrow(/experiment\.arithmetic.*relaxed SIMD.*strict/);
  });
});
