/**
 * Two processes in one directory, begun at once or one while the other is at work. Each is done or is told that the other was
 * there first; whoever runs the last command again finds the bytes of a run that had the directory to itself.
 *
 *   FUZZ=1000 pnpm test packages/sgmrl/test/cli/races.test.ts    1,000 races of each pair, at fresh moments
 *
 * The lock by itself races in run-lock.test.ts, workers and coordinators in execution/distributed/races.test.ts.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fold, key, uniform } from "@sgmrl/autodiff/random";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fuzzSettings, runs } from "../../../../vitest.fuzz.ts";
import { train } from "../../src/training/train.ts";
import { bundled } from "../support/processes.ts";
import type { Errand } from "../support/race-child.ts";
import { bytesOf, emptyFolder, quadraticUnits, toyConfig } from "../support/runs.ts";

const seed = fuzzSettings().seed ?? Math.floor(Date.now() % 1e9);
const iterations = 30;
let racers: readonly ChildProcess[];
beforeAll(async () => {
  const script = await bundled("race-child");
  racers = [fork(script), fork(script)];
}, 120_000);
afterAll(() => racers.forEach((racer) => void racer.kill()));

async function send(racer: ChildProcess, errand: Errand): Promise<string> {
  const answered = once(racer, "message");
  racer.send(errand);
  const exited = once(racer, "exit").then(([code, signal]) => {
    throw new Error(`${errand.what} ended its process: ${code ?? signal}`);
  });
  exited.catch(() => {});
  const [problem] = await Promise.race([answered, exited]);
  return problem;
}

const nothing = async (): Promise<void> => {};
/** A run that stopped half-way. */
async function halfway(root: string): Promise<void> {
  const controller = new AbortController();
  await train(toyConfig({ iterations }), root, {
    workers: 0,
    units: quadraticUnits,
    observer: { iteration: ({ iteration }) => iteration === iterations / 2 && controller.abort() },
    signal: controller.signal,
  });
}

/** What one of two is told that may not write. */
const refusal = /process \d+ is writing this run|already holds a run/;

/** [one, the other, what both begin with, what is run afterwards] */
const pairs: readonly (readonly [string, string, (root: string) => Promise<void>, string])[] = [
  ["train", "train", nothing, "run"],
  ["resume", "resume", halfway, "run"],
  ["train", "resume", nothing, "run"],
  ["sweep", "sweep", nothing, "sweep"],
  ["resume", "report", halfway, "report"],
  ["train", "report", nothing, "report"],
  ["longer", "longer", halfway, "longer"],
];

it.each(pairs)(
  "%s and %s",
  async (one, other, prepare, last) => {
    const [first, second] = racers as [ChildProcess, ChildProcess];
    const start = join(emptyFolder(), "start");
    mkdirSync(start);
    await prepare(start);
    const copies = emptyFolder();
    const copy = (name: string): string => {
      const root = join(copies, name);
      cpSync(start, root, { recursive: true });
      return root;
    };
    const numbers: Readonly<Record<string, number>> = { sweep: 6, longer: iterations + 10 };
    const errand = (what: string, root: string, after = 0): Errand => ({
      what,
      root,
      number: numbers[what] ?? iterations,
      after,
    });
    const whatIs = (root: string): Record<string, string> => {
      const files = bytesOf(root, last);
      delete files["report.html"]; // it tells seconds
      return files;
    };
    const whole = copy("whole");
    const began = performance.now();
    expect(await send(first, errand(one, whole))).toBe("");
    const length = performance.now() - began;
    expect(await send(first, errand(last, whole))).toBe("");
    const expected = whatIs(whole);

    const counts = { "both done": 0, "one refused": 0, "both refused": 0 };
    const races = runs(15);
    const moments = uniform(fold(key(seed), one.length * 100 + other.length), races);
    for (let i = 0; i < races; i++) {
      const root = copy(String(i));
      // Every third pair begins at once; of the others, the second comes at some moment of the first one's work.
      const after = i % 3 === 0 ? 0 : moments[i]! * length;
      const ends = await Promise.all([
        send(first, errand(one, root)),
        send(second, errand(other, root, after)),
      ]);
      for (const problem of ends)
        if (problem !== "")
          expect(problem).toMatch(
            ["resume", "report"].includes(other)
              ? /writing this run|already holds|not the directory of a run|no metrics|not written/
              : refusal,
          );
      const refused = ends.filter((problem) => problem !== "").length;
      counts[refused === 0 ? "both done" : refused === 1 ? "one refused" : "both refused"]++;
      // What was refused is tried again, and what is left of it is that of one who was alone.
      if (one !== last) await send(first, errand(one, root));
      expect(await send(first, errand(last, root)), `race ${i}, seed ${seed}`).toBe("");
      expect(whatIs(root), `race ${i}, seed ${seed}`).toEqual(expected);
      rmSync(root, { recursive: true });
    }
    console.log(
      `${races} races of ${one} and ${other}, seed ${seed}: ${JSON.stringify(counts)}; other bytes 0`,
    );
  },
  60_000 + 4_000 * runs(15),
);

it(
  "train and train, which name their directories themselves",
  async () => {
    const [first, second] = racers as [ChildProcess, ChildProcess];
    const errand = (root: string, after = 0): Errand => ({ what: "named", root, number: 0, after });
    const alone = emptyFolder();
    const began = performance.now();
    expect(await send(first, errand(alone))).toBe("");
    const length = performance.now() - began;
    const [name] = readdirSync(join(alone, "runs"));
    const expected = bytesOf(join(alone, "runs", name!), "train");

    const counts = { "one refused": 0, "two directories": 0 };
    const races = runs(10);
    const moments = uniform(fold(key(seed), 7), races);
    for (let i = 0; i < races; i++) {
      const root = emptyFolder();
      const ends = await Promise.all([
        send(first, errand(root)),
        send(second, errand(root, i % 2 === 0 ? 0 : moments[i]! * length)),
      ]);
      for (const problem of ends) if (problem !== "") expect(problem).toMatch(refusal);
      const directories = readdirSync(join(root, "runs"));
      expect(directories).toHaveLength(ends.filter((problem) => problem === "").length);
      expect(directories.length).toBeGreaterThan(0);
      for (const directory of directories)
        expect(bytesOf(join(root, "runs", directory), "train"), `seed ${seed}`).toEqual(expected);
      counts[directories.length === 1 ? "one refused" : "two directories"]++;
      rmSync(root, { recursive: true });
    }
    console.log(
      `${races} races of train and train by default names, seed ${seed}: ${JSON.stringify(counts)}; other bytes 0`,
    );
  },
  60_000 + 4_000 * runs(10),
);
