/**
 * Packs every package as it is published, after the build:
 *
 *   pnpm tarballs FOLDER
 *
 * A tarball holds dist, the licence, the changelog, the README, whose links are absolute, and a manifest without what only the workspace
 * uses. Where the repository is stands once, as `config.repository` in the top package.json; while it is empty, links stay
 * as they are and `--publish`, which the release workflow gives, is refused.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

export const packages: readonly string[] = ["packages/autodiff", "packages/envs", "packages/sgmrl"];

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** https://…, without a slash at the end; "" while nobody has said. */
export function repositoryAddress(): string {
  const { config } = readManifest(".") as { readonly config: { readonly repository: string } };
  if (config.repository !== "" && !/^https:\/\/[^/]+\/.*[^/]$/.test(config.repository))
    throw new Error(
      `package.json, config.repository: expected https://… without a slash at the end, got "${config.repository}"`,
    );
  return config.repository;
}

/** The manifest that users get. */
export function publishedManifest(manifest: JsonObject, folder: string, repository: string): JsonObject {
  const { devDependencies: _, dependencies = {}, exports, ...rest } = manifest;
  const version = `^${manifest.version}`; // the packages are released together
  return {
    ...rest,
    ...(repository === ""
      ? {}
      : {
          homepage: `${repository}#readme`,
          bugs: `${repository}/issues`,
          repository: { type: "git", url: `git+${repository}.git`, directory: folder },
        }),
    exports: withoutSources(exports!),
    dependencies: Object.fromEntries(
      Object.entries(dependencies as JsonObject).map(([name, wanted]) => [
        name,
        wanted === "workspace:*" ? version : wanted,
      ]),
    ),
  };
}

/** The condition by which the workspace runs from its sources means nothing where there are none. */
function withoutSources(exports: Json): Json {
  if (typeof exports !== "object" || exports === null || Array.isArray(exports)) return exports;
  return Object.fromEntries(
    Object.entries(exports)
      .filter(([condition]) => condition !== "sgmrl-source")
      .map(([key, value]) => [key, withoutSources(value)]),
  );
}

/** Relative links of a page in `folder`, made absolute. */
export function withAbsoluteLinks(page: string, folder: string, repository: string): string {
  if (repository === "") return page;
  const base = `${repository}/blob/main/${folder}/`;
  return page.replace(/\]\((?!https?:|#)([^)\s]+)\)/g, (_, path) => `](${new URL(path, base).href})`);
}

function readManifest(folder: string): JsonObject {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

/** The path of the tarball. */
function pack(folder: string, destination: string, repository: string): string {
  const staging = mkdtempSync(join(tmpdir(), "sgmrl-pack-"));
  try {
    cpSync(join(folder, "dist"), join(staging, "dist"), { recursive: true });
    cpSync("LICENSE", join(staging, "LICENSE"));
    cpSync(join(folder, "CHANGELOG.md"), join(staging, "CHANGELOG.md"));
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    writeFileSync(join(staging, "README.md"), withAbsoluteLinks(readme, folder, repository));
    const manifest = publishedManifest(readManifest(folder), folder, repository);
    writeFileSync(join(staging, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    const { status, stdout, stderr } = spawnSync(
      "npm",
      ["pack", "--json", "--pack-destination", resolve(destination)],
      { cwd: staging, encoding: "utf8", shell: process.platform === "win32" },
    );
    if (status !== 0) throw new Error(`${folder}: npm pack failed:\n${stderr}`);
    const [{ filename, size }] = JSON.parse(stdout);
    console.log(`${filename}  ${(size / 1024).toFixed(0)} kB`);
    return join(resolve(destination), filename);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The paths of the tarballs, in the order of `packages`. */
export function packAll(destination: string): readonly string[] {
  const repository = repositoryAddress();
  mkdirSync(destination, { recursive: true });
  return packages.map((folder) => pack(folder, destination, repository));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [destination] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
  if (destination === undefined) {
    console.error("usage: pnpm tarballs FOLDER [--publish]");
    process.exit(2);
  }
  const publish = process.argv.includes("--publish");
  if (publish && repositoryAddress() === "") {
    console.error(
      "package.json, config.repository is empty: set it to the repository's address (https://…), then publish",
    );
    process.exit(2);
  }
  for (const tarball of packAll(destination))
    if (publish) {
      const args = ["publish", tarball, "--provenance", "--access", "public"];
      const { status } = spawnSync("npm", args, { stdio: "inherit", shell: process.platform === "win32" });
      if (status !== 0) process.exit(1);
    }
}
