import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runs } from "../../../../../vitest.fuzz.ts";
import { lockRun } from "../../../src/training/store/run-lock.ts";
import { train } from "../../../src/training/train.ts";
import { emptyFolder, filesOf, quadraticUnits, smallConfig } from "../../support/runs.ts";

interface Counts {
  readonly taken: number;
  readonly shared: number;
}

const child = (root: string, rounds: number, ...more: string[]): Promise<Counts> =>
  new Promise((resolve, reject) => {
    const file = join(import.meta.dirname, "../../support/lock-child.ts");
    const { stdout } = spawn(
      process.execPath,
      ["--conditions=sgmrl-source", file, root, String(rounds), ...more],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let text = "";
    stdout!.on("data", (chunk) => {
      text += chunk;
    });
    stdout!.on("close", () => resolve(text === "" ? { taken: 1, shared: 0 } : JSON.parse(text)));
    stdout!.on("error", reject);
  });

it("two processes that race never both have the lock, and somebody gets it", async () => {
  const root = emptyFolder();
  const rounds = runs(150);
  const counts = await Promise.all(Array.from({ length: 3 }, () => child(root, rounds)));
  expect(counts.reduce((sum, { shared }) => sum + shared, 0)).toBe(0);
  expect(counts.reduce((sum, { taken }) => sum + taken, 0)).toBeGreaterThan(rounds);
  expect(readdirSync(root)).toEqual([]);
}, 120_000);

it("a process killed while it had the lock leaves it to others", async () => {
  const root = emptyFolder();
  await child(root, 1, "die");
  expect(readdirSync(root)).toHaveLength(1);
  const counts = await Promise.all([child(root, 40), child(root, 40)]);
  expect(counts.reduce((sum, { shared }) => sum + shared, 0)).toBe(0);
  expect(readdirSync(root)).toEqual([]);
}, 120_000);

it("is one process's only once", () => {
  const root = emptyFolder();
  const unlock = lockRun(root);
  expect(() => lockRun(root)).toThrow(`process ${process.pid} is writing this run`);
  unlock();
  lockRun(root)();
});

it("of two runs begun in one directory at once, one is trained and the other refused", async () => {
  const options = { workers: 0, units: quadraticUnits };
  for (let i = 0; i < runs(5); i++) {
    const root = join(emptyFolder(), "run");
    const configs = [smallConfig({ seed: 1 }), smallConfig({ seed: 2 })];
    const outcomes = await Promise.allSettled(configs.map((config) => train(config, root, options)));
    const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(JSON.parse(readFileSync(join(root, "config.json"), "utf8"))).toEqual(configs[winner]);
    const alone = await train(configs[winner]!, join(emptyFolder(), "run"), options);
    expect(filesOf(root)).toEqual(filesOf(alone.files.root));
  }
});
