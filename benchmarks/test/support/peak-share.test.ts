import { expect, it } from "vitest";
import { peakLoop } from "../../src/support/peak.ts";
import { peakShare } from "../../src/support/peak-share.ts";

it("a loop reaches all of itself, and half where it is said to do half the work", () => {
  const { run, operations } = peakLoop("float32");
  const whole = peakShare({ run, operations }, { run, operations }, 40).median;
  const half = peakShare({ run, operations: operations / 2 }, { run, operations }, 40).median;
  expect(whole).toBeGreaterThan(0.9);
  expect(whole).toBeLessThan(1.1);
  expect(half).toBeGreaterThan(0.45);
  expect(half).toBeLessThan(0.55);
});
