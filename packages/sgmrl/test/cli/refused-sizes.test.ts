/**
 * What a slip of the keyboard or a file of another kind asks for is refused before it is tried: the memory and the time that
 * each refusal takes are measured in a process of its own, printed and bounded.
 */
import { cpSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fuzzTimeout, runs } from "../../../../vitest.fuzz.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { train } from "../../src/training/train.ts";
import { bundled, runScript } from "../support/processes.ts";
import { emptyFolder } from "../support/runs.ts";

/** The program alone takes some 60 MB and 0.2 s; on a busy machine several times as long. */
const most = { megabytes: 350, milliseconds: 15_000 };

const folder = emptyFolder();
const path = (name: string): string => join(folder, name);
let script: string;
let whole: string;
const rows: string[] = [];

beforeAll(async () => {
  script = await bundled("measured-child");
  const flags = { "--iterations": "1", "--tasks": "2", "--evaluate-tasks": "2", "--final-tasks": "2" };
  whole = (await train(parseConfig({ preset: "needle", flags }), path("whole"), { workers: 0 })).files.root;
}, 120_000);
afterAll(() =>
  console.log(["refused                                              ms     MB", ...rows].join("\n")),
);

const file = (name: string, content: string, size?: number): string => {
  writeFileSync(path(name), content);
  if (size !== undefined) truncateSync(path(name), size); // without blocks on the disk
  return path(name);
};
const json = (value: unknown): string => file("file.json", JSON.stringify(value));
const many = <T>(n: number, item: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => item(i));

const mdp = { initial: [1], transitions: [[[1], [1]]], rewards: [[1, 0]], horizon: 1, discount: 1 };
const spec = {
  mdp,
  theta: [[0, 0]],
  inner: { stepSize: 1, steps: 1, trajectories: 2 },
  outerTrajectories: 1,
};
const mixing = (states: number, horizon: number) => {
  const row = many(states, () => 1 / states);
  return {
    ...spec,
    mdp: {
      initial: row,
      transitions: many(states, () => [row, row]),
      rewards: many(states, () => [0, 1]),
      horizon,
      discount: 0.9,
    },
    theta: many(states, () => [0, 0]),
  };
};
const bodies = (n: number): string =>
  `<mujoco><worldbody>${'<body><joint axis="0 1 0"/><geom size="1"/></body>'.repeat(n)}</worldbody></mujoco>`;
/** A copy of the run, one file of which has grown. */
const grown = (name: string, size: number): string => {
  const root = path(`grown-${rows.length}`);
  cpSync(whole, root, { recursive: true });
  truncateSync(join(root, name), size);
  return root;
};

/** [what, the command line, what it says]; the cases of each row cost a process each, so that some wait for FUZZ. */
const cases: readonly (readonly [string, () => string[], RegExp])[] = [
  ["train --hidden 1e9", () => ["train", "--hidden", "1000000000"], /--hidden/],
  [
    "train --hidden 1,1,… (5,000 layers)",
    () => ["train", "--hidden", many(5_000, () => 1).join()],
    /32 layers/,
  ],
  ["train --horizon 1e9", () => ["train", "--horizon", "1000000000"], /--horizon/],
  ["train --tasks 1e12", () => ["train", "--tasks", "1e12"], /--tasks/],
  ["train --workers 1e6", () => ["train", "--workers", "1000000"], /--workers/],
  [
    "audit: horizon 1e9",
    () => ["audit", "--spec", json({ ...spec, mdp: { ...mdp, horizon: 1e9 } })],
    /expected a number of at most/,
  ],
  [
    "audit: 300 states, horizon 1,000",
    () => ["audit", "--spec", json(mixing(300, 1_000))],
    /terms to enumerate/,
  ],
  [
    "audit --samples 1e15",
    () => ["audit", "--spec", json(spec), "--samples", "1000000000000000"],
    /steps to draw/,
  ],
  [
    "theory: 10⁶ steps",
    () => ["theory", "--spec", json({ ...spec, inner: { ...spec.inner, steps: 1e6 } })],
    /expected a number of at most/,
  ],
  [
    "sweep: 100⁶ runs",
    () => [
      "sweep",
      json({
        grid: Object.fromEntries(
          ["tasks", "horizon", "iterations", "inner-steps", "groups", "step-size"].map((name) => [
            name,
            many(100, (i) => i + 1),
          ]),
        ),
        seeds: [0],
      }),
    ],
    /expected at most 20000/,
  ],
  [
    "sweep: 100,000 seeds that are texts",
    () => ["sweep", json({ seeds: many(100_000, () => "x") })],
    /and \d+ more/,
  ],
  ["train: a config of 3 GB", () => ["train", "--config", file("big", "{", 3e9)], /3000000000 bytes/],
  [
    "audit: a spec of 16 MB of brackets",
    () => ["audit", "--spec", file("deep", "[".repeat(16e6))],
    /nested more than 100/,
  ],
  [
    "train: a config of 60,000 unknown keys",
    () => ["train", "--config", json(Object.fromEntries(many(60_000, (i) => [`k${i}`, 0])))],
    /and 59\d+ more/,
  ],
  [
    "envs --mjcf: 2,000 bodies",
    () => ["envs", "--mjcf", file("bodies.xml", bodies(2_000))],
    /expected at most 1000/,
  ],
  [
    "envs --mjcf: 100,000 deep",
    () => ["envs", "--mjcf", file("deep.xml", "<body>".repeat(100_000))],
    /elements deep|not a <mujoco>/,
  ],
  ["report: metrics of 3 GB", () => ["report", grown("metrics.jsonl", 3e9)], /bytes; expected/],
  [
    "resume: a record of 0.8 GB",
    () => ["resume", grown("checkpoints/000001.json", 8e8)],
    /000001\.json: it has 800000000 bytes; expected 1048576 at most/,
  ],
  [
    "resume: a checkpoint of 3 GB",
    () => ["resume", grown("checkpoints/000001.safetensors", 3e9)],
    /bytes; expected/,
  ],
  ["evaluate --tasks 1e12", () => ["evaluate", whole, "--tasks", "1000000000000"], /memory/],
  ["evaluate --steps 1e12", () => ["evaluate", whole, "--steps", "1000000000000"], /memory/],
  ["replay --tasks 0-1e15", () => ["replay", whole, "--tasks", "0-1000000000000000"], /expected two indices/],
];
/** In the normal run every third, each commit the same. */
const chosen = runs(1) > 1 ? cases : cases.filter((_, i) => i % 3 === 1);

it.each(chosen)(
  "%s",
  async (what, args, message) => {
    mkdirSync(folder, { recursive: true });
    const { code, stdout, stderr } = await runScript(script, [
      JSON.stringify([...args(), ...(what.startsWith("train") ? ["--out", path("run")] : [])]),
    ]);
    expect(code, stderr).toBe(0);
    const measured = JSON.parse(stdout);
    rows.push(
      `${what.padEnd(48)}${measured.milliseconds.toFixed(0).padStart(7)}${measured.megabytes.toFixed(0).padStart(7)}`,
    );
    expect(measured.err).toMatch(message);
    expect(measured.code).toBe(what.startsWith("report") ? 0 : 2); // a report shows what can be read, and says what is damaged
    expect(measured.megabytes).toBeLessThan(most.megabytes);
    expect(measured.milliseconds).toBeLessThan(most.milliseconds);
  },
  fuzzTimeout(60_000),
);
