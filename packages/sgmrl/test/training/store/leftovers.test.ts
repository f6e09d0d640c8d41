// What is left of writers that have gone is removed, what belongs to a living one never; killed-at-each-operation.test.ts
// has whole commands.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeAtomically } from "../../../src/training/store/atomic-write.ts";
import { lockRun } from "../../../src/training/store/run-lock.ts";
import { emptyFolder } from "../../support/runs.ts";

const here = hostname().replace(/[^A-Za-z0-9.-]/g, "_");
const started = (id: number): string => {
  const stat = fs.readFileSync(`/proc/${id}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]!;
};
const gone = spawnSync(process.execPath, ["--version"]).pid;
const twoHours = 7200;

/** [what, its name, age in seconds, whether it stays] */
const files: readonly (readonly [string, string, number, boolean])[] = [
  ["of a process that has gone", `a.json.${gone}-5.00ff@${here}.tmp`, 0, false],
  ["of a living process", `a.json.${process.ppid}-${started(process.ppid)}.00ff@${here}.tmp`, 0, true],
  [
    "of a living process that has been stopped",
    `a.${process.ppid}-${started(process.ppid)}.0f@${here}.tmp`,
    twoHours,
    true,
  ],
  ["of a process whose number is used again", `a.json.${process.ppid}-1.00ff@${here}.tmp`, 0, false],
  ["new, of a number in use since nobody knows when", `a.json.${process.ppid}-0.00ff@${here}.tmp`, 0, true],
  [
    "old, of a number in use since nobody knows when",
    `a.json.${process.ppid}-0.00fe@${here}.tmp`,
    twoHours,
    false,
  ],
  ["new, of another machine", "a.json.1-77.00ff@elsewhere.tmp", 0, true],
  ["old, of another machine", "a.json.1-77.00fe@elsewhere.tmp", twoHours, false],
  ["somebody else's", "notes.tmp", twoHours, true],
  ["somebody else's, with a number", "notes.12.tmp", twoHours, true],
];

it.runIf(process.platform === "linux").each(files)(
  "a file that is not complete, %s",
  (_, name, age, stays) => {
    const root = emptyFolder();
    const path = join(root, name);
    fs.writeFileSync(path, "half of i");
    const written = Date.now() / 1000 - age;
    fs.utimesSync(path, written, written);
    writeAtomically(join(root, "another.json"), "{}");
    expect(fs.existsSync(path)).toBe(stays);
    expect(fs.readdirSync(root)).toHaveLength(stays ? 2 : 1);
  },
);

it.runIf(process.platform === "linux")(
  "a process that was killed and that nobody asks for has gone",
  async () => {
    // A shell that becomes a program which never asks how the shell's child ended. The child is killed once it has.
    const parent = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [text] = await once(parent.stdout, "data");
      const zombie = Number(String(text));
      const program = (): string => fs.readFileSync(`/proc/${parent.pid}/comm`, "latin1").trim();
      await expect.poll(program, { timeout: 10_000 }).toBe("sleep");
      process.kill(zombie, "SIGKILL");
      const state = (): string => fs.readFileSync(`/proc/${zombie}/stat`, "latin1").split(") ")[1]![0]!;
      await expect.poll(state, { timeout: 10_000 }).toBe("Z");
      const root = emptyFolder();
      fs.writeFileSync(join(root, `run.lock.${zombie}-${started(zombie)}.00ff@${here}`), "");
      lockRun(root)();
      expect(fs.readdirSync(root)).toEqual([]);
    } finally {
      parent.kill();
    }
  },
);

it("only the store writes files, so that no writer leaves what is not cleared away", () => {
  const source = join(import.meta.dirname, "../../../src");
  const store = ["training/store/atomic-write.ts", "training/store/journal.ts"];
  const writers = fs
    .globSync("**/*.ts", { cwd: source })
    .filter((file) =>
      /\b((writeFile|appendFile|copyFile|truncate|write)Sync|createWriteStream|node:fs\/promises)\b/.test(
        fs.readFileSync(join(source, file), "utf8"),
      ),
    );
  expect(writers.length).toBeGreaterThan(0);
  expect(writers.filter((file) => !store.includes(file))).toEqual([]);
});
