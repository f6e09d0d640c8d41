import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AtlasCell, cellText } from "../../../packages/sgmrl/src/experiments/audit/atlas-cells.ts";
import { root } from "../build/paths.ts";
import { openFields, press, refuses, says, type Visited } from "./acts.ts";
import type { Visit } from "./visits.ts";

export const desk: Visit = {
  ready: ".desk .sheet",
  what: "laws hold, a planted sign is caught, bias and variance are exact, the atlas is as committed, hostile links are refused",
  async quick(visited) {
    const { page } = visited;
    await startAtlas(visited);
    await page.waitForSelector("table.atlas");
    await press(page, "Stop");
    await refuses(visited, /stopped/);
  },
  async run(visited) {
    const { page, found } = visited;
    await openFields(visited, "desk.html", { eq: "tanh", seed: "7" });
    await says(visited, "All laws hold");
    if (!page.url().endsWith("#eq=tanh&seed=7")) found.push(`the address of the laws is ${page.url()}`);
    const mistake = "vjp xBar0: 1 mul sign flipped";
    await openFields(visited, "desk.html", { eq: "tanh", seed: "7", mistake });
    await says(visited, "Caught");
    await openFields(visited, "desk.html", { eq: "tanh", seed: "7", mistake: "vjp none" });
    await refuses(visited, /no such mistake/);
    await openFields(visited, "desk.html", { eq: "recursion" });
    await page.waitForSelector(".panel textarea");
    await page.click(".panel button.primary");
    await says(visited, "V = 0.829959"); // as in the README
    const table = await page.$eval(".panel table", (one) => one.textContent ?? "");
    if (!/sgmrl\s*0 \/ 2\.13/.test(table)) found.push(`the table reads ${table}`);
    const spec = await page.$eval(".panel textarea", (one) => (one as HTMLTextAreaElement).value);
    for (const eq of ["../../README", "__proto__"]) {
      await openFields(visited, "desk.html", { eq });
      await refuses(visited, /there is no equation/);
    }
    const large = spec.replace('"trajectories": 2', '"trajectories": 60');
    await openFields(visited, "desk.html", { eq: "recursion", spec: large });
    await refuses(visited, /\d terms/);
    await atlas(visited);
  },
};

/** The atlas in the page against the committed one, which holds six digits. */
async function atlas(visited: Visited): Promise<void> {
  const { page, found, said } = visited;
  await startAtlas(visited);
  await says(visited, "12 settings enumerated");
  const shown = await page.$$eval("table.atlas", (tables) =>
    tables.map((table) =>
      [...table.querySelectorAll("tbody tr")].map((row) =>
        [...row.children].map((cell) => cell.textContent?.trim() ?? ""),
      ),
    ),
  );
  const cells = JSON.parse(
    readFileSync(join(root, "docs/results/audit-atlas.json"), "utf8"),
  ) as readonly AtlasCell[];
  const settings = [...new Set(cells.map(({ setting }) => setting))];
  const wanted = (["bias", "variance"] as const).map((quantity) =>
    [...new Set(cells.map(({ estimator }) => estimator))].map((estimator) => [
      estimator,
      ...settings.map((setting) =>
        cellText(
          quantity,
          cells.find((cell) => cell.estimator === estimator && cell.setting === setting)![quantity],
        ),
      ),
    ]),
  );
  said.push(`atlas: ${shown[0]?.length} estimators, ${settings.length} settings`);
  if (JSON.stringify(shown) !== JSON.stringify(wanted)) {
    const [some, others] = [shown, wanted].map((tables) => JSON.stringify(tables[0]?.slice(0, 2)));
    found.push(`the atlas reads ${some}, committed is ${others}`);
  }
}

async function startAtlas(visited: Visited): Promise<void> {
  const { page } = visited;
  await openFields(visited, "desk.html", { eq: "recursion" });
  await page.waitForSelector(".panel select");
  await page.select(".panel select", "atlas");
  await press(page, "Enumerate");
}
