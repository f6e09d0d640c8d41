/** Question: how long do gradient and Hessian-vector product take in a browser's page, on graphics card and processor? */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { openPage } from "../../../packages/autodiff/test/browser/chromium.ts";
import { isSoftware } from "../browser/graphics.ts";
import type { PageBudget, PageResult } from "../browser/page.ts";
import type { Sizes, Task } from "../policy-loss/problem.ts";
import { type Comparison, round } from "../support/report.ts";

/** 2,000 rows take a software graphics card seconds per call, so a quick run has fewer. */
const sizesOf = (quick: boolean): Sizes => ({
  rows: quick ? 200 : 2000,
  inputs: 2,
  width: 100,
  depth: 2,
  actions: 2,
});

/** How many times slower than our gpu.js backend the neighbour on WebGL2 has to be. */
const bars = { "tfjs-webgl": 1 };

/**
 * One comparison after the other, as they are done: in the Chromium that comes with npm, whose graphics card is software, or
 * in another browser.
 */
export async function* browser(quick: boolean, executable: string | undefined): AsyncGenerator<Comparison> {
  const sizes = sizesOf(quick);
  const entry = new URL("../browser/page.ts", import.meta.url);
  const page = await openPage(entry, { files: tfjsWasmFiles(), timeout: 1_200_000, executable });
  for (const task of ["gradient", "hvp"] as const) {
    const budget: PageBudget = { rounds: quick ? 3 : 9, turn: quick ? 20 : 100 };
    const call = `bench(${JSON.stringify(sizes)}, ${JSON.stringify(task satisfies Task)}, ${JSON.stringify(budget)})`;
    const { timings, errors, renderer, adapter } = await page.evaluate<PageResult>(call);
    yield {
      title: `browser, ${task}: Gaussian policy ${sizes.inputs}-${sizes.width}-${sizes.width}-${sizes.actions}, ${sizes.rows} rows`,
      clock: "wall",
      timings,
      bars,
      notes: {
        browser: page.version,
        WebGL2: cardText(renderer),
        WebGPU: adapter === undefined ? "none here" : cardText(adapter),
        ...Object.fromEntries(
          Object.entries(errors).map(([name, error]) => [`error of ${name}`, round(error)]),
        ),
      },
    };
  }
  await page.close();
}

const cardText = (name: string): string =>
  isSoftware(name) ? `${name}: a SOFTWARE graphics card, on the processor` : name;

/** The modules that tfjs's wasm backend fetches. */
function tfjsWasmFiles(): Record<string, Uint8Array> {
  const folder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  const names = ["tfjs-backend-wasm.wasm", "tfjs-backend-wasm-simd.wasm"];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}
