// Readers that leave and devices that are full end neither a command nor its work.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { printable } from "../../src/cli/streams.ts";
import { emptyFolder, filesOf } from "../support/runs.ts";

const main = join(import.meta.dirname, "../../src/cli/main.ts");
const node = `"${process.execPath}" --conditions=sgmrl-source "${main}"`;
const shell = (script: string, env: Record<string, string> = {}) =>
  spawnSync("bash", ["-o", "pipefail", "-c", script], {
    encoding: "utf8",
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
const training = (root: string): string =>
  `${node} train --preset needle --iterations 6 --workers 0 --seed 3 --final-tasks 10 --evaluate-tasks 5 --out "${root}"`;

describe.runIf(process.platform !== "win32")("sgmrl train", () => {
  const whole = join(emptyFolder(), "run");
  const first = shell(training(whole));

  it.each([
    ["the reader of both streams leaves", (root: string) => `${training(root)} 2>&1 | head -c 1`],
    ["stderr is closed", (root: string) => `${training(root)} 2>&-`],
    ["both streams are closed", (root: string) => `${training(root)} >&- 2>&-`],
    ["there is nobody to read stdout", (root: string) => `${training(root)} | true`],
    ["the terminal is dumb", (root: string) => `TERM=dumb ${training(root)} </dev/null`],
  ])("goes on when %s", (_, script) => {
    expect(first.status, first.stderr).toBe(0);
    const root = join(emptyFolder(), "run");
    const { status, stderr } = shell(script(root));
    expect(status, stderr).toBe(0);
    expect(existsSync(join(root, "report.html"))).toBe(true);
    expect(readdirSync(root).filter((name) => name.startsWith("run.lock"))).toEqual([]);
    const bytes = (files: Record<string, string>) =>
      Object.fromEntries(Object.entries(files).filter(([name]) => !/report|figures/.test(name)));
    expect(bytes(filesOf(root))).toEqual(bytes(filesOf(whole)));
  });

  it.runIf(existsSync("/dev/full"))("finishes where its results cannot be written, and says so", () => {
    const root = join(emptyFolder(), "run");
    const { status, stderr } = shell(`${training(root)} >/dev/full`);
    expect(existsSync(join(root, "report.html"))).toBe(true);
    expect(stderr).toContain("error: standard output: ");
    expect(status).toBe(1);
  });
});

describe("what others wrote", () => {
  it("reaches a terminal without what it would act upon, and JSON with its meaning", () => {
    const hostile = "a\u001b[2J\u009b1m\r\u202e\u0007\tb\nc – é 🙂";
    expect(printable(hostile)).toBe("a\\u001b[2J\\u009b1m\\u000d\\u202e\\u0007\tb\nc – é 🙂");
    expect(JSON.parse(printable(JSON.stringify(hostile)))).toBe(hostile);
  });

  it.each<[string, string[], string]>([
    ["a key of a config", ["train", "--config", "FILE"], '{"\\u001b[2J":1}'],
    ["a value of a sweep", ["sweep", "FILE"], '{"preset":"\\u009b2J","seeds":[0]}'],
    ["a name of a file", ["train", "--config", "\u001b[2J\u202e"], ""],
    ["a flag", ["train", "--\u001b[2J"], ""],
    ["a command", ["\u001b[2J"], ""],
    ["an environment", ["train", "--env", "\u001b[2J"], ""],
    [
      "a robot",
      ["envs", "--mjcf", "FILE"],
      '<mujoco><worldbody><body name="&#x9b;2J" x="1"/></worldbody></mujoco>',
    ],
  ])("%s is refused, and shown as such", (_, args, content) => {
    const file = join(emptyFolder(), "file");
    writeFileSync(file, content);
    const named = args.map((word) => (word === "FILE" ? file : word));
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ["--conditions=sgmrl-source", main, ...named],
      {
        encoding: "utf8",
      },
    );
    expect(status).toBe(2);
    expect(stderr).not.toBe("");
    expect(stderr + stdout).not.toMatch(/(?![\n\t])[\p{Cc}\u202e]/u);
  });
});

it.each(["envs", "estimators", "--help"])(
  "sgmrl %s ends quietly when its reader has seen enough",
  (command) => {
    const { status, stderr } = shell(`${node} ${command} | head -c 1 >/dev/null`);
    expect(stderr).toBe("");
    expect(status).toBe(0);
  },
);
