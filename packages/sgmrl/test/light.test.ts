// What a program loads before it needs it: statically imported packages, found by following the imports of the sources.
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";

let inputs: Metafile["inputs"];
beforeAll(async () => {
  const { metafile } = await build({
    entryPoints: ["src/cli/main.ts", "src/index.ts", "src/execution/distributed/index.ts"],
    outdir: "out",
    bundle: true,
    write: false,
    metafile: true,
    packages: "external",
    platform: "node",
    format: "esm",
    absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
  });
  inputs = metafile.inputs;
});

/** The packages that a file imports, directly or through other files, and how many files that are. */
function loadedBy(entries: readonly string[]): {
  readonly packages: readonly string[];
  readonly files: number;
} {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { path, kind, external } of inputs[file]!.imports) {
      if (kind === "dynamic-import") continue;
      if (!external) visit(path);
      else if (!path.startsWith("node:")) packages.add(path);
    }
  };
  for (const file of entries) visit(file);
  return { packages: [...packages].sort(), files: seen.size };
}

const brokers = ["bullmq", "ioredis", "pg"];
const drawing = ["@observablehq/plot", "linkedom"];
const others = ["cli-progress", "piscina", "prom-client"];

describe("without being asked to", () => {
  it("the command line loads what parses it and answers misspellings, and nothing of what the commands do", () => {
    const { packages, files } = loadedBy(["src/cli/main.ts"]);
    expect(packages).toEqual(["commander", "fastest-levenshtein"]);
    expect(files).toBeLessThanOrEqual(10);
  });

  it("`sgmrl` loads no broker, no plots, no HTML and no threads", () => {
    const { packages } = loadedBy(["src/index.ts"]);
    expect(packages.filter((name) => [...brokers, ...drawing, ...others].includes(name))).toEqual([]);
  });

  it("`sgmrl/distributed` loads no driver of a broker, no metrics and no plots", () => {
    const { packages } = loadedBy(["src/execution/distributed/index.ts"]);
    expect(packages.filter((name) => [...brokers, ...drawing, "prom-client"].includes(name))).toEqual([]);
  });

  it("which the walk would have found: they are there behind dynamic imports", () => {
    const { packages } = loadedBy(Object.keys(inputs));
    expect(packages).toEqual(expect.arrayContaining([...brokers, ...drawing, ...others]));
  });
});
