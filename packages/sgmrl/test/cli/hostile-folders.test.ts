/**
 * Folders and files that are not what a command needs them to be: each is a clear error that leaves the run as it was, or
 * does not matter.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { train } from "../../src/training/train.ts";
import { bundled } from "../support/processes.ts";
import { emptyFolder, filesOf } from "../support/runs.ts";

const flags = { "--iterations": "2", "--tasks": "2", "--evaluate-tasks": "2", "--final-tasks": "2" };
const trained = async (seed: number): Promise<string> => {
  const config = parseConfig({ preset: "needle", flags: { ...flags, "--seed": String(seed) } });
  return (await train(config, join(emptyFolder(), "run"), { workers: 0 })).files.root;
};
let whole: string;
let second: string;
beforeAll(async () => {
  [whole, second] = [await trained(0), await trained(1)];
}, 60_000);
const copy = (of: string = whole): string => {
  const root = join(emptyFolder(), "run");
  fs.cpSync(of, root, { recursive: true });
  return root;
};

async function sgmrl(...args: string[]) {
  const lines: string[] = [];
  const code = await runCommandLine(args, { out: () => {}, err: (text) => void lines.push(text) });
  return { code, err: lines.join("\n") };
}
const training = ["train", "--preset", "needle", "--iterations", "1", "--workers", "0"];
/** No error that the system wrote, such as "EACCES: permission denied, scandir 'x'". */
const raw = /\bE[A-Z]{3,}[:,] /;

describe.runIf(process.platform === "linux")("a place for a run", () => {
  const folder = emptyFolder();
  fs.writeFileSync(join(folder, "file"), "");
  fs.symlinkSync("nowhere", join(folder, "dangling"));
  fs.symlinkSync("loop", join(folder, "loop"));
  it.each([
    ["a file", join(folder, "file"), /a file of that name already exists/],
    ["below a file", join(folder, "file/run"), /part of the path is a file/],
    ["a link to nothing", join(folder, "dangling"), /no such file|a file of that name/],
    ["a link to itself", join(folder, "loop"), /form a loop/],
    ["where the system lets nobody make any", "/proc/run", /no such file or directory|permission denied/],
    ["a device", "/dev/null", /a file of that name already exists/],
    ["of a very long name", join(folder, "a".repeat(300)), /the name is too long/],
    ["of a very long path", join(folder, "aaaaaaaaa/".repeat(500)), /the name is too long/],
    ["of bytes that are not UTF-8", join(folder, "a\ufffd"), /Expected a path in UTF-8/],
  ])("%s is refused", async (_, out, message) => {
    const { code, err } = await sgmrl(...training, "--out", out);
    expect(err).toMatch(message);
    expect(err).not.toMatch(raw);
    expect(code).toBe(2);
  });
});

it("an atlas is not begun where it cannot be written", async () => {
  const folder = join(emptyFolder(), "atlas.svg");
  fs.mkdirSync(folder);
  const began = performance.now();
  const { code, err } = await sgmrl("audit", "--out", folder);
  expect(err).toContain("not a regular file");
  expect(code).toBe(2);
  expect(performance.now() - began).toBeLessThan(5_000); // the audit takes longer
});

describe("a report", () => {
  it.each(["config.json", "metrics.jsonl", "checkpoints/000002.json", "checkpoints/000002.safetensors"])(
    "is not written over %s",
    async (name) => {
      const root = copy();
      const before = filesOf(root);
      for (const command of ["report", "compare"]) {
        const { code, err } = await sgmrl(command, root, "--out", join(root, name));
        expect(err).toContain("Expected a file that ends in .html");
        expect(code).toBe(2);
      }
      expect(filesOf(root)).toEqual(before);
    },
  );

  it("does not take the place of a pipe or a folder, and draws its figures into a folder of its own", async () => {
    const root = copy();
    const outside = emptyFolder();
    spawnSync("mkfifo", [join(root, "pipe.html")]);
    fs.mkdirSync(join(root, "folder.html"));
    fs.symlinkSync(outside, join(root, "page-figures"));
    for (const [name, message] of [
      ["pipe.html", /not a regular file/],
      ["folder.html", /not a regular file/],
      ["page.html", /the figures go into a folder of this name, but it is not a directory, or is a link/],
    ] as const) {
      const { code, err } = await sgmrl("report", root, "--out", join(root, name));
      expect(err).toMatch(message);
      expect(code).toBe(2);
    }
    expect(fs.readdirSync(outside)).toEqual([]);
  });
});

describe("the directory of a run", () => {
  const other = (): string => copy(second);
  it.each<[string, (root: string, whole: string) => readonly string[]]>([
    ["another run's report", (root, whole) => ["report", whole, "--out", join(root, "report.html")]],
    ["a report of two", (root, whole) => ["report", root, whole, "--out", join(root, "report.html")]],
    ["a comparison", (root, whole) => ["compare", root, whole, "--out", join(root, "Report.html")]],
    ["a page among its figures", (root, whole) => ["report", whole, "--out", join(root, "figures/a.html")]],
    ["another run's motion", (root, whole) => ["render", whole, "--out", root]],
    ["an atlas", (root) => ["audit", "--out", join(root, "figures/atlas.svg")]],
    ["an export", (root, whole) => ["export", whole, "--to", "csv", "--out", join(root, "checkpoints")]],
    ["a study", (root) => ["study", "needle", "--out", join(root, "figures/needle")]],
    [
      "a link to it",
      (root, whole) => {
        const link = join(emptyFolder(), "link");
        fs.symlinkSync(root, link);
        return ["report", whole, "--out", join(link, "report.html")];
      },
    ],
  ])("keeps its files: %s is refused", async (_, argsOf) => {
    const root = other();
    const before = filesOf(root);
    const { code, err } = await sgmrl(...argsOf(root, whole));
    expect(err).toMatch(
      /belongs to the run in \S+, which this command is not about alone. Choose another name or place/,
    );
    expect(code).toBe(2);
    expect(filesOf(root)).toEqual(before);
  });

  it("takes its own report and motion again, and those of others under other names", async () => {
    const root = other();
    const link = join(emptyFolder(), "link");
    fs.symlinkSync(root, link);
    for (const args of [
      ["report", root],
      ["report", link, "--out", join(root, "report.html")],
      ["render", root],
      ["report", root, whole],
      ["report", whole, "--out", join(root, "other.html")],
      ["export", whole, "--to", "csv", "--out", root],
    ])
      expect(await sgmrl(...args), args.join(" ")).toMatchObject({ code: 0 });
  }, 60_000);

  it("takes no other run or sweep", async () => {
    const root = other();
    const before = filesOf(root);
    const sweep = join(emptyFolder(), "sweep.json");
    fs.writeFileSync(sweep, JSON.stringify({ preset: "needle", config: { iterations: 1 }, seeds: [0] }));
    for (const args of [
      [...training, "--out", join(root, "sub")],
      [...training, "--out", join(root, "a/b/c")],
      [...training, "--out", join(root, "checkpoints")],
      ["sweep", sweep, "--out", root],
    ]) {
      const { code, err } = await sgmrl(...args);
      expect(err).toMatch(/lies in the directory of the run \S+\. Choose another --out\./);
      expect(code).toBe(2);
    }
    expect(filesOf(root)).toEqual(before);
  });

  it.each(["metrics.jsonl", "evaluations.jsonl", "timings.jsonl", "report.html"])(
    "that holds a %s and no settings takes no new run",
    async (name) => {
      const root = emptyFolder();
      fs.writeFileSync(join(root, name), "what was measured\n");
      const { code, err } = await sgmrl(...training, "--out", root);
      expect(err).toContain(`${join(root, name)}: a new run would replace this file.`);
      expect(code).toBe(2);
      expect(fs.readdirSync(root)).toEqual([name]);
    },
  );

  it.each(["run", "sweep/setting/seed-0"])("is not a folder of runs, such as %s", async (name) => {
    const root = emptyFolder();
    fs.cpSync(whole, join(root, name), { recursive: true });
    const before = filesOf(root);
    const { code, err } = await sgmrl(...training, "--out", root);
    expect(err).toContain(`${root}: holds other runs, such as ${name}. A run needs a directory of its own`);
    expect(code).toBe(2);
    expect(filesOf(root)).toEqual(before);
    expect(await sgmrl(...training, "--no-report", "--out", join(root, "other"))).toMatchObject({ code: 0 });
  });

  it("is not any folder with a config.json", async () => {
    const folder = emptyFolder();
    fs.writeFileSync(join(folder, "config.json"), "{}");
    const { code } = await sgmrl(...training, "--no-report", "--out", join(folder, "run"));
    expect(code).toBe(0);
  });
});

describe("the pages of a sweep", () => {
  let one: string;
  let several: string;
  const swept = async (root: string, grid: object): Promise<readonly string[]> => {
    const file = join(emptyFolder(), "sweep.json");
    const config = { iterations: 1, tasks: 2, evaluation: { tasks: 2, finalTasks: 2 } };
    fs.writeFileSync(file, JSON.stringify({ preset: "needle", config, grid, seeds: [0] }));
    const command = ["sweep", file, "--workers", "0", "--out", root];
    expect(await sgmrl(...command)).toMatchObject({ code: 0 });
    return command;
  };
  beforeAll(async () => {
    [one, several] = [join(emptyFolder(), "one"), join(emptyFolder(), "several")];
    await swept(one, { estimator: ["sgmrl", "maml"] });
    await swept(several, { env: ["needle-bandit", "two-doors-bandit"] });
  }, 60_000);

  it.each<[string, () => readonly string[]]>([
    ["one of its runs", () => ["report", `${one}/estimator=maml/seed-0`, "--out", `${one}/report.html`]],
    ["a comparison", () => ["compare", whole, second, "--out", `${one}/report.html`]],
    ["a page of an environment", () => ["report", whole, "--out", `${several}/needle-bandit.html`]],
    ["a page among its figures", () => ["report", whole, "--out", `${one}/figures/a.html`]],
    ["an atlas", () => ["audit", "--out", `${several}/two-doors-bandit-figures/atlas.svg`]],
  ])("are its own: %s is refused", async (_, argsOf) => {
    const before = [filesOf(one), filesOf(several)];
    const { code, err } = await sgmrl(...argsOf());
    expect(err).toMatch(/belongs to the sweep in \S+, which this command is not about alone/);
    expect(code).toBe(2);
    expect([filesOf(one), filesOf(several)]).toEqual(before);
  });

  it("are written again by the sweep, and stand beside those of others", async () => {
    const root = join(emptyFolder(), "again");
    const command = await swept(root, {});
    for (const args of [
      command,
      ["report", join(root, "needle/seed-0")],
      ["compare", whole, second, "--out", join(root, "compared.html")],
    ])
      expect(await sgmrl(...args), args.join(" ")).toMatchObject({ code: 0 });
  }, 60_000);
});

describe("a run", () => {
  it.each<[string, (root: string) => void]>([
    ["a claim of no process", (root) => fs.writeFileSync(join(root, `run.lock.0-0.aa@${hostname()}`), "")],
    [
      "a folder like a claim",
      (root) => fs.mkdirSync(join(root, `run.lock.${process.ppid}-0.aa@${hostname()}`)),
    ],
    [
      "a folder like the claim of the dead",
      (root) => fs.mkdirSync(join(root, `run.lock.99999999-0.aa@${hostname()}`)),
    ],
    ["a folder like an unfinished file", (root) => fs.mkdirSync(join(root, "x.1-aa@there.tmp"))],
    [
      "a checkpoint of 10²³",
      (root) => fs.writeFileSync(join(root, "checkpoints", `1${"0".repeat(23)}.json`), ""),
    ],
    ["a checkpoint of fewer digits", (root) => fs.writeFileSync(join(root, "checkpoints/7.json"), "")],
    [
      "a checkpoint twice",
      (root) =>
        fs.copyFileSync(join(root, "checkpoints/000002.json"), join(root, "checkpoints/0000002.json")),
    ],
  ])("goes on beside %s", async (_, put) => {
    const root = copy();
    put(root);
    const { code, err } = await sgmrl("resume", root, "--iterations", "3", "--workers", "0", "--no-report");
    expect(err).toContain("Finished");
    expect(code).toBe(0);
  });

  it("whose next config is of no use says so, by its name", async () => {
    const root = copy();
    fs.writeFileSync(join(root, "config.next.json"), "{}");
    const { code, err } = await sgmrl("resume", root);
    expect(err).toMatch(/config\.next\.json: .*Delete it/s);
    expect(code).toBe(2);
  });
});

/** Root may do everything, and gives up its rights for these tests where it can. */
const user = ["--reuid=65534", "--regid=65534", "--clear-groups"];
const isRoot = process.getuid?.() === 0;
const canStepDown = !isRoot || spawnSync("setpriv", [...user, "true"]).status === 0;
if (!canStepDown)
  console.log("skipped: files without rights (this is root, and there is no setpriv to give up its rights)");

describe.runIf(process.platform === "linux" && canStepDown)("without the rights", () => {
  let script: string;
  beforeAll(async () => {
    script = await bundled("measured-child");
    fs.chmodSync(join(script, ".."), 0o755);
  }, 120_000);

  it.each(
    ["config.json", "metrics.jsonl", "evaluations.jsonl", "timings.jsonl", "checkpoints"].flatMap((name) =>
      [0o000, 0o444].map((mode) => [name, name === "checkpoints" && mode !== 0 ? 0o555 : mode] as const),
    ),
  )("to %s (mode %o), a command is done or says so, and loses nothing", (name, mode) => {
    const root = copy();
    fs.chmodSync(join(root, ".."), 0o755);
    if (isRoot) spawnSync("chown", ["-R", "65534:65534", root]);
    for (const command of [
      ["resume", root, "--iterations", "3", "--workers", "0", "--no-report"],
      ["report", root],
    ]) {
      const before = filesOf(root);
      const { mode: usual } = fs.statSync(join(root, name));
      fs.chmodSync(join(root, name), mode);
      const words = [process.execPath, script, JSON.stringify(command)];
      const [program, ...rest] = isRoot ? ["setpriv", ...user, ...words] : words;
      const { stdout, stderr } = spawnSync(program!, rest, { encoding: "utf8" });
      fs.chmodSync(join(root, name), usual);
      const { code, err } = JSON.parse(stdout || JSON.stringify({ code: -1, err: stderr }));
      expect(err).not.toMatch(raw);
      if (code === 0) continue;
      expect(err).toContain("permission denied");
      expect(code).toBe(2);
      expect(filesOf(root)).toEqual(before);
    }
  });
});
