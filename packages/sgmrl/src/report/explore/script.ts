/** The script of the interactive chart: uPlot and the functions of browser/, as text. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as choices from "./browser/choices.ts";
import * as series from "./browser/series.ts";

const { resolve } = createRequire(import.meta.url);

/**
 * The script that a browser runs, followed by `start`. explorer.ts, chart.ts and watching.ts are imported
 * by URL because they use the browser's types, which the packages do not include.
 */
export async function explorerScript(start: string): Promise<string> {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const load = async (name: string): Promise<object> =>
    import(new URL(`./browser/${name}.${ending}`, import.meta.url).href);
  const modules = [choices, series, await load("chart"), await load("explorer"), await load("watching")];
  const functions = modules.flatMap((module) =>
    Object.values(module).filter((value) => typeof value === "function"),
  );
  return `/* uPlot:\n${licence()}*/\n${knownLanguage}\n${library()}\n(() => {\n"use strict";\n${functions.join("\n")}\n${start}\n})();`;
}

export function explorerStyles(): string {
  return `${readFileSync(resolve("uplot/dist/uPlot.min.css"), "utf8")}\n${styles}`;
}

function library(): string {
  return readFileSync(resolve("uplot/dist/uPlot.iife.min.js"), "utf8").trimEnd();
}

function licence(): string {
  return readFileSync(resolve("uplot/LICENSE"), "utf8");
}

/**
 * A browser started without a locale may report a language that it does not know itself, such as
 * "en-US@posix".
 */
const knownLanguage = `try { new Intl.NumberFormat(navigator.language); }
catch { Object.defineProperty(navigator, "language", { value: "en-US" }); }`;

const styles = `.controls { display: flex; flex-wrap: wrap; gap: 0.5rem 1.2rem; align-items: center; margin: 0.5rem 0 1rem; }
.controls label { display: inline-flex; gap: 0.4rem; align-items: center; max-width: 100%; }
.controls select, .curves button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--faint); border-radius: 4px; }
.controls select { min-width: 0; max-width: 100%; padding: 0.15rem 0.3rem; }
.controls input { accent-color: var(--series-0); }
.controls output { min-width: 2.2em; font-variant-numeric: tabular-nums; }
.charts { min-width: 0; }
.charts figure { margin: 0 0 1.5rem; min-width: 0; overflow: hidden; }
.charts .facet { font-weight: 600; font-size: 1rem; opacity: 1; }
.measure { font-size: 0.9rem; }
.plot:focus-visible { outline: 2px solid var(--series-0); outline-offset: -2px; }
.curves { display: flex; flex-wrap: wrap; gap: 0.3rem; }
.curves button { display: inline-flex; gap: 0.4rem; align-items: center; text-align: left; overflow-wrap: anywhere; font-size: 0.85rem; padding: 0.1rem 0.5rem; cursor: pointer; }
.curves button[aria-pressed=false] { opacity: 0.6; text-decoration: line-through; }
.curves i { flex: none; width: 1.2rem; height: 3px; }
.curves output { font-variant-numeric: tabular-nums; }
.note, .hint { font-size: 0.85rem; margin: 0.4rem 0; }
.u-select { background: color-mix(in srgb, var(--ink) 15%, transparent); }`;
