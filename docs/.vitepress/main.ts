/**
 * `pnpm site` builds the site and serves it on 127.0.0.1; `pnpm site --build` only writes it, to docs/dist.
 *
 * What is written is files alone: no server computes anything, and a page fetches nothing from elsewhere. The build fails
 * on a link that leads nowhere and on a first page that is too heavy. `--browse` looks at every page in a Chromium.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { build, createMarkdownRenderer } from "vitepress";
import { writeApi } from "./build/api.ts";
import { deadLinks, onRequest, weight } from "./build/check.ts";
import { writeDesk } from "./build/desk.ts";
import { writeExamples } from "./build/examples.ts";
import { extend } from "./build/markdown.ts";
import { dist, root } from "./build/paths.ts";
import { serve } from "./build/server.ts";
import { writeSources } from "./build/sources.ts";

/** Compressed bytes of the first page. */
const heaviest = 150_000;

const { values } = parseArgs({
  options: {
    build: { type: "boolean", default: false },
    browse: { type: "boolean", default: false },
    port: { type: "string", default: "4173" },
  },
});

await timed("API reference", () => `${writeApi()} pages`);
await timed("examples", () => `${writeExamples()} on a page`);
await timed("pages", async () => {
  await build(join(root, "docs"));
  return `${globSync("**/*.html", { cwd: dist }).length} pages`;
});
await timed("sources", () => `${writeSources()} pages`);
await timed("desk", async () => {
  const markdown = await createMarkdownRenderer(root, { attrs: { disable: true }, config: extend });
  return `${await writeDesk(markdown)} equations`;
});
await timed("figures", () => `${copyFigures()} files`);
await timed("links", () => {
  const dead = deadLinks(dist);
  if (dead.length > 0) throw new Error(`links that lead nowhere:\n  ${dead.join("\n  ")}`);
  return "none leads nowhere";
});
await timed("first page", () => {
  const bytes = weight(dist, "index.html");
  if (bytes > heaviest) throw new Error(`the first page is ${bytes} bytes compressed, more than ${heaviest}`);
  return `${Math.round(bytes / 1000)} kB compressed`;
});
await timed("fetched on request", () => {
  const sizes = onRequest(dist);
  writeFileSync(join(dist, "sizes.json"), JSON.stringify(sizes));
  const large = Object.entries(sizes).filter(([, bytes]) => bytes > 10_000);
  return `${large.map(([name, bytes]) => `${name} ${Math.round(bytes / 1000)} kB`).join(", ")} compressed`;
});
if (values.browse) {
  const { status } = spawnSync(
    process.execPath,
    ["--conditions=sgmrl-source", join(root, "docs/.vitepress/browse.ts")],
    {
      stdio: "inherit",
    },
  );
  process.exitCode = status ?? 1;
}
if (!values.build) {
  const { address } = await serve(dist, Number(values.port));
  console.log(`\n${address}/   (Ctrl-C ends)`);
}

/** Figures that pages link to, beside the pages. */
function copyFigures(): number {
  copyFileSync(join(root, "docs/.vitepress/build/source.css"), join(dist, "source.css"));
  const figures = globSync("{results,examples/*}/*.{svg,html}", { cwd: join(root, "docs") });
  for (const figure of figures) {
    mkdirSync(join(dist, dirname(figure)), { recursive: true });
    copyFileSync(join(root, "docs", figure), join(dist, figure));
  }
  return figures.length + 1;
}

async function timed(what: string, run: () => string | Promise<string>): Promise<void> {
  const started = performance.now();
  const said = await run();
  console.log(`${what}: ${said}, ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
