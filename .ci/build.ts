/**
 * Builds every published package: src/**.ts -> dist/**.js (esbuild) and dist/**.d.ts (tsc).
 *
 * One source file gives one output file. Subpath exports, commands and worker files are then all ordinary
 * files that share their modules, `new URL("./worker.js", import.meta.url)` keeps its meaning, and what a
 * user reads in dist is laid out like the sources. Other packages are imported by name, never bundled in.
 *
 * Packages are built in the order of their dependencies: the declarations of each are checked against the
 * built declarations of those before it.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const packages: readonly string[] = ["packages/autodiff", "packages/envs", "packages/sgmrl"];

/** Leaves every import where it is; a relative one ending in .ts is written with the .js of its output. */
const oneFileEach: Plugin = {
  name: "one-file-each",
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === "entry-point"
        ? undefined
        : { path: path.replace(/^(\.\.?\/.*)\.ts$/, "$1.js"), external: true },
    );
  },
};

async function buildPackage(folder: string): Promise<number> {
  const dist = join(folder, "dist");
  rmSync(dist, { recursive: true, force: true });
  const sources = globSync(join(folder, "src/**/*.ts"));
  await build({
    entryPoints: sources,
    outbase: join(folder, "src"),
    outdir: dist,
    bundle: true,
    plugins: [oneFileEach],
    format: "esm",
    platform: "node",
    target: "es2022",
    sourcemap: true,
    logLevel: "warning",
  });
  const tsc = spawnSync("tsc", ["-p", join(folder, "tsconfig.build.json")], { stdio: "inherit" });
  if (tsc.status !== 0)
    throw new Error(`${folder}: tsc wrote no declarations (exit ${tsc.status ?? tsc.signal})`);
  return sources.length;
}

/** Every file that a package.json promises to its users: targets of `exports` (all conditions but the source one) and `bin`. */
function promisedFiles(manifest: unknown): readonly string[] {
  if (typeof manifest === "string") return manifest.startsWith("./dist/") ? [manifest] : [];
  if (typeof manifest !== "object" || manifest === null) return [];
  return Object.entries(manifest).flatMap(([key, value]) =>
    key === "sgmrl-source" ? [] : promisedFiles(value),
  );
}

for (const folder of packages) {
  const started = performance.now();
  const { name, exports, bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const count = await buildPackage(folder);
  const missing = [...promisedFiles(exports), ...promisedFiles(bin)].filter(
    (file) => !existsSync(join(folder, file)),
  );
  if (missing.length > 0)
    throw new Error(`${name}: package.json names files that the build did not write: ${missing.join(", ")}`);
  console.log(`${name}: ${count} files in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
