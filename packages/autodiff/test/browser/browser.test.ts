/**
 * The gpu and wasm backends in a real headless Chromium (SwiftShader's WebGL2 and WebGPU), as a page would load them:
 * bundled and minified. Needs no system packages; where Chromium cannot start, the test fails with its message.
 */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenPage, openPage } from "./chromium.ts";
import type { PageReport } from "./page.ts";

const randomGraphs = 3;
let page: OpenPage | undefined;
let report: PageReport;

beforeAll(async () => {
  page = await openPage(new URL("./page.ts", import.meta.url), { timeout: 180_000 });
  report = await page.evaluate<PageReport>(`report(${randomGraphs})`); // the page's function, page.ts
}, 180_000);

afterAll(() => page?.close(), 60_000);

describe("in a browser", () => {
  it("runs on WebGL2", () => {
    expect(report.webgl).toMatch(/WebGL 2/);
    expect(Object.keys(report.traps)).toEqual(expect.arrayContaining(["gpu (webgl2)", "wasm"]));
  });

  it("runs on WebGPU where an adapter answers", ({ skip }) => {
    if ("missing" in report.webgpu) skip(report.webgpu.missing);
    expect(Object.keys(report.traps)).toContain("gpu (webgpu)");
  });

  it("agrees with the reference on every primitive and on random graphs", () => {
    expect(report.distances.length).toBeGreaterThan(80);
    const limit = (subject: string): number => (subject.startsWith("random") ? 5e-3 : 1e-5);
    expect(
      report.distances.filter(({ subject, distance }) => !(distance !== null && distance <= limit(subject))),
    ).toEqual([]);
  });

  it("keeps clear of the traps of graphics cards", () => {
    expect(report.imprecise).toBe(0);
    for (const traps of Object.values(report.traps)) {
      expect(traps["sum of 3,000 ones"]).toEqual(["3000"]);
      expect(traps["log of 0, -1, 1"]).toEqual(["-Infinity", "NaN", "0"]);
      expect(traps["exp of -200, 200"]!.map(Number)[0]).toBeLessThan(1e-40);
      expect(traps["exp of -200, 200"]![1]).toBe("Infinity");
      const [large, small, tiny] = traps["tanh of 90, -200, 1e-6"]!.map(Number);
      expect([large, small]).toEqual([1, -1]);
      expect(Math.abs(tiny! / 1e-6 - 1)).toBeLessThan(1e-6);
      expect(Number(traps["logSumExp of 1000, 1000"])).toBeCloseTo(1000 + Math.LN2, 2);
    }
  });

  it("keeps a loop's array on the device: 50 steps, one read", () => {
    for (const [a, b] of Object.values(report.loop.results)) {
      expect(a).toBeCloseTo(2, 5); // x = x/2 + 1
      expect(b).toBeCloseTo(4, 5);
    }
    expect(report.loop.reads).toBe(1);
  });
});
