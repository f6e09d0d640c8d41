/**
 * Installs the packed tarballs into an empty folder with npm, as a user would, and uses them there on Node 20:
 *   every subpath of every package imports; plain.js runs; typed.ts type-checks, compiles and runs;
 *   the command answers --help, audits an MDP, and trains in worker threads, also with an environment, a policy and an
 *   estimator of the user's own; a short run has the same bits there as on the workspace's Node.
 * Run after the build.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { packAll, packages } from "./pack.ts";
import { shortRuns, trainUnder } from "./same-bits.ts";

const oldestNode = "20";

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

function run(command: string, args: readonly string[], cwd: string, path = process.env.PATH): void {
  console.log(`  ${command} ${args.join(" ")}`);
  const { status, signal, error } = spawnSync(command, args, {
    cwd,
    stdio: "inherit",
    env: { ...process.env, PATH: path },
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")} failed (${error?.message ?? signal ?? status})`);
}

const manifests = packages.map(readManifest);
const { devDependencies } = readManifest(".");
const consumer = mkdtempSync(join(tmpdir(), "sgmrl-consumer-"));
try {
  const tarballs = packAll(consumer);
  for (const tarball of tarballs) {
    // What a user's tools make of the manifest, and of the declarations, in Node and in bundlers.
    run("publint", ["--strict", tarball], ".");
    run("attw", [tarball, "--profile", "esm-only", "--format", "ascii", "--no-emoji"], ".");
  }
  cpSync(".ci/consumer", consumer, { recursive: true });
  cpSync("packages/sgmrl/test/support/own", join(consumer, "own"), { recursive: true });
  writeFileSync(
    join(consumer, "package.json"),
    JSON.stringify({
      private: true,
      type: "module",
      dependencies: Object.fromEntries(manifests.map(({ name }, i) => [name, `file:${tarballs[i]}`])),
      overrides: Object.fromEntries(manifests.map(({ name }) => [name, `$${name}`])),
      devDependencies: {
        node: oldestNode,
        typescript: devDependencies?.typescript,
        "@types/node": oldestNode,
      },
    }),
  );
  const subpaths = manifests.flatMap(({ name, exports }) =>
    Object.keys(exports).map((key) => name + key.slice(1)),
  );
  writeFileSync(join(consumer, "subpaths.js"), subpaths.map((path) => `await import("${path}");\n`).join(""));

  // The consumer's own Node 20 and TypeScript come first; the workspace's tools must not be what answers.
  const path = [join(consumer, "node_modules/.bin"), process.env.PATH].join(delimiter);
  run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], consumer);
  run("node", ["--version"], consumer, path);
  run("node", ["subpaths.js"], consumer, path);
  run("node", ["plain.js"], consumer, path);
  run("tsc", ["-p", "tsconfig.json"], consumer, path);
  run("node", ["out/typed.js"], consumer, path);
  for (const command of manifests.flatMap(({ bin }) => Object.keys(bin ?? {})))
    run(command, ["--help"], consumer, path);
  run("sgmrl", ["audit", "--spec", "audit.json"], consumer, path);
  run(
    "sgmrl",
    ["train", ..."--preset needle --iterations 2 --workers 2 --final-tasks 10 --out run".split(" ")],
    consumer,
    path,
  );
  run("node", ["watch.js"], consumer, path);
  // An environment, a policy and an estimator of the user's own, compiled, in two worker threads; then going on with them.
  const ownParts =
    "--env ./out/own/line.js --policy ./out/own/linear-policy.js --estimator ./out/own/half-sgmrl.js";
  const short = "--iterations 2 --tasks 4 --final-tasks 10 --hidden none --workers 2 --out own-run";
  run("sgmrl", ["train", ...`${ownParts} ${short}`.split(" ")], consumer, path);
  run("sgmrl", ["resume", "own-run", "--workers", "2"], consumer, path);
  // The same run on the oldest Node and on the workspace's: `pnpm versions` compares more of both.
  const main = join(consumer, "node_modules/sgmrl/dist/cli/main.js");
  const [oldest, own] = [join(consumer, "node_modules/.bin/node"), process.execPath].map((node) =>
    trainUnder(node, main, shortRuns.needle!),
  );
  if (oldest!.files !== own!.files)
    throw new Error(
      `Node ${oldestNode} and ${process.version} give different bits: ${oldest!.theta}, ${own!.theta}`,
    );
  console.log(`Node ${oldestNode} and ${process.version} train to the same bits: ${own!.theta}`);
  console.log(`${subpaths.length} entry points import, plain.js and typed.ts run: ${subpaths.join(", ")}`);
} finally {
  rmSync(consumer, { recursive: true, force: true });
}
