/**
 * Looks at the site in a headless Chromium without a graphics card, page by page. On a telephone: no error in the console,
 * nothing fetched from elsewhere, nothing wider than the screen, no violation that axe-core finds in dark or in light; where
 * a page runs something, the seconds until it can be used, every control reached by the keyboard, and a little use of it.
 * With FUZZ=1 all that the pages run (walk/visits.ts), on a graphics card of software, and on a desk.
 *
 *   node --conditions=sgmrl-source docs/.vitepress/browse.ts [--all] [--shots DIR] [--only TEXT]
 *
 * axe-core looks at a page of each kind; with --all at every page.
 */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "../../packages/autodiff/test/browser/chromium.ts";
import { weight } from "./build/check.ts";
import { dist } from "./build/paths.ts";
import { serve } from "./build/server.ts";
import type { Page } from "./walk/acts.ts";
import { overflow, show, unreachable, violations } from "./walk/examine.ts";
import { visits } from "./walk/visits.ts";

const { values } = parseArgs({
  options: {
    shots: { type: "string" },
    only: { type: "string", default: "" },
    all: { type: "boolean", default: false },
  },
});
const isThorough = (process.env.FUZZ ?? "") !== "";
/** Pages that differ in what they are made of. */
const ofEachKind: ReadonlySet<string> = new Set([
  ...Object.keys(visits),
  "404.html",
  "index.html",
  "readme.html",
  "math/exact.html",
  "results/index.html",
  "api/sgmrl/exact.html",
  "source/README.md.html",
]);
const telephone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 800 };

const pages = readdirSync(dist, { recursive: true, encoding: "utf8" })
  .filter(
    (file) =>
      file.endsWith(".html") &&
      (!file.startsWith("source/") || /^source\/(index|README\.md)\.html$/.test(file)),
  )
  .filter((file) => !/^results\/.*ward\.html$/.test(file) && file.includes(values.only)) // animations stand alone
  .toSorted();

const { server, address } = await serve(dist, 0);
const browser = await launch({ graphics: isThorough });
let faults = 0;
const started = performance.now();
try {
  // What runs something waits for its workers: meanwhile another tab shows what is only read.
  const isLive = (file: string): boolean => file in visits;
  await Promise.all([walk(pages.filter(isLive)), walk(pages.filter((file) => !isLive(file)))]);
} finally {
  await browser.close();
  server.close();
}
console.log(`${pages.length} pages, ${((performance.now() - started) / 1000).toFixed(0)} s`);
if (faults > 0 || pages.length === 0) process.exitCode = 1;

/** One page after the other, in one tab. */
async function walk(files: readonly string[]): Promise<void> {
  const page = await browser.newPage();
  let found: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warn") found.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) =>
    found.push(`error: ${error instanceof Error ? error.message : String(error)}`),
  );
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address))
      found.push(`fetches ${request.url()}`);
  });
  for (const file of files) {
    found = [];
    const begun = performance.now();
    const said = await look(page, file, found);
    faults += found.length;
    const examined = isExamined(file) ? ", axe in dark and light" : "";
    const kilobytes = String(Math.round(weight(dist, file) / 1000)).padStart(4);
    const seconds = ((performance.now() - begun) / 1000).toFixed(1).padStart(5);
    const verdict = found.length === 0 ? "clean" : "FAULTY";
    console.log(`${file.padEnd(38)} ${kilobytes} kB ${seconds} s  ${verdict}${examined}`);
    for (const line of said) console.log(`  ${line}`);
    for (const fault of found) console.error(`  ${fault}`);
  }
  await page.close();
}

function isExamined(file: string): boolean {
  return values.all || ofEachKind.has(file);
}

/** Adds to `found` what is wrong with a page; gives what was seen there. */
async function look(page: Page, file: string, found: string[]): Promise<string[]> {
  const said: string[] = [];
  await page.setViewport(telephone);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  await page.goto(`${address}/${file.replace(/(^|\/)index\.html$/, "$1")}`, { waitUntil: "load" });
  const visit = visits[file];
  if (visit) {
    const visited = { page, address, found, said };
    try {
      await page.waitForSelector(visit.ready, { timeout: 120_000 });
      const seconds = (await page.evaluate(() => performance.now())) / 1000;
      said.push(`can be used after ${seconds.toFixed(2)} s`);
      found.push(...(await unreachable(page)));
      if (isThorough) await visit.run(visited);
      else await visit.quick?.(visited);
    } catch (error) {
      const shown = await page.$$eval(".failure, .status", (all) =>
        all.map((one) => one.textContent?.trim()),
      );
      const message = error instanceof Error ? error.message : String(error);
      found.push(`${message}; the page says: ${shown.join(" | ")}`);
    }
    const { search } = new URL(page.url());
    if (search !== "") found.push(`its state stands before "#", and goes to the server: ${search}`);
    if (isThorough) said.push(visit.what);
  }
  found.push(...(await overflow(page)));
  if (isExamined(file)) found.push(...(await violations(page)));
  await shot(page, file, "telephone");
  if (!isThorough) return said;
  await page.setViewport(desktop);
  found.push(...(await overflow(page)));
  await shot(page, file, "dark");
  if (values.shots === undefined) return said;
  await show(page, "light");
  await shot(page, file, "light");
  return said;
}

async function shot(page: Page, file: string, what: string): Promise<void> {
  if (values.shots === undefined) return;
  mkdirSync(values.shots, { recursive: true });
  const name = file.replace(/\.html$/, "").replaceAll("/", "-");
  await page.screenshot({ path: join(values.shots, `${name}-${what}.png`) as `${string}.png` });
}
