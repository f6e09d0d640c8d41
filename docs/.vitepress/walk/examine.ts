/** What is found wrong with a page as it stands: for browse.ts. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "./acts.ts";

export type Scheme = "dark" | "light";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** To axe-core a header that is a formula is empty: it does not read MathML. */
const noMathML = 'rules: { "empty-table-header": { enabled: false } }';
/** Of a long list of like things, and of code, the first ones. */
const context = '{ exclude: [".list li:nth-child(n+5)", ".excerpt span:nth-child(n+20)"] }';

/** Shows the page in a scheme, at once: colours do not fade. */
export async function show(page: Page, scheme: Scheme): Promise<void> {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.evaluate((wanted) => {
    if (document.querySelector("style.at-once") === null) {
      const style = document.createElement("style");
      style.className = "at-once";
      style.textContent = "*, ::before, ::after { transition: none !important; }";
      document.head.append(style);
    }
    const shown = (): boolean =>
      document.documentElement.classList.contains("dark") === (wanted === "dark") ||
      document.querySelector(".Layout") === null; // sources have no theme of VitePress's
    return new Promise<void>((done) => {
      const look = (): void => (shown() ? done() : void setTimeout(look, 5));
      look();
    });
  }, scheme);
}

/** What axe-core finds: all its rules in the dark, and in light those of colours, as nothing else differs. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  await show(page, "light");
  const light = await run(page, "light", '{ runOnly: ["color-contrast"] }');
  await show(page, "dark");
  return [...light, ...(await run(page, "dark", "{}"))];
}

async function run(page: Page, scheme: Scheme, options: string): Promise<string[]> {
  return (await page.evaluate(`axe.run(${context}, { resultTypes: ["violations"], ${noMathML}, ...${options} }).then(({ violations }) =>
    violations.map(({ id, nodes }) => "${scheme}: " + id + ": " + nodes.slice(0, 3).map(({ target, failureSummary }) =>
      target.join(" ") + " (" + failureSummary.split("\\n")[1]?.trim() + ")").join("; ")))`)) as string[];
}

export async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [`${scrollWidth} px wide on ${clientWidth} px`] : [];
  });
}

/** Controls of the page's own that Tab does not come to. */
export async function unreachable(page: Page): Promise<string[]> {
  const count = await page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>("main :is(button, input, select, textarea, a[href])");
    const seen = [...all].filter(
      (one) =>
        one.offsetParent !== null &&
        !one.matches(":disabled, [tabindex='-1'], [type=radio]:not(:checked), .excerpt *, .list *"),
    );
    for (const one of seen) one.dataset.reached = "no";
    document.addEventListener("focusin", ({ target }) => {
      if (target instanceof HTMLElement && target.dataset.reached) target.dataset.reached = "yes";
    });
    (document.activeElement as HTMLElement | null)?.blur();
    return all.length;
  });
  for (let k = 0; k < count + 40; k += 10) {
    for (let i = 0; i < 10; i++) await page.keyboard.press("Tab");
    if ((await page.$("[data-reached=no]")) === null) return [];
  }
  return page.$$eval("[data-reached=no]", (all) =>
    all.map((one) => `Tab does not reach ${one.outerHTML.slice(0, 80)}`),
  );
}
