/** What a visitor does on a page, and what is seen there. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { launch } from "../../../packages/autodiff/test/browser/chromium.ts";
import { root } from "../build/paths.ts";

export type Page = Awaited<ReturnType<Awaited<ReturnType<typeof launch>>["newPage"]>>;

/** A page that is visited. */
export interface Visited {
  readonly page: Page;
  /** Of the site. */
  readonly address: string;
  /** What is wrong. */
  readonly found: string[];
  /** What was seen, for a reader of the log. */
  readonly said: string[];
}

/** Opens a live page with a state in its address. */
export async function open(visited: Visited, file: string, state: unknown): Promise<void> {
  await openFields(visited, file, { state: JSON.stringify(state) });
}

export async function openFields(
  { page, address }: Visited,
  file: string,
  fields: Readonly<Record<string, string>>,
): Promise<void> {
  await page.goto("about:blank"); // where only what follows "#" differs, a page is not loaded again
  await page.goto(`${address}/${file}#${new URLSearchParams(fields)}`);
}

export async function press(page: Page, button: string): Promise<void> {
  await page.evaluate((wanted) => {
    const all = [...document.querySelectorAll<HTMLButtonElement>("main button")];
    const one = all.find(({ textContent }) => textContent?.trim() === wanted);
    if (one === undefined) throw new Error(`the page has no button "${wanted}"`);
    one.click();
  }, button);
}

export async function says({ page, found }: Visited, text: string): Promise<void> {
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

export async function refuses({ page, found }: Visited, pattern: RegExp): Promise<void> {
  await page.waitForSelector(".failure", { timeout: 120_000 });
  const refusal = await page.$eval(".failure", (one) => one.textContent ?? "");
  if (!pattern.test(refusal)) found.push(`the refusal reads ${refusal}`);
}

/** The text of the file that a button downloads. */
export async function downloaded(page: Page, button: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sgmrl-download-"));
  const session = await page.createCDPSession();
  try {
    await session.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: folder,
      eventsEnabled: true,
    });
    const ended = new Promise<string>((resolve) =>
      session.on("Browser.downloadProgress", ({ state }) => {
        if (state !== "inProgress") resolve(state);
      }),
    );
    await press(page, button);
    const state = await ended;
    const [file] = readdirSync(folder);
    if (file === undefined) throw new Error(`"${button}": the download was ${state}`);
    return readFileSync(join(folder, file), "utf8");
  } finally {
    await session.detach();
    rmSync(folder, { recursive: true });
  }
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
