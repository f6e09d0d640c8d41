/** Processes of the tests that are killed or race with one another. As one file each they start several times faster. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { emptyFolder } from "./runs.ts";

export interface Ended {
  /** Null for a process that was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

/** Bundles a script of this folder, with what reports load by its address beside it; its path. */
export async function bundled(name: string): Promise<string> {
  const folder = emptyFolder();
  const common = { bundle: true, platform: "node", format: "esm", logLevel: "error" } as const;
  await build({
    ...common,
    entryPoints: [fileURLToPath(new URL(`./${name}.ts`, import.meta.url))],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    conditions: ["sgmrl-source"],
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
  });
  const browser = join(packageFolder, "src/report/explore/browser");
  const entryPoints = globSync("*.ts", { cwd: browser }).map((file) => join(browser, file));
  await build({ ...common, entryPoints, outdir: join(folder, "browser") });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  symlinkSync(join(packageFolder, "node_modules"), join(folder, "node_modules"), "dir");
  return join(folder, `${name}.mjs`);
}

/** Runs a script to its end or, if milliseconds are given, until it is killed so long after it was ready. */
export async function runScript(
  script: string,
  args: readonly string[],
  killAfter: number = Number.POSITIVE_INFINITY,
): Promise<Ended> {
  const child: ChildProcess = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  child.stdout!.on("data", (data) => {
    stdout += data;
  });
  let stderr = "";
  child.stderr!.on("data", (data) => {
    stderr += data;
  });
  const closed = once(child, "close");
  if (killAfter < Number.POSITIVE_INFINITY) {
    await Promise.race([once(child.stdout!, "data"), closed]);
    await Promise.race([closed, setTimeout(killAfter)]);
    child.kill("SIGKILL");
  }
  const [code] = await closed;
  return { code, stdout, stderr };
}
