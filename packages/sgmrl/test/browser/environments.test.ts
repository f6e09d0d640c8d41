/** Environments on WebGL2 in a real headless Chromium (SwiftShader), [eq:rollout], beside the hand-written ones. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenPage, openPage } from "../../../autodiff/test/browser/chromium.ts";
import type { EnvironmentsReport } from "./page.ts";

let page: OpenPage | undefined;
let report: EnvironmentsReport;

beforeAll(async () => {
  page = await openPage(new URL("./page.ts", import.meta.url), { timeout: 600_000 });
  report = await page.evaluate<EnvironmentsReport>("environments()"); // the page's function, page.ts
}, 600_000);

afterAll(() => page?.close(), 60_000);

describe("on WebGL2", () => {
  it("a navigation rollout is the one of `rollout`, up to float32", () => {
    const { distance, lengths, expectedLengths } = report.rollout;
    expect(Math.min(...expectedLengths)).toBeLessThan(40);
    expect(lengths).toEqual(expectedLengths);
    expect(distance).toBeLessThan(2e-5);
  });

  it("reads a rollout back once, when it is done", () => {
    expect(report.rollout.reads).toBe(1);
  });

  // Five steps of semi-implicit Euler; mass matrices with condition numbers in the hundreds.
  it("half-cheetahs in the air move as `step` moves them, up to float32", () => {
    expect(report.halfCheetahs).toBeLessThan(1e-4);
  });
});
