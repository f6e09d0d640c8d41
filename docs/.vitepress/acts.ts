/** What a visitor does on a page, and what is seen there: for visits.ts. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { launch } from "../../packages/autodiff/test/browser/chromium.ts";
import { root } from "./build/paths.ts";

export type Page = Awaited<ReturnType<Awaited<ReturnType<typeof launch>>["newPage"]>>;

export async function press(page: Page, button: string): Promise<void> {
  await page.evaluate((wanted) => {
    const all = [...document.querySelectorAll<HTMLButtonElement>("main button")];
    const one = all.find(({ textContent }) => textContent?.trim() === wanted);
    if (one === undefined) throw new Error(`the page has no button "${wanted}"`);
    one.click();
  }, button);
}

export async function says(page: Page, text: string, found: string[]): Promise<void> {
  try {
    await page.waitForFunction(
      (wanted) => document.querySelector(".status")?.textContent?.includes(wanted),
      { timeout: 120_000 },
      text,
    );
  } catch {
    found.push(`does not come to say "${text}"`);
  }
}

export async function refuses(page: Page, pattern: RegExp, found: string[]): Promise<void> {
  await page.waitForSelector(".failure", { timeout: 120_000 });
  const refusal = await page.$eval(".failure", (one) => one.textContent ?? "");
  if (!pattern.test(refusal)) found.push(`the refusal reads ${refusal}`);
}

/** What an example of docs/examples prints, with the packages' sources. */
export async function example(name: string, args: readonly string[], cwd: string): Promise<string> {
  const file = join(root, "docs/examples", name);
  const options = { cwd: join(root, cwd) };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=sgmrl-source", file, ...args],
    options,
  );
  return stdout.trim();
}
