/**
 * A run gives the same bits under every version of Node that is supported: computes 200,000 values of each elementary
 * function and trains short runs under each, and compares the hashes of the values and of the runs' files. The versions come from npm, into a temporary folder; one that cannot be had is left out, with the
 * reason.
 *
 *   pnpm versions             Node 20, 22 and 24
 *   pnpm versions 20 23 24    those that are named
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Hashes } from "../packages/autodiff/test/elementary/table.ts";
import { shortRuns, trainUnder } from "./same-bits.ts";

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ["20", "22", "24"];
const scratch = mkdtempSync(join(tmpdir(), "sgmrl-versions-"));

/** The path of that version's program, or why it is not to be had. */
function fetchNode(version: string): { readonly path: string } | { readonly reason: string } {
  if (!/^\d+(\.\d+)*$/.test(version)) return { reason: "not a version number" };
  const prefix = join(scratch, version);
  const { status, stderr } = spawnSync(
    "npm",
    ["install", "--prefix", prefix, "--no-audit", "--no-fund", "--loglevel=error", `node@${version}`],
    { encoding: "utf8" },
  );
  const path = join(prefix, "node_modules/.bin/node");
  if (status !== 0) return { reason: stderr.trim().split("\n")[0] || "npm failed" };
  const answer = spawnSync(path, ["--version"], { encoding: "utf8" });
  return answer.status === 0 ? { path } : { reason: "it does not start on this machine" };
}

function tableUnder(path: string, table: string): Hashes {
  const print = `import("${table}").then(({ hashes }) => console.log(JSON.stringify(hashes())))`;
  const { status, stdout, stderr } = spawnSync(path, ["-e", print], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${path}: the elementary functions failed:\n${stderr}`);
  return JSON.parse(stdout);
}

try {
  // Node 20 does not read TypeScript, so all of them get the same JavaScript.
  await build({
    entryPoints: {
      main: "packages/sgmrl/src/cli/main.ts",
      table: "packages/autodiff/test/elementary/table.ts",
    },
    outdir: join(scratch, "bundle"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    conditions: ["sgmrl-source"],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "error",
  });
  const main = join(scratch, "bundle/main.mjs");
  const nodes: { readonly version: string; readonly path: string }[] = [];
  for (const version of wanted) {
    const found = fetchNode(version);
    if ("path" in found) nodes.push({ version, path: found.path });
    else console.log(`Node ${version}: left out: ${found.reason}`);
  }
  let different = 0;
  const table = pathToFileURL(join(scratch, "bundle/table.mjs")).href;
  const hashed = nodes.map(({ version, path }) => ({ version, hashes: tableUnder(path, table) }));
  for (const name of Object.keys(hashed[0]?.hashes.own ?? {})) {
    const same = new Set(hashed.map(({ hashes }) => hashes.own[name])).size <= 1;
    if (!same) different++;
    const found = hashed.map(({ version, hashes }) => `Node ${version}: ${hashes.own[name]}`).join("  ");
    console.log(`${same ? "same" : "DIFFERENT"}  ${name.padEnd(52)}${found}`);
  }
  for (const [name, flags] of Object.entries(shortRuns)) {
    const hashes = nodes.map(({ version, path }) => ({ version, ...trainUnder(path, main, flags) }));
    const same = new Set(hashes.map(({ files }) => files)).size <= 1;
    if (!same) different++;
    const theta = hashes.map((hash) => `Node ${hash.version}: ${hash.theta.slice(0, 16)}`).join("  ");
    console.log(`${same ? "same" : "DIFFERENT"}  ${name.padEnd(52)}${theta}`);
  }
  if (nodes.length < 2) console.log("Fewer than two versions: nothing was compared.");
  process.exitCode = different > 0 || nodes.length < 2 ? 1 : 0;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
