/**
 * The gpu and wasm backends in a real headless Chromium (SwiftShader's WebGL2), as a page would load them: bundled and
 * minified. Needs no system packages; where Chromium cannot start, the test fails with its message.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import chromium, { inflate, setupLambdaEnvironment } from "@sparticuz/chromium";
import { build } from "esbuild";
import puppeteer, { type Browser, type LaunchOptions } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PageReport } from "./page.ts";

const randomGraphs = 6;
let browser: Browser | undefined;
let report: PageReport;

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [new URL("./page.ts", import.meta.url).pathname],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    platform: "browser",
    conditions: ["sgmrl-source"],
    logLevel: "error",
  });
  browser = await launch();
  const page = await browser.newPage();
  await page.addScriptTag({ content: outputFiles[0]!.text });
  report = (await page.evaluate(`report(${randomGraphs})`)) as PageReport; // the page's function, page.ts
}, 300_000);

afterAll(() => browser?.close());

async function launch(): Promise<Browser> {
  const options: LaunchOptions = {
    executablePath: await chromium.executablePath(),
    // The package's own list of arguments would turn off the isolation that WebGL2 needs here.
    args: ["--no-sandbox", "--enable-unsafe-swiftshader"],
    headless: "shell",
  };
  try {
    return await puppeteer.launch(options);
  } catch (error) {
    // A bare machine lacks libnss3 and its kin: the package brings them, for machines it knows to be bare.
    if (!String(error).includes("shared librar")) throw error;
    const libraries = new URL("../bin/al2023.tar.br", import.meta.resolve("@sparticuz/chromium"));
    setupLambdaEnvironment(join(await inflate(fileURLToPath(libraries)), "lib"));
    return puppeteer.launch(options);
  }
}

describe("in a browser", () => {
  it("runs on WebGL2", () => {
    expect(report.webgl).toMatch(/WebGL 2/);
    expect(report.backends).toEqual(["gpu (webgl2)", "wasm"]);
  });

  it("agrees with the reference on every primitive and on random graphs", () => {
    expect(report.distances.length).toBeGreaterThan(80);
    const limit = (subject: string): number => (subject.startsWith("random") ? 5e-3 : 1e-5);
    expect(
      report.distances.filter(({ subject, distance }) => !(distance !== null && distance <= limit(subject))),
    ).toEqual([]);
  });

  it("keeps clear of the traps of graphics cards", () => {
    const { traps } = report;
    expect(traps["sum of 3,000 ones"]).toEqual(["3000"]);
    expect(traps["log of 0, -1, 1"]).toEqual(["-Infinity", "NaN", "0"]);
    expect(traps["exp of -200, 200"]).toEqual(["0", "Infinity"]);
    const [large, small, tiny] = traps["tanh of 90, -200, 1e-6"]!.map(Number);
    expect([large, small]).toEqual([1, -1]);
    expect(Math.abs(tiny! / 1e-6 - 1)).toBeLessThan(1e-6);
    expect(Number(traps["logSumExp of 1000, 1000"])).toBeCloseTo(1000 + Math.LN2, 2);
  });
});
