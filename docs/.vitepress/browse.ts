/**
 * Looks at the site in a headless Chromium, page by page. On a telephone in dark: no error in the console, nothing fetched
 * from elsewhere, nothing wider than the screen, no violation that axe-core finds; where a page runs something, the seconds
 * until it can be used, and every control reached by the keyboard. With FUZZ=1 also what the page runs (visits.ts), in
 * light, and on a desk.
 *
 *   node --conditions=sgmrl-source docs/.vitepress/browse.ts [--all] [--shots DIR] [--only TEXT]
 *
 * axe-core looks at a page of each kind; with --all at every page.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launch } from "../../packages/autodiff/test/browser/chromium.ts";
import type { Page } from "./acts.ts";
import { weight } from "./build/check.ts";
import { dist } from "./build/paths.ts";
import { serve } from "./build/server.ts";
import { visits } from "./visits.ts";

const { values } = parseArgs({
  options: {
    shots: { type: "string" },
    only: { type: "string", default: "" },
    all: { type: "boolean", default: false },
  },
});
const isThorough = (process.env.FUZZ ?? "") !== "";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** To axe-core a header that is a formula is empty: it does not read MathML. */
const noMathML = 'rules: { "empty-table-header": { enabled: false } }';
/** Pages that differ in what they are made of. */
const ofEachKind: ReadonlySet<string> = new Set([
  ...Object.keys(visits),
  "404.html",
  "index.html",
  "readme.html",
  "math/estimators.html",
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
const browser = await launch();
let faults = 0;
const started = performance.now();
try {
  for (const file of pages) {
    const found = await look(file);
    faults += found.length;
    const kilobytes = Math.round(weight(dist, file) / 1000);
    console.log(
      `${file.padEnd(38)} ${String(kilobytes).padStart(4)} kB  ${found.length === 0 ? "clean" : "FAULTY"}${values.all || ofEachKind.has(file) ? ", axe" : ""}`,
    );
    for (const fault of found) console.error(`  ${fault}`);
  }
} finally {
  await browser.close();
  server.close();
}
console.log(`${pages.length} pages, ${((performance.now() - started) / 1000).toFixed(0)} s`);
if (faults > 0 || pages.length === 0) process.exitCode = 1;

async function look(file: string): Promise<string[]> {
  const found: string[] = [];
  const page = await browser.newPage();
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
  await page.setViewport(telephone);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: isThorough ? "light" : "dark" }]);
  await page.goto(`${address}/${file.replace(/(^|\/)index\.html$/, "$1")}`, { waitUntil: "load" });
  const visit = visits[file];
  if (visit) {
    const begun = performance.now();
    try {
      await page.waitForSelector(visit.ready, { timeout: 120_000 });
      const seconds = (await page.evaluate(() => performance.now())) / 1000;
      console.log(`  can be used after ${seconds.toFixed(2)} s`);
      found.push(...(await unreachable(page)));
      const use = isThorough ? visit.run : visit.quick;
      if (use !== undefined) found.push(...(await use(page, address)));
    } catch (error) {
      const said = await page.$$eval(".failure, .status", (all) => all.map((one) => one.textContent?.trim()));
      found.push(
        `${error instanceof Error ? error.message : String(error)}; the page says: ${said.join(" | ")}`,
      );
    }
    if (isThorough) console.log(`  ${visit.what}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  }
  const examined = values.all || ofEachKind.has(file);
  if (examined) await page.evaluate(axe);
  found.push(...(await overflow(page)));
  if (examined) found.push(...(await violations(page, isThorough ? "light" : "dark", "{}")));
  await shot(page, file, "telephone");
  if (!isThorough) {
    await page.close();
    return found;
  }
  await page.setViewport(desktop);
  found.push(...(await overflow(page)));
  if (examined || values.shots) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    await page.evaluate(() => new Promise((done) => setTimeout(done, 350))); // colours fade
  }
  if (examined) found.push(...(await violations(page, "dark", '{ runOnly: ["color-contrast"] }')));
  await shot(page, file, "dark");
  if (values.shots) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
    await page.evaluate(() => new Promise((done) => setTimeout(done, 350)));
    await shot(page, file, "desktop");
  }
  await page.close();
  return found;
}

async function shot(page: Page, file: string, what: string): Promise<void> {
  if (values.shots === undefined) return;
  mkdirSync(values.shots, { recursive: true });
  const name = file.replace(/\.html$/, "").replaceAll("/", "-");
  await page.screenshot({ path: join(values.shots, `${name}-${what}.png`) as `${string}.png` });
}

async function violations(page: Page, scheme: string, options: string): Promise<string[]> {
  return (await page.evaluate(`axe.run(document, { resultTypes: ["violations"], ${noMathML}, ...${options} }).then(({ violations }) =>
    violations.map(({ id, nodes }) => "${scheme}: " + id + ": " + nodes.slice(0, 3).map(({ target, failureSummary }) =>
      target.join(" ") + " (" + failureSummary.split("\\n")[1]?.trim() + ")").join("; ")))`)) as string[];
}

async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [`${scrollWidth} px wide on ${clientWidth} px`] : [];
  });
}

/** Controls of the page's own that Tab does not come to. */
async function unreachable(page: Page): Promise<string[]> {
  const count = await page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>("main :is(button, input, select, textarea, a[href])");
    const seen = [...all].filter(
      (one) =>
        one.offsetParent !== null &&
        !one.matches(":disabled, [tabindex='-1'], [type=radio]:not(:checked), .excerpt *, .list *"),
    );
    for (const one of seen) one.dataset.reached = "no";
    (document.activeElement as HTMLElement | null)?.blur();
    return all.length;
  });
  for (let k = 0; k < count + 40; k++) {
    await page.keyboard.press("Tab");
    const done = await page.evaluate(() => {
      const active = document.activeElement as HTMLElement | null;
      if (active?.dataset.reached) active.dataset.reached = "yes";
      return document.querySelector("[data-reached=no]") === null;
    });
    if (done) return [];
  }
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("[data-reached=no]")].map(
      (one) => `Tab does not reach ${one.outerHTML.slice(0, 80)}`,
    ),
  );
}
