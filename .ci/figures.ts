/**
 * `pnpm figures [name …]`: draws the figures of docs/results anew, with the numbers that they show beside them.
 *
 * Without a name: all that are computed in minutes. The others are drawn from runs that took hours, by
 * `sgmrl study NAME --runs DIR --out docs/results`, and are computed first where DIR lacks them.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Atlas, atlas, drawAtlas } from "../packages/sgmrl/src/experiments/audit/atlas.ts";

const root = join(import.meta.dirname, "..");
const folder = join(root, "docs/results");

/** Minutes of processor time each. */
const quickStudies = ["needle", "two-doors", "corridor", "convergence", "variance"] as const;

const figures: Readonly<Record<string, () => void>> = {
  "audit-atlas": drawCommittedAtlas,
  ...Object.fromEntries(quickStudies.map((name) => [name, () => study(name)])),
};

/** The atlas from its cells, which are rounded as they are committed. */
export function atlasOf(json: string): string {
  return drawAtlas(JSON.parse(json) as Atlas["cells"]);
}

export function readAtlas(): { readonly json: string; readonly svg: string } {
  const read = (ending: string): string => readFileSync(join(folder, `audit-atlas.${ending}`), "utf8");
  return { json: read("json"), svg: read("svg") };
}

function drawCommittedAtlas(): void {
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === "number" ? Number(value.toPrecision(6)) : value;
  const json = `${JSON.stringify(atlas().cells, rounded, 1)}\n`;
  writeFileSync(join(folder, "audit-atlas.json"), json);
  writeFileSync(join(folder, "audit-atlas.svg"), atlasOf(json));
}

function study(name: string): void {
  const main = join(root, "packages/sgmrl/src/cli/main.ts");
  execFileSync(process.execPath, ["--conditions=sgmrl-source", main, "study", name, "--out", folder], {
    stdio: "inherit",
  });
}

if (import.meta.main) {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !Object.hasOwn(figures, name));
  if (unknown.length > 0) {
    console.error(`unknown figures: ${unknown.join(", ")}; expected ${Object.keys(figures).join(", ")}`);
    process.exit(2);
  }
  for (const [name, draw] of Object.entries(figures)) if (asked.length === 0 || asked.includes(name)) draw();
}
