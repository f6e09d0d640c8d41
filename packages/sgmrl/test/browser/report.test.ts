/** A report in a real headless Chromium: from a file, without a network, with a pointer and with keys alone. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch } from "../../../autodiff/test/browser/chromium.ts";
import { writeReport } from "../../src/report/report.ts";
import { train } from "../../src/training/train.ts";
import { emptyFolder, quadraticUnits, toyConfig } from "../support/runs.ts";

let browser: Awaited<ReturnType<typeof launch>>;
let page: Awaited<ReturnType<typeof browser.newPage>>;
let address = "";
const faults: string[] = [];

beforeAll(async () => {
  const root = emptyFolder();
  const runs = [
    ["a", { seed: 1 }],
    ["b", { seed: 2 }],
    ["c", { tasks: 9 }],
  ] as const;
  for (const [name, changes] of runs)
    await train(toyConfig(changes), join(root, name), { workers: 0, units: quadraticUnits });
  writeFileSync(join(root, "a", "motion.html"), "<!doctype html><title>a film</title>");
  const file = join(root, "page.html");
  await writeReport(
    runs.map(([name]) => join(root, name)),
    file,
    { units: quadraticUnits },
  );
  address = pathToFileURL(file).href;
  browser = await launch();
  page = await browser.newPage();
  page.on("console", (message) => faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) faults.push(`fetches ${request.url()}`);
  });
  await page.setViewport({ width: 1000, height: 900 });
}, 120_000);

afterAll(() => browser?.close(), 60_000);

const open = async (hash = ""): Promise<void> => {
  await page.goto("about:blank");
  await page.goto(address + hash);
  await page.waitForSelector(".uplot");
};
const hash = () => page.evaluate("location.hash") as Promise<string>;
const values = () =>
  page.evaluate('[...document.querySelectorAll(".curves output")].map((one) => one.textContent)') as Promise<
    string[]
  >;
const plotBox = async () => (await (await page.$(".u-over"))!.boundingBox())!;
const settled = () =>
  page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)))");

describe("the chart", () => {
  it("says the values under the pointer", async () => {
    await open();
    expect(await values()).toEqual(["", ""]);
    const { x, y, width, height } = await plotBox();
    await page.mouse.move(x + width - 2, y + height / 2);
    await settled();
    for (const value of await values()) expect(value).toMatch(/^-?[\d.]+ \(-?[\d.]+ to -?[\d.]+\) at 12$/);
  });

  it("zooms where it is dragged, keeps that in the address, and a double click goes back", async () => {
    await open();
    const { x, y, width, height } = await plotBox();
    await page.mouse.move(x + width / 4, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + (3 * width) / 4, y + height / 2, { steps: 4 });
    await page.mouse.up();
    await settled();
    const [low, high] = /zoom=([\d.]+),([\d.]+)/
      .exec(await hash())!
      .slice(1)
      .map(Number);
    expect(low).toBeCloseTo(3, 0);
    expect(high).toBeCloseTo(9, 0);
    await open(await hash()); // a link holds the state
    await settled();
    expect(await hash()).toContain(`zoom=${low},${high}`);
    await page.mouse.click(x + width / 2, y + height / 2, { count: 2 });
    await settled();
    expect(await hash()).not.toContain("zoom");
  });

  it("has switches that the address holds, and takes up what an address says", async () => {
    await open();
    await page.select("select[name=y]", "gradientNorm");
    await page.select("select[name=x]", "seconds");
    await page.click("input[name=log]");
    await page.click(".curves button");
    expect(await hash()).toBe("#y=gradientNorm&x=seconds&log=1&hidden=0");
    await open("#y=postReturn&smooth=0.5&hidden=1&x=steps");
    const shown = await page.evaluate(
      '[document.forms[0].y.value, document.forms[0].smooth.value, document.forms[0].x.value, ...[...document.querySelectorAll(".curves button")].map((one) => one.ariaPressed)]',
    );
    expect(shown).toEqual(["postReturn", "0.5", "steps", "true", "false"]);
    const note = await page.evaluate('document.querySelector(".note").textContent');
    expect(note).toMatch(/lowest to highest seed.*Smoothed/);
    expect(note).toContain("without a recorded value of x"); // the quadratic unit counts no steps
  });

  it("works with keys alone", async () => {
    await open();
    await page.focus(".plot");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await settled();
    expect((await values())[0]).toMatch(/ at 4$/);
    await page.keyboard.press("+");
    await settled();
    expect(await hash()).toMatch(/zoom=/);
    await page.keyboard.press("0");
    await settled();
    expect(await hash()).not.toMatch(/zoom=/);
  });
});

it("fits a telephone, in light and in dark, and its film opens", async () => {
  await page.setViewport({ width: 390, height: 844 });
  for (const value of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
    await open();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  }
  await page.click('a[href$="motion.html"]');
  await page.waitForFunction('document.title === "a film"');
  await page.setViewport({ width: 1000, height: 900 });
});

it("shows its figures where scripts do not run", async () => {
  await page.setJavaScriptEnabled(false);
  await page.goto(address);
  await page.setJavaScriptEnabled(true);
  expect((await page.$$("figure > svg")).length).toBeGreaterThan(2);
  expect(await page.$eval("#explore", (section) => section.getClientRects().length)).toBe(0);
});

it("said nothing in the console and fetched nothing", () => {
  expect(faults).toEqual([]);
});
