/** The API reference of the packages: Markdown by TypeDoc, from their sources, in docs/site/api. */
import { execFileSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { laidOut } from "./docstrings.ts";
import { root } from "./paths.ts";

/** Writes the pages. Returns how many. */
export function writeApi(): number {
  const folder = join(root, "docs/site/api");
  rmSync(folder, { recursive: true, force: true });
  const typedoc = join(root, "docs/node_modules/.bin/typedoc");
  const options = join(root, "docs/.vitepress/typedoc.json");
  execFileSync(typedoc, ["--options", options, "--logLevel", "Warn", "--treatWarningsAsErrors"], {
    stdio: "inherit",
  });
  const pages = globSync(join(folder, "**/*.md"));
  const names = specifiers();
  for (const page of pages) {
    const text = readFileSync(page, "utf8");
    writeFileSync(
      page,
      `---\npageClass: api\n---\n${laidOut(text)}`
        .replace(/(?<=^# |^- \[)packages\/[^\]\n]+/gm, (module) => names.get(module) ?? module)
        .replace(/(?<=^Defined in: \[)packages\/\w+\/src\//gm, "")
        .replace(/\[[^\]]*\]\([^)]*node_modules[^)]*\)/g, "TypeScript's library"),
    );
  }
  return pages.length;
}

/** What users import a module by: `packages/autodiff/src/random` → `@sgmrl/autodiff/random`. */
function specifiers(): ReadonlyMap<string, string> {
  return new Map(
    globSync(join(root, "packages/*/package.json")).flatMap((manifest) => {
      const { name, exports } = JSON.parse(readFileSync(manifest, "utf8")) as Manifest;
      const folder = manifest.slice(root.length + 1).replace(/\/package\.json$/, "");
      return Object.entries(exports).map(([path, { "sgmrl-source": source }]): [string, string] => [
        join(folder, source).replace(/(\/index)?\.ts$/, ""),
        join(name, path),
      ]);
    }),
  );
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly "sgmrl-source": string }>>;
}
