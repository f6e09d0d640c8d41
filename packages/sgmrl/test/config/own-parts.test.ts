// Environment, policy and estimator of one's own: as modules on the command line, in worker threads, and as objects.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { hashModule, loadModules } from "../../src/config/modules.ts";
import { trainable } from "../../src/config/trainable.ts";
import { estimators } from "../../src/meta-gradient/catalogue.ts";
import { environmentOf, estimatorOf } from "../../src/meta-gradient/parts.ts";
import { memoryParts } from "../../src/training/size.ts";
import { train } from "../../src/training/train.ts";
import halfSgmrl from "../support/own/half-sgmrl.ts";
import line from "../support/own/line.ts";
import linear from "../support/own/linear-policy.ts";
import { emptyFolder, filesOf } from "../support/runs.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const sources = fileURLToPath(new URL("../support/own", import.meta.url));
// Inside the package, so that the modules' own imports resolve.
const folder = fileURLToPath(new URL(`../../.snippets-own-${process.pid}`, import.meta.url));

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  cpSync(sources, folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function sgmrl(...args: string[]): { status: number | null; stderr: string; stdout: string } {
  const command = ["--conditions=sgmrl-source", main, ...args];
  return spawnSync(process.execPath, command, { cwd: folder, encoding: "utf8" });
}

const small = {
  iterations: 2,
  tasks: 3,
  experiment: { inner: { trajectories: 3 }, outer: { trajectories: 3 }, policy: { hidden: [] } },
  evaluation: { tasks: 2, finalTasks: 3, steps: 1 },
};
const own = ["--env", "./line.ts", "--policy", "./linear-policy.ts", "--estimator", "./half-sgmrl.ts"];
const smallFlags =
  "--iterations 2 --tasks 3 --inner-trajectories 3 --outer-trajectories 3 --hidden none --evaluate-tasks 2 --final-tasks 3 --evaluate-steps 1".split(
    " ",
  );

describe("modules", () => {
  it("train in worker threads as in one, report, and go on only with the same code", () => {
    expect(
      sgmrl("train", ...own, ...smallFlags, "--workers", "2", "--out", "two", "--no-report"),
    ).toMatchObject({
      status: 0,
    });
    expect(
      sgmrl("train", ...own, ...smallFlags, "--workers", "0", "--out", "none", "--no-report"),
    ).toMatchObject({
      status: 0,
    });
    expect(filesOf(join(folder, "two"))).toEqual(filesOf(join(folder, "none")));
    const resumed = sgmrl("resume", "two", "--workers", "2", "--no-report");
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(filesOf(join(folder, "two"))).toEqual(filesOf(join(folder, "none")));
    const { experiment } = JSON.parse(readFileSync(join(folder, "two/config.json"), "utf8"));
    expect(experiment).toMatchObject({
      environment: "./line.ts",
      horizon: 6,
      discount: 0.9,
      modules: { "./line.ts": hashModule(join(folder, "line.ts")) },
    });

    // What the module imports is part of it.
    writeFileSync(
      join(folder, "reward.ts"),
      "export const reward = (x: number, g: number): number => g - x;\n",
    );
    const refused = sgmrl("resume", "two", "--workers", "0");
    expect(refused.stderr).toMatch(/\.\/line\.ts: not the module that the run began with/);
    expect(refused.status).toBe(2);
    const report = sgmrl("report", "two");
    expect(report.status).toBe(0);
    expect(report.stderr).toMatch(/^warning: No trajectories of .*not the module that the run began with/);
    expect(readFileSync(join(folder, "two/report.html"), "utf8")).toContain("No trajectories of");
    // A new run begins with the code as it is, though its settings are those of the old.
    const again = sgmrl(
      "train",
      "--config",
      "two/config.json",
      "--workers",
      "0",
      "--out",
      "again",
      "--no-report",
    );
    expect(again.status).toBe(0);

    // What is recorded can be shown without the module.
    rmSync(join(folder, "line.ts"));
    const without = sgmrl("report", "two");
    expect(without.status).toBe(0);
    expect(without.stderr).toMatch(/^warning: No trajectories of .*no such file/);
    const page = readFileSync(join(folder, "two/report.html"), "utf8");
    expect(page).toContain("No trajectories of");
    expect(page).toContain("train --config two/config.json");
  }, 120_000);

  it.each<[string, string, RegExp]>([
    ["missing", "", /missing\.ts: no such file/],
    ["throws", "throw new Error('not today');", /throws\.ts: cannot be loaded: not today/],
    ["exits", "process.exit(0);", /exits\.ts: cannot be loaded: process\.exit\(0\) was called/],
    ["nothing", "export const environment = 1;", /nothing\.ts: no default export/],
    [
      "other",
      "export default { name: 'x' };",
      /other\.ts: expected an environment, as defineEnvironment returns/,
    ],
  ])("that cannot be used are refused: %s", (name, code, message) => {
    if (code !== "") writeFileSync(join(folder, `${name}.ts`), code);
    const { status, stderr } = sgmrl("train", "--env", `./${name}.ts`, "--out", "run");
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  it.each([
    ["an error", 'throw new Error("boom")', /^error: boom\n {2}at broken\.ts:20:\d+$/m],
    ["a text", 'throw "boom"', /^error: boom$/m],
    ["an exit", "process.exit(0)", /^error: process\.exit\(0\) was called .*\n {2}at broken\.ts:20:\d+$/m],
    [
      "a rejection that nobody awaits",
      'void Promise.reject(new Error("boom")); return 0',
      /^error: boom\n {2}at broken\.ts:20:\d+, where nothing catches it$/m,
    ],
    ["no number", "return 1 / 0 - 1 / 0", /the reward at time 0 must be a finite number; got NaN/],
  ])("that fail while they run are told with their place: %s", (_, step, message) => {
    const code = readFileSync(join(folder, "line.ts"), "utf8");
    writeFileSync(join(folder, "broken.ts"), code.replace("return reward(state[s]!, goal)", step));
    const flags = [...smallFlags, "--workers", "0", "--out", "broken"];
    const { status, stderr } = sgmrl("train", "--env", "./broken.ts", ...flags);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });

  it("that await what does not come are given up", async () => {
    const path = join(folder, "waits.ts");
    writeFileSync(path, "await new Promise(() => {});\nexport default 1;");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const refused = expect(loadModules({ modules: { [path]: hashModule(path) } })).rejects.toThrow(
        "waits.ts: cannot be loaded: not loaded after 60 s; it awaits what does not come",
      );
      await vi.advanceTimersByTimeAsync(60_000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });

  it("of which a file has changed since it was loaded are refused, as Node keeps the old one", async () => {
    const load = (name: string) => {
      const path = join(folder, name);
      return loadModules({ modules: { [path]: hashModule(path) } });
    };
    const write = (name: string, code: string) => writeFileSync(join(folder, name), code);
    write("scale.js", "export default 1;");
    write("scaled.js", 'import scale from "./scale.js"; export default { scale };');
    await load("scaled.js");
    await load("scaled.js");
    write("scale.js", "export default 100;");
    const refusal =
      /scaled\.js: \S+scale\.js has changed since this process loaded it.* Start a new process\./;
    await expect(load("scaled.js")).rejects.toThrow(refusal);
    write("scaled-too.js", 'export { default } from "./scale.js";');
    await expect(load("scaled-too.js")).rejects.toThrow("scale.js has changed since");
    write("scale.js", "export default 1;");
    await load("scaled-too.js");

    write("common.cjs", "module.exports = 1;");
    await load("common.cjs");
    write("common.cjs", "module.exports = 100;");
    await expect(load("common.cjs")).rejects.toThrow("common.cjs has changed since");
  });

  it.runIf(process.platform === "linux")(
    "that are devices, pipes or folders, or import one, are refused, not read",
    () => {
      const pipe = join(folder, "pipe.ts");
      spawnSync("mkfifo", [pipe]);
      writeFileSync(join(folder, "imports.ts"), 'import "./pipe.ts";');
      mkdirSync(join(folder, "folder.ts"));
      for (const path of ["/dev/zero", pipe, join(folder, "folder.ts"), join(folder, "imports.ts")])
        expect(() => hashModule(path), path).toThrow("not a regular file");
    },
  );
});

describe("a module's hash", () => {
  it("is of its text and of what it imports by relative paths, whatever it is called and wherever it lies", () => {
    const hash = hashModule(join(folder, "line.ts"));
    const elsewhere = join(emptyFolder(), "elsewhere");
    cpSync(folder, elsewhere, { recursive: true });
    cpSync(join(folder, "line.ts"), join(elsewhere, "another-name.ts"));
    expect(hashModule(join(elsewhere, "another-name.ts"))).toBe(hash);
    writeFileSync(join(elsewhere, "linear-policy.ts"), "");
    expect(hashModule(join(elsewhere, "line.ts"))).toBe(hash);
    writeFileSync(join(elsewhere, "reward.ts"), "");
    expect(hashModule(join(elsewhere, "line.ts"))).not.toBe(hash);
  });

  it.each([
    ["import", 'import "./its own.js";'],
    ["import of a URL", 'import "./its%20own.js?version=1";'],
    ["import()", "await import(`./its own.js`);"],
    ["require", 'require("./its own.js");'],
    ["require without its ending", 'require("./its own");'],
    ["require of a folder", 'require("./parts");'],
  ])("is of what it names by %s", (_, code) => {
    const [path, its] = [join(folder, "module.cjs"), join(folder, "its own.js")];
    mkdirSync(join(folder, "parts"));
    writeFileSync(join(folder, "parts/index.js"), 'require("../its own.js");');
    writeFileSync(path, code);
    writeFileSync(its, "1");
    const hash = hashModule(path);
    writeFileSync(its, "2");
    expect(hashModule(path)).not.toBe(hash);
  });

  it("is not of files that only a comment names", () => {
    const path = join(folder, "module.js");
    writeFileSync(path, '// adapted from "./old/model.js"; see also import("../")\nexport default 1;');
    expect(hashModule(path)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("objects", () => {
  const parts = { environment: line, policy: linear, estimator: halfSgmrl };

  it("train in this thread, to the numbers of the same modules", async () => {
    const config = await trainable({ ...parts, config: small });
    expect(config.experiment).toMatchObject({
      environment: "line",
      horizon: 6,
      modules: { line: "object", linear: "object", "half-sgmrl": "object" },
    });
    expect(environmentOf(config.experiment)).toBe(line);
    expect(estimatorOf(config.experiment)).toBe(halfSgmrl);
    const { files } = await train(config, join(emptyFolder(), "run"));
    sgmrl("train", ...own, ...smallFlags, "--workers", "0", "--out", "modules", "--no-report");
    const metrics = (root: string) => readFileSync(join(root, "metrics.jsonl"), "utf8");
    expect(metrics(files.root)).toBe(metrics(join(folder, "modules")));
  }, 60_000);

  it("are refused for worker threads", async () => {
    const config = await trainable({ ...parts, config: small });
    const training = train(config, join(emptyFolder(), "run"), { workers: 2 });
    await expect(training).rejects.toThrow(/"line" was given as an object, which cannot leave this thread/);
  });

  it.each<[object, RegExp]>([
    [{ environment: {} }, /environment: expected an environment/],
    [
      { estimator: { name: "x" } },
      /estimator: expected an estimator, as defineEstimator returns; it has no "curv/,
    ],
    [{ policy: 3 }, /policy: expected a function/],
    [{ estimator: { ...halfSgmrl, name: "maml" } }, /"maml" is the name of another estimator/],
    [{ environment: { ...line } }, /"line": another object is already in use under this name/],
    [
      { estimator: { ...halfSgmrl, name: "three", curvature: 3 } },
      /estimator: curvature: expected a function or null; got number/,
    ],
    [{ environment: "navigaton-2d" }, /Did you mean "navigation-2d"/],
  ])("that cannot be used are refused: %o", async (wrong, message) => {
    await trainable({ ...parts, config: small });
    await expect(trainable({ config: small, ...wrong })).rejects.toThrow(message);
  });

  const lacking = /its result: expected a Policy; it has no "layout",/;
  const broken = {
    throws: () => {
      throw new Error("not yet");
    },
    empty: () => ({}),
    later: async () => ({}),
    missing: () => undefined,
  };
  it.each<[keyof typeof broken, RegExp]>([
    ["throws", /config\.experiment: throws: not yet/],
    ["empty", lacking],
    ["later", lacking],
    ["missing", lacking],
  ])("whose policy cannot be made are refused: %s", async (name, message) => {
    const config = trainable({ environment: line, policy: broken[name] as never, config: small });
    await expect(config.then((valid) => train(valid, join(emptyFolder(), "run")))).rejects.toThrow(message);
  });

  const copyOf = (of: string, name: string) => ({ estimator: { ...estimators[of]!, name } });
  it.each<[string, string, object, RegExp]>([
    [
      "sgmrl",
      "jackknife-mine",
      { estimator: { groups: 2 } },
      /groups.*jackknife-mine does not leave out groups/,
    ],
    [
      "jackknife-per-decision", // made without groups: these would be ignored
      "left-one-out",
      { estimator: { groups: 2 } },
      /groups.*left-one-out does not leave out groups/,
    ],
    ["reparameterised-damped", "clipped", { estimator: { clip: 3 } }, /clip.*clipped does not damp, clip/],
    [
      "sgmrl",
      "lsf-mine",
      { outer: { trajectories: 3, advantage: "standardised-gae" } },
      /outer\.advantage.*lsf-mine adds returns times scores/,
    ],
    [
      "sgmrl-leave-one-out",
      "of-the-others",
      { inner: { trajectories: 1 } },
      /estimator.*with a single trajectory there are no others/,
    ],
  ])("made of %s and named %s are refused what they do not do", async (of, name, experiment, message) => {
    await expect(trainable({ ...copyOf(of, name), config: { experiment } })).rejects.toThrow(message);
  });

  it("may do what the estimator of another name does that they are made of", async () => {
    const outer = { trajectories: 3, advantage: "standardised-gae" };
    const config = await trainable({ ...copyOf("lsf", "linearised"), config: { experiment: { outer } } });
    expect(config.experiment.outer).toEqual(outer);
    const sizeOf = async (of: string, name: string) => {
      const { experiment, ...rest } = await trainable(copyOf(of, name));
      return memoryParts({ ...rest, experiment }, { parameterCount: 10 }, 1).find(({ what }) =>
        what.includes("jackknife"),
      )!.bytes;
    };
    expect(await sizeOf("sgmrl", "jackknife-in-name")).toBe(0);
    expect(await sizeOf("jackknife-per-decision", "by-another-name")).toBeGreaterThan(0);
  });

  it("whose policy chooses among other actions are refused", async () => {
    const choosing = (environment: typeof line) => ({
      ...linear(environment, { kind: "", hidden: [] }),
      actionCount: 3,
    });
    const config = await trainable({ environment: line, policy: choosing as never, config: small });
    await expect(train(config, join(emptyFolder(), "run"))).rejects.toThrow(
      /the policy chooses one of 3 actions; those of line are not discrete/,
    );
  });

  it("whose policy is for other observations are refused", async () => {
    const narrow = (environment: typeof line) => ({
      ...linear(environment, { kind: "", hidden: [] }),
      observationWidth: 7,
    });
    const config = trainable({ environment: line, policy: narrow as never, config: small });
    const training = config.then((valid) => train(valid, join(emptyFolder(), "run")));
    await expect(training).rejects.toThrow(
      /takes observations of 7 numbers and gives actions of 1; those of line have 1 and 1/,
    );
  });
});
