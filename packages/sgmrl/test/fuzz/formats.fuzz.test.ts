/**
 * Every file and message format, damaged in thousands of ways. What may come of it: a clear error, or the same result as
 * without the damage. What may not: another result, an error that nobody wrote for it, or no end.
 *
 *   FUZZ=20000 pnpm test packages/sgmrl/test/fuzz      more, from a fresh seed, which is printed; SEED=7 for a given one
 */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fold, key } from "@sgmrl/autodiff/random";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fuzzSettings, runs } from "../../../../vitest.fuzz.ts";
import { parseConfig } from "../../src/config/parse-config.ts";
import { InputError, RunError } from "../../src/errors.ts";
import { DamagedBlobError, decodeBlob, encodeBlob } from "../../src/execution/distributed/blob.ts";
import {
  type GroupJob,
  groupJobSchema,
  runRecordSchema,
  workerRecordSchema,
} from "../../src/execution/distributed/protocol.ts";
import { parseAuditSpec } from "../../src/experiments/audit/spec.ts";
import { expandSweep } from "../../src/experiments/sweep/expand.ts";
import { parseSweepSpec } from "../../src/experiments/sweep/spec.ts";
import { parseJson } from "../../src/files/read-file.ts";
import { decodeSafetensors } from "../../src/files/safetensors.ts";
import { readRun } from "../../src/report/runs.ts";
import { loadCheckpoint, resume } from "../../src/training/resume.ts";
import { readConfig, runFiles } from "../../src/training/store/run-directory.ts";
import { train } from "../../src/training/train.ts";
import { unitFor } from "../support/quadratic-unit.ts";
import { emptyFolder, filesOf, quadraticUnits, smallConfig } from "../support/runs.ts";
import { Dice, damagedBytes, damagedJson } from "./mutate.ts";

const seed = fuzzSettings().seed ?? Math.floor(Date.now() % 1e9);
const hangMilliseconds = 10_000;
const outcomes = ["clear error", "same result", "other result", "raw error", "hang"] as const;
type Outcome = (typeof outcomes)[number];
const table = new Map<string, Record<Outcome, number>>();

/** `other`: whether damage may lead to another valid input, as a digit of a spec that nothing vouches for. */
async function fuzz(
  name: string,
  cases: number,
  other: "forbidden" | "allowed",
  attempt: (dice: Dice) => unknown,
  expected: unknown,
): Promise<void> {
  const counts: Record<Outcome, number> = {
    "clear error": 0,
    "same result": 0,
    "other result": 0,
    "raw error": 0,
    hang: 0,
  };
  table.set(name, counts);
  for (let i = 0; i < runs(cases); i++) {
    const started = performance.now();
    let outcome: Outcome;
    let detail: unknown = "";
    try {
      const got = await attempt(new Dice(fold(key(seed), table.size, i)));
      outcome = JSON.stringify(got) === JSON.stringify(expected) ? "same result" : "other result";
    } catch (error) {
      detail = error;
      const named =
        error instanceof InputError || error instanceof RunError || error instanceof DamagedBlobError;
      outcome = named ? "clear error" : "raw error";
    }
    if (performance.now() - started > hangMilliseconds) outcome = "hang";
    counts[outcome]++;
    const bad =
      outcome === "raw error" || outcome === "hang" || (outcome === "other result" && other === "forbidden");
    expect(bad, `${name}, case ${i} of seed ${seed}: ${outcome} ${detail}`).toBe(false);
  }
}

const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, entry) => (entry instanceof Float64Array ? [...entry] : entry)));

let whole: string;
const changed = (name: string, change: (bytes: Uint8Array) => Uint8Array | string): string => {
  const root = join(emptyFolder(), "run");
  cpSync(whole, root, { recursive: true });
  writeFileSync(join(root, name), change(readFileSync(join(root, name))));
  return root;
};
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

beforeAll(async () => {
  const experiment = { ...smallConfig().experiment, environment: "toy-1d" };
  whole = (
    await train(smallConfig({ experiment }), join(emptyFolder(), "run"), {
      workers: 0,
      units: quadraticUnits,
    })
  ).files.root;
});

afterAll(() => {
  const rows = [...table].map(
    ([name, counts]) => `${name.padEnd(34)}${outcomes.map((o) => String(counts[o]).padStart(14)).join("")}`,
  );
  const total = [...table.values()].flatMap((counts) => Object.values(counts)).reduce((a, b) => a + b, 0);
  console.log(
    `${total} mutations, seed ${seed}\n${" ".repeat(34)}${outcomes.map((o) => o.padStart(14)).join("")}\n${rows.join("\n")}`,
  );
});

it("files of a run, read to go on from its checkpoint", async () => {
  const unit = unitFor(smallConfig().experiment);
  const load = (root: string) => {
    const { configSha256 } = readConfig(root);
    return plain(loadCheckpoint(runFiles(root), unit, configSha256));
  };
  const expected = load(whole);
  for (const name of ["config.json", "checkpoints/000012.json", "checkpoints/000012.safetensors"]) {
    await fuzz(
      `${name}: bytes`,
      120,
      "forbidden",
      (dice) => load(changed(name, (bytes) => damagedBytes(dice, bytes))),
      expected,
    );
    if (name.endsWith(".json"))
      await fuzz(
        `${name}: values`,
        120,
        "forbidden",
        (dice) => load(changed(name, (bytes) => damagedJson(dice, JSON.parse(text(bytes))))),
        expected,
      );
  }
});

it("files of a run, read to be shown", async () => {
  /** A reader who was warned is not misled. */
  const shown = (root: string) => {
    const { damage, timings: _, directory: __, ...rest } = readRun(root);
    if (damage.length > 0) throw new InputError(damage.join("\n"));
    return plain(rest);
  };
  const expected = shown(whole);
  for (const name of [
    "metrics.jsonl",
    "evaluations.jsonl",
    "timings.jsonl",
    "config.json",
    "checkpoints/000012.json",
  ])
    await fuzz(
      `${name}: shown`,
      100,
      "forbidden",
      (dice) => shown(changed(name, (bytes) => damagedBytes(dice, bytes))),
      expected,
    );
});

it("a run that is resumed: its bytes, or an error", async () => {
  const expected = filesOf(whole);
  const names = [
    "config.json",
    "metrics.jsonl",
    "evaluations.jsonl",
    "timings.jsonl",
    "checkpoints/000012.json",
    "checkpoints/000012.safetensors",
  ];
  await fuzz(
    "resume",
    40,
    "forbidden",
    async (dice) => {
      const root = changed(dice.of(names), (bytes) => damagedBytes(dice, bytes));
      await resume(root, { workers: 0, units: quadraticUnits });
      const { "timings.jsonl.damaged": _, ...files } = filesOf(root);
      return files;
    },
    expected,
  );
});

it("arrays without a checksum", async () => {
  const bytes = readFileSync(join(whole, "checkpoints/best.safetensors"));
  const decode = (content: Uint8Array) => plain(decodeSafetensors(content, "x.safetensors"));
  await fuzz(
    "safetensors: bytes",
    300,
    "allowed",
    (dice) => decode(damagedBytes(dice, bytes)),
    decode(bytes),
  );
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
  await fuzz(
    "safetensors: header",
    300,
    "allowed",
    (dice) => {
      const json = Buffer.from(damagedJson(dice, header));
      const prefix = Buffer.alloc(8);
      prefix.writeBigUInt64LE(BigInt(json.length));
      return decode(Buffer.concat([prefix, json, bytes.subarray(8 + length)]));
    },
    decode(bytes),
  );
});

it("results on their way between machines", async () => {
  const job: GroupJob = {
    round: "a".repeat(32),
    theta: "b".repeat(64),
    work: { kind: "contribute" },
    first: 4,
    keys: [[1, 0, 0, 2]],
  };
  const { pathwise, score, meanReturn, statistics } = unitFor(smallConfig().experiment).contribute(
    Float64Array.of(1, 2, 3),
    { k0: 1, k1: 0 },
    { k0: 0, k1: 2 },
  );
  const seconds = { rollout: 1, adapt: 1, metaGradient: 1 };
  const result = {
    kind: "contribute" as const,
    blocks: [{ tasks: 1, sum: { pathwise, score, meanReturn, statistics, seconds } }],
  };
  const blob = encodeBlob(job, result, { attempt: 1, milliseconds: 2, worker: "w" });
  /** Seconds stand outside the checksum: nothing depends on them. */
  const decode = (bytes: Uint8Array) => {
    const decoded = decodeBlob(job, bytes).result;
    return plain(
      decoded.kind === "contribute"
        ? decoded.blocks.map(({ tasks, sum: { seconds: _, ...sum } }) => ({ tasks, sum }))
        : decoded,
    );
  };
  await fuzz("result blobs", 300, "forbidden", (dice) => decode(damagedBytes(dice, blob)), decode(blob));
});

it("records and jobs at a broker", async () => {
  const fingerprint = { code: "c", node: "24", architecture: "x64", formats: "1" };
  const place = { fingerprint, host: "h", pid: 1 };
  const job = {
    round: "a".repeat(32),
    theta: "b".repeat(64),
    work: { kind: "evaluate", steps: 2 },
    first: 0,
    keys: [
      [1, 2, 3, 4],
      [5, 6, 7, 8, 0, 2],
    ],
  };
  const { experiment } = smallConfig();
  for (const [name, schema, value] of [
    ["job", groupJobSchema, job],
    ["run record", runRecordSchema, { ...place, experiment }],
    ["worker record", workerRecordSchema, { ...place, slots: 2 }],
  ] as const)
    await fuzz(
      name,
      150,
      "allowed",
      (dice) => {
        const parsed = schema.safeParse(JSON.parse(damagedJson(dice, value)));
        if (!parsed.success) throw new InputError("refused");
        return parsed.data;
      },
      value,
    );
});

it("what people write: configs, sweeps and specs", async () => {
  const sweep = {
    preset: "needle",
    config: { iterations: 5 },
    list: [{ name: "a", config: { tasks: 3 } }],
    grid: { "step-size": [1, 2] },
    seeds: [0, 1],
  };
  const spec = {
    mdp: { initial: [1], transitions: [[[1], [1]]], rewards: [[1, 0]], horizon: 1, discount: 1 },
    theta: [[0, 0]],
    inner: { stepSize: 1, steps: 1, trajectories: 2 },
    outerTrajectories: 1,
    estimators: ["sgmrl"],
  };
  for (const [name, value, read] of [
    ["config", smallConfig(), (json: unknown) => parseConfig({ file: json as object })],
    ["sweep", sweep, (json: unknown) => expandSweep(parseSweepSpec(json))],
    ["audit spec", spec, parseAuditSpec],
  ] as const) {
    const parse = (content: string) => read(parseJson(content, "a file"));
    const expected = parse(JSON.stringify(value));
    await fuzz(`${name}: values`, 200, "allowed", (dice) => parse(damagedJson(dice, value)), expected);
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    await fuzz(`${name}: bytes`, 100, "allowed", (dice) => parse(text(damagedBytes(dice, bytes))), expected);
  }
});
