import { readFileSync } from "node:fs";

/** The version of this package; "unknown" where it was bundled away from its package.json. */
export function version(): string {
  try {
    const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    return manifest.name === "sgmrl" ? String(manifest.version) : "unknown";
  } catch {
    return "unknown";
  }
}
