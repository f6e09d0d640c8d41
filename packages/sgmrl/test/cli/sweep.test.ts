// sgmrl sweep on the smallest environment: what it prints, and the real command stopped and killed in mid-run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { commandLine } from "../../src/wording.ts";
import { emptyFolder, filesOf } from "../support/runs.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
// Seconds on an idle machine; processes start slowly on a busy one.
const timeout = 180_000;

function sweepFile(spec: object): string {
  const file = join(emptyFolder(), "small.json");
  writeFileSync(file, JSON.stringify(spec));
  return file;
}

const small = {
  preset: "needle",
  config: {
    iterations: 80,
    tasks: 4,
    evaluation: { every: 20, tasks: 4, finalTasks: 6 },
    checkpointEvery: 7,
  },
  grid: { estimator: ["sgmrl", "maml"] },
  seeds: [0, 1],
};

async function sgmrl(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

/** Every file of a sweep that is a function of its runs' configs: not the page, which says how long they took. */
const bytesOf = (root: string) => {
  const { "report.html": _, ...files } = filesOf(root);
  return files;
};

/** The command in a process of its own, sent a signal as soon as run n has been evaluated once. */
async function processOf(args: readonly string[], n: number, signal: "SIGINT" | "SIGKILL") {
  const child = spawn(process.execPath, ["--conditions=sgmrl-source", main, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  let err = "";
  let sent = false;
  child.stderr.on("data", (text) => {
    err += text;
    const at = err.indexOf(`run ${n} of 4`);
    if (sent || at === -1 || !err.slice(at).includes("iteration 0,")) return;
    sent = true;
    child.kill(signal);
  });
  const [code, killedBy] = await ended;
  return { code, killedBy, err };
}

describe("sgmrl sweep", () => {
  it("prints a table and writes a report, and has nothing to do afterwards", async () => {
    const file = sweepFile({ ...small, config: { ...small.config, iterations: 2 } });
    const root = join(emptyFolder(), "sweep");
    const command = ["sweep", file, "--out", root, "--workers", "0"];

    const before = await sgmrl(...command, "--dry-run");
    expect(before.out).toMatch(/estimator=sgmrl\/seed-0 +new +0 of 2\n/);
    expect(before.out).toContain(`4 runs in ${root}: 4 new.`);
    expect(existsSync(root)).toBe(false);

    const { code, out, err } = await sgmrl(...command);
    expect(err).toContain("run 3 of 4: estimator=maml/seed-0");
    expect(out).toMatch(/^needle-bandit +seeds +before +after 1 +training takes\n/);
    const [, first, second] = out.split("\n");
    for (const row of [first, second])
      expect(row).toMatch(/^estimator=(sgmrl|maml) +0,1 +[\d.-]+ ± [\d.]+ +[\d.-]+ ± [\d.]+ +\d+ s$/);
    expect(out).toContain(`Report: ${root}/report.html`);
    expect(code).toBe(0);
    const html = readFileSync(join(root, "report.html"), "utf8");
    // It loads nothing: addresses are those of namespaces, and in the comment with a library's licence.
    const loaded = html.replaceAll(/http:\/\/www\.w3\.org\/\S+/g, "").replaceAll(/\/\*[\s\S]*?\*\//g, "");
    expect(loaded).not.toMatch(/https?:\/\//);
    expect(existsSync(join(root, "figures/learning-curve.svg"))).toBe(true);

    const again = await sgmrl(...command, "--json");
    expect(again.err).toBe(`4 runs in ${root}: 4 finished.`);
    const result = JSON.parse(again.out);
    expect(result).toMatchObject({
      status: "finished",
      runs: { "estimator=sgmrl/seed-0": { state: "finished", iteration: 2 } },
      reports: [`${root}/report.html`],
    });
    const means = result.settings.map((row: { returns: { mean: number }[] }) => row.returns[1]!.mean);
    expect(means[0]).toBeGreaterThanOrEqual(means[1]);
  });

  it("gives each environment a table and a page of its own", async () => {
    const file = sweepFile({
      ...small,
      config: { ...small.config, iterations: 1 },
      grid: { env: ["needle-bandit", "toy-1d"], horizon: [1] },
      seeds: [0],
    });
    const root = join(emptyFolder(), "sweep");
    const { out } = await sgmrl("sweep", file, "--out", root, "--workers", "0");
    expect(out).toMatch(/^needle-bandit +seeds/m);
    expect(out).toMatch(/^toy-1d +seeds/m);
    expect(out).toContain("with 95% confidence over tasks");
    for (const page of ["needle-bandit", "toy-1d"]) expect(existsSync(join(root, `${page}.html`))).toBe(true);
  });

  it(
    "stopped by Ctrl-C and killed, in one run after another, gives the bytes of a sweep that was not",
    async () => {
      const file = sweepFile(small);
      const whole = join(emptyFolder(), "whole");
      expect((await sgmrl("sweep", file, "--out", whole, "--workers", "0")).code).toBe(0);

      const root = join(emptyFolder(), "sweep");
      const command = ["sweep", file, "--out", root, "--workers", "0"];
      const stopped = await processOf(command, 1, "SIGINT");
      expect(stopped.err).toContain("Finishing the current iteration");
      expect(stopped.err).toMatch(/Stopped\. 4 runs in .*\d new\. Run the same command again to continue\./);
      expect(stopped.code).toBe(130);
      expect(existsSync(join(root, "report.html"))).toBe(false);
      expect((await processOf(command, 3, "SIGKILL")).killedBy).toBe("SIGKILL");
      const last = await sgmrl(...command);
      expect(last.err).toMatch(/4 runs in .*: .*\d interrupted/);
      expect(last.code).toBe(0);
      const [files, expected] = [bytesOf(root), bytesOf(whole)];
      expect(Object.keys(files)).toEqual(Object.keys(expected));
      for (const [path, bytes] of Object.entries(expected)) expect(files[path] === bytes, path).toBe(true);
    },
    timeout,
  );

  it("ends with code 1 and says why where a run diverged", async () => {
    const config = {
      ...small.config,
      experiment: { environment: "toy-1d", horizon: 1 },
      optimizer: { name: "sgd", learningRate: 1e308 },
    };
    const root = join(emptyFolder(), "sweep");
    const file = sweepFile({ ...small, config, grid: {}, seeds: [0] });
    const { code, out, err } = await sgmrl("sweep", file, "--out", root, "--workers", "0");
    expect(err).toMatch(/needle\/seed-0: diverged: iteration \d+.* is not finite/);
    expect(out).toMatch(/^needle +none \(diverged: 0\)$/m);
    expect(code).toBe(1);
  });

  it.each<[object, RegExp]>([
    [{ ...small, seeds: [] }, /^error: .*small\.json: seeds: expected at least 1 entry/],
    [
      { ...small, grid: { tasks: [0] } },
      /small\.json: tasks=0: config\.tasks \(--tasks\): .*at least 1; got 0/,
    ],
    [{ ...small, grid: { policy: ["gaussian-mlp"] } }, /policy\.kind: needle-bandit has discrete actions/],
  ])("answers a bad file with code 2 and the field: %j", async (spec, message) => {
    const root = join(emptyFolder(), "sweep");
    const { code, out, err } = await sgmrl("sweep", sweepFile(spec), "--out", root);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(existsSync(root)).toBe(false);
  });

  it.each([
    [["--window", "5"], "error: --window: needs --engine bullmq."],
    [["--engine", "bullmq", "--workers", "3"], "error: --workers: does not apply to --engine bullmq;"],
    [["--engine", "bullmq", "--broker", "x"], "error: --broker: expected an address"],
  ])("refuses options that do not go together once, before any run: %j", async (flags, message) => {
    const root = join(emptyFolder(), "sweep");
    for (const dry of [[], ["--dry-run"]]) {
      const { code, out, err } = await sgmrl("sweep", sweepFile(small), "--out", root, ...flags, ...dry);
      expect(err.startsWith(message), err).toBe(true);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(existsSync(root)).toBe(false);
    }
  });

  it("answers a file that is not there, and --help with examples", async () => {
    expect(await sgmrl("sweep", "none.json")).toMatchObject({
      code: 2,
      err: "error: sweep none.json: no such file or directory (ENOENT).",
    });
    const { code, out } = await sgmrl("sweep", "--help");
    expect(code).toBe(0);
    expect(out).toContain(`Examples:\n  $ ${commandLine("sweep", "needle.json")}`);
  });
});
