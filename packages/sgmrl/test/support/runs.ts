import { globSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseConfig } from "../../src/config/parse-config.ts";
import type { UnitSource } from "../../src/execution/create-engine.ts";
import type { RunConfig } from "../../src/settings.ts";
import { unitFor } from "./quadratic-unit.ts";

export const quadraticUnits: UnitSource = {
  unitFor,
  module: new URL("./quadratic-unit.ts", import.meta.url),
};

/** A short run of the quadratic unit. */
export function smallConfig(changes: object = {}): RunConfig {
  const base = parseConfig({
    file: {
      experiment: { estimator: { name: "jackknife-per-decision" } },
      iterations: 12,
      tasks: 7,
      checkpointEvery: 5,
      evaluation: { every: 4, tasks: 5, finalTasks: 9, steps: 2 },
      optimizer: { name: "adam", learningRate: 0.1 },
    },
  });
  return parseConfig({ file: { ...base, ...changes } });
}

/** The same, of an environment whose tasks a report can draw from three parameters. */
export function toyConfig(changes: object = {}): RunConfig {
  return smallConfig({ experiment: { ...smallConfig().experiment, environment: "toy-1d" }, ...changes });
}

export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), "sgmrl-run-"));
}

/** Every file of a run, or of several, by path, as base64, but for the timings. */
export function filesOf(root: string): Record<string, string> {
  const paths = globSync("**/*", { cwd: root }).filter(
    (path) => statSync(join(root, path)).isFile() && basename(path) !== "timings.jsonl",
  );
  return Object.fromEntries(
    paths.sort().map((path) => [path, readFileSync(join(root, path)).toString("base64")]),
  );
}

/** What a command must leave, whatever happened to it. A sweep's page tells seconds, which differ; any page tells a path. */
export function bytesOf(root: string, what: string): Record<string, string> {
  const files = filesOf(root);
  if (what === "sweep") delete files["report.html"];
  for (const [name, content] of Object.entries(files))
    if (name.endsWith(".html"))
      files[name] = Buffer.from(content, "base64").toString().replaceAll(root, "the runs' folder");
  return files;
}
