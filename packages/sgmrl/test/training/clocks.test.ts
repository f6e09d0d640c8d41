/**
 * The clock on the wall is set back, or on by a day, while things run: durations, leases, patience and progress go by a clock
 * that nobody sets.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { showProgress } from "../../src/cli/progress.ts";
import type { Broker } from "../../src/execution/distributed/broker.ts";
import { takeLease } from "../../src/execution/distributed/lease.ts";
import { Patience } from "../../src/execution/distributed/patience.ts";
import type { RunRecord } from "../../src/execution/distributed/protocol.ts";
import type { Timing } from "../../src/execution/distributed/timing.ts";
import { train } from "../../src/training/train.ts";
import { emptyFolder, filesOf, quadraticUnits, smallConfig } from "../support/runs.ts";

const day = 86_400_000;
/** Every look at the clock finds it a day on, a day back, an hour back, … */
function setTheClockAllTheTime(): void {
  const jumps = [day, -day, -3_600_000, 0, 30 * day];
  const real = Date.now;
  let looks = 0;
  vi.spyOn(Date, "now").mockImplementation(() => real() + jumps[looks++ % jumps.length]!);
}
afterEach(() => vi.restoreAllMocks());

it("a run has the same bytes, and seconds that passed", async () => {
  const options = { workers: 0, units: quadraticUnits };
  const { files: undisturbed } = await train(smallConfig(), join(emptyFolder(), "run"), options);
  setTheClockAllTheTime();
  const began = performance.now();
  const { files } = await train(smallConfig(), join(emptyFolder(), "run"), options);
  const seconds = (performance.now() - began) / 1000;
  expect(Date.now()).not.toBe(Date.now());
  expect(filesOf(files.root)).toEqual(filesOf(undisturbed.root));
  const walls = readFileSync(files.timings, "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { wall: number }).wall);
  expect(walls).toHaveLength(12);
  for (const wall of walls) expect(wall).toBeGreaterThanOrEqual(0);
  expect(walls.reduce((sum, wall) => sum + wall, 0)).toBeLessThan(seconds);
});

it("progress is shown as often as ever", () => {
  setTheClockAllTheTime();
  const lines: string[] = [];
  const progress = showProgress({ out: () => {}, err: (line) => void lines.push(line) }, 100);
  for (let i = 0; i < 50; i++) progress.evaluating?.(i, 50);
  progress.stop();
  expect(lines).toEqual([]); // the first comes after ten seconds
});

it("a broker that does not answer is waited for as long as was asked", async () => {
  setTheClockAllTheTime();
  const patience = new Patience({ shown: "nowhere", redact: (text) => text }, 400, () => {});
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const began = performance.now();
  await expect(patience.persist(() => Promise.reject(refused))).rejects.toThrow(/No answer for 0 s/);
  expect(performance.now() - began).toBeGreaterThan(350);
  expect(performance.now() - began).toBeLessThan(20_000);
});

it("a run that another coordinator holds is asked for as long as its mark may stand", async () => {
  setTheClockAllTheTime();
  const timing = { markMilliseconds: 300 } as Timing;
  const broker = { hold: async () => false, held: async () => [] } as unknown as Broker;
  const began = performance.now();
  const record = { host: "here", pid: 1 } as RunRecord;
  await expect(takeLease(broker, "0123456789abcdef", record, timing, () => {})).rejects.toThrow(
    /coordinates a run/,
  );
  expect(performance.now() - began).toBeGreaterThan(300);
  expect(performance.now() - began).toBeLessThan(20_000);
});

it("nothing else asks what time it is, but for the age of files and to compare a worker's clock with its broker's", () => {
  const source = join(import.meta.dirname, "../../src");
  const asking = globSync("**/*.ts", { cwd: source }).filter((file) =>
    /\bDate\b\s*(\.now|\()|new Date/.test(readFileSync(join(source, file), "utf8")),
  );
  expect(asking.sort()).toEqual(["execution/distributed/worker-host.ts", "training/store/atomic-write.ts"]);
});
