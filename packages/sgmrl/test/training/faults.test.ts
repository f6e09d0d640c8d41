// What can go wrong with a run: each fault is named, says what to do, and leaves the last good checkpoint as it was.
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import { InputError, RunError } from "../../src/errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/files/safetensors.ts";
import { sha256 } from "../../src/files/sha256.ts";
import { readRun } from "../../src/report/runs.ts";
import { progressOf, resume } from "../../src/training/resume.ts";
import type { Disk } from "../../src/training/store/atomic-write.ts";
import { train } from "../../src/training/train.ts";
import { emptyFolder, filesOf, quadraticUnits, smallConfig } from "../support/runs.ts";

const options = { workers: 0, units: quadraticUnits };
const newRun = async (changes: object = {}): Promise<string> => {
  const { files } = await train(smallConfig(changes), join(emptyFolder(), "run"), options);
  return files.root;
};

/** A disk with room for `bytes` more. */
function smallDisk(bytes: number): Disk {
  let left = bytes;
  return {
    ...fs,
    writeSync: ((file: number, data: Uint8Array, offset: number, length: number) => {
      if (left < length)
        throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      left -= length;
      return fs.writeSync(file, data, offset, length);
    }) as Disk["writeSync"], // only this overload is called
  };
}

/** A disk whose operation number `nth`, of any kind, fails, and all that follow it. */
function failingDisk(
  nth: number,
  code: "ENOSPC" | "EIO",
): { readonly disk: Disk; readonly done: () => number } {
  let count = 0;
  const counted = <F extends (...args: never[]) => unknown>(operation: F): F =>
    ((...args: Parameters<F>) => {
      if (count++ >= nth) throw Object.assign(new Error(`${code}: injected`), { code });
      return operation(...args);
    }) as F;
  const { openSync, writeSync, fsyncSync, closeSync, renameSync, rmSync } = fs;
  const disk: Disk = {
    openSync: counted(openSync),
    writeSync: counted(writeSync as Disk["writeSync"]),
    fsyncSync: counted(fsyncSync),
    renameSync: counted(renameSync),
    closeSync, // a full disk closes files, and removes them
    rmSync,
  };
  return { disk, done: () => count };
}

describe("a unit that cannot be made", () => {
  const refusing = (error: Error) => {
    const unitFor = () => {
      throw error;
    };
    return train(smallConfig(), join(emptyFolder(), "run"), {
      ...options,
      units: { ...quadraticUnits, unitFor },
    });
  };

  it("says that the experiment is at fault, and keeps the cause", async () => {
    const cause = new RangeError("no such policy");
    const wrapped = new InputError("config.experiment: no such policy", { cause });
    await expect(refusing(cause)).rejects.toThrow(wrapped);
  });

  it("says what was wrong once", async () => {
    const refusal = new InputError("config: experiment.arithmetic: no such instructions");
    await expect(refusing(refusal)).rejects.toBe(refusal);
  });
});

describe("a full disk", () => {
  it.each([0, 900, 1300, 2500, 3300])(
    "with room for %i bytes stops the run, which resumes to the same bytes",
    async (room) => {
      const root = join(emptyFolder(), "run");
      const failure = train(smallConfig(), root, { ...options, disk: smallDisk(room) });
      await expect(failure).rejects.toThrow(RunError);
      await expect(failure).rejects.toThrow(
        /disk is full.*ENOSPC.*(No checkpoint has been written yet|iteration \d+ is intact.*sgmrl resume)/,
      );
      await resume(root, options);
      expect(filesOf(root)).toEqual(filesOf(await newRun()));
    },
  );

  it("at any operation of a run, or of going on with it, stops it with a clear error; it resumes to the same bytes", async () => {
    const expected = filesOf(await newRun());
    const { disk, done } = failingDisk(Number.POSITIVE_INFINITY, "EIO");
    await train(smallConfig(), join(emptyFolder(), "run"), { ...options, disk });
    const operations = done();
    const step = runs(1) > 1 ? 1 : 7; // each of them with FUZZ
    let failures = 0;
    for (let nth = 0; nth < operations; nth += step)
      for (const code of ["ENOSPC", "EIO"] as const) {
        const root = join(emptyFolder(), "run");
        const first = train(smallConfig(), root, { ...options, disk: failingDisk(nth, code).disk });
        await expect(first, `operation ${nth}`).rejects.toThrow(RunError);
        await expect(first).rejects.toThrow(code === "ENOSPC" ? /the disk is full/ : /the device reports/);
        const again = resume(root, { ...options, disk: failingDisk(nth % 11, code).disk });
        await expect(again, `operation ${nth}, then ${nth % 11}`).rejects.toThrow(RunError);
        await resume(root, options);
        expect(filesOf(root), `operation ${nth}`).toEqual(expected);
        failures += 2;
      }
    console.log(
      `${failures} failures of the disk, at ${operations} operations: each a clear error and the same bytes`,
    );
  });
});

describe("files that are not the run's own", () => {
  const outside = join(emptyFolder(), "precious");
  /** [what is put in its place, the error] */
  const odd: readonly (readonly [string, (path: string) => void])[] = [
    ["a link to a file", (path) => fs.symlinkSync(outside, path)],
    ["a link to nothing", (path) => fs.symlinkSync(join(emptyFolder(), "nothing"), path)],
    ["a link to a directory", (path) => fs.symlinkSync(emptyFolder(), path)],
    ["a pipe", (path) => void spawnSync("mkfifo", [path])],
  ];
  const places = ["metrics.jsonl", "evaluations.jsonl", "timings.jsonl", "checkpoints", "figures"];

  it.each(places.flatMap((name) => odd.map(([what, put]) => [name, what, put] as const)))(
    "%s, %s, are refused by a new run and by one that goes on, and left alone",
    async (name, _, put) => {
      fs.writeFileSync(outside, "precious");
      const fresh = join(emptyFolder(), "run");
      fs.mkdirSync(fresh);
      put(join(fresh, name));
      await expect(train(smallConfig(), fresh, options)).rejects.toThrow(
        /a run writes only to its own files/,
      );
      expect(fs.readdirSync(fresh)).toEqual([name]);

      const root = await newRun();
      fs.rmSync(join(root, name), { recursive: true, force: true });
      put(join(root, name));
      await expect(resume(root, options)).rejects.toThrow(InputError);
      await expect(resume(root, options)).rejects.toThrow(/a run writes only to its own files/);
      expect(fs.readFileSync(outside, "utf8")).toBe("precious");
    },
  );
});

describe("a directory", () => {
  it("that cannot be written is refused", async () => {
    const file = join(emptyFolder(), "file");
    fs.writeFileSync(file, "");
    await expect(train(smallConfig(), join(file, "run"), options)).rejects.toThrow(
      /a run cannot start here: part of the path is a file/,
    );
  });

  it("that holds a run is not written over", async () => {
    const root = await newRun();
    await expect(train(smallConfig(), root, options)).rejects.toThrow(/already holds a run/);
  });

  it("without a run cannot be resumed", async () => {
    await expect(resume(emptyFolder(), options)).rejects.toThrow(/not the directory of a run/);
  });
});

/** [what is done to a finished run, the file, how, what the error says] */
const damages: readonly (readonly [string, string, (content: Buffer) => Uint8Array | string, RegExp])[] = [
  [
    "arrays cut short",
    "checkpoints/000012.safetensors",
    (b) => b.subarray(0, b.length - 8),
    /000012\.safetensors: its checksum/,
  ],
  [
    "one bit of the arrays changed",
    "checkpoints/000012.safetensors",
    (b) => b.map((x, i) => (i === b.length - 1 ? x ^ 1 : x)),
    /000012\.safetensors: its checksum/,
  ],
  ["record cut short", "checkpoints/000012.json", (b) => b.subarray(0, 40), /000012\.json: not JSON/],
  [
    "record edited",
    "checkpoints/000012.json",
    (b) => b.toString().replace('"optimizerStep": 12', '"optimizerStep": 11'),
    /000012\.json: its checksum/,
  ],
  [
    "record of another version",
    "checkpoints/000012.json",
    (b) => b.toString().replace('"version": 1', '"version": 9'),
    /version 9 is not the version 1/,
  ],
];

describe("a config that is given as an object", () => {
  it.each<[object, RegExp]>([
    [{ iterations: -3 }, /config\.iterations \(--iterations\): expected a number of at least 1; got -3/],
    [{ tasks: 0 }, /config\.tasks \(--tasks\): expected a number of at least 1; got 0/],
    [{ iteratoins: 3 }, /there is no field "iteratoins"/],
    [{ optimizer: { name: "adam", learningRate: Number.NaN } }, /config\.optimizer/],
  ])("is checked before anything is written: %o", async (changes, message) => {
    const root = join(emptyFolder(), "run");
    const failure = train({ ...smallConfig(), ...changes } as ReturnType<typeof smallConfig>, root, options);
    await expect(failure).rejects.toThrow(InputError);
    await expect(failure).rejects.toThrow(message);
    expect(fs.existsSync(root)).toBe(false);
  });
});

describe("a checkpoint", () => {
  it.each(damages)(
    "with its %s is refused, and an earlier one gives the same bytes",
    async (_, file, damage, message) => {
      const root = await newRun();
      const whole = filesOf(root);
      fs.writeFileSync(join(root, file), damage(fs.readFileSync(join(root, file))));
      const damaged = filesOf(root);
      expect(damaged).not.toEqual(whole);

      const failure = resume(root, options);
      await expect(failure).rejects.toThrow(InputError);
      await expect(failure).rejects.toThrow(message);
      await expect(failure).rejects.toThrow(/Earlier checkpoints: iterations 0, 5, 10\..*--from 10/);
      expect(filesOf(root)).toEqual(damaged);

      await resume(root, { ...options, from: 10 });
      expect(filesOf(root)).toEqual(whole);
    },
  );

  it.each(["null", "[]", '"x"', "3", "{}"])(
    "that holds %s in place of a record is refused by name",
    async (text) => {
      const root = await newRun();
      const whole = filesOf(root);
      fs.writeFileSync(join(root, "checkpoints/000012.json"), text);
      const resumed = resume(root, options);
      await expect(resumed).rejects.toThrow(InputError);
      await expect(resumed).rejects.toThrow(/000012\.json: .*\nEarlier checkpoints: iterations 0, 5, 10/);
      expect(() => progressOf(root, smallConfig())).toThrow(InputError);
      expect(readRun(root).damage.join()).toMatch(/000012\.json: /);
      await resume(root, { ...options, from: 10 });
      expect(filesOf(root)).toEqual(whole);
    },
  );

  it.each(["config.json", "config.next.json", "metrics.jsonl", "evaluations.jsonl", "timings.jsonl"])(
    "of a run whose %s holds no objects is refused, or the damage told, by name",
    async (file) => {
      for (const text of ["null\n", "[]\n", '"x"\n', "3\n"]) {
        const root = await newRun();
        fs.writeFileSync(join(root, file), text);
        const told: string[] = [];
        const tell = (error: unknown) => {
          expect(error, `${file}: ${text}`).toBeInstanceOf(InputError);
          told.push(String(error));
        };
        await resume(root, { ...options, observer: { warning: (warned) => told.push(warned) } }).catch(tell);
        expect(told.join(), text).toMatch(/config|the line|first \d+ bytes/);
        try {
          readRun(root);
        } catch (error) {
          tell(error);
        }
      }
    },
  );

  /** Changes a record and seals it again, as somebody might by hand. */
  const forge = (root: string, change: object): void => {
    const path = join(root, "checkpoints/000012.json");
    const { sha256: _, ...record } = JSON.parse(fs.readFileSync(path, "utf8"));
    const forged = { ...record, ...change };
    fs.writeFileSync(path, JSON.stringify({ ...forged, sha256: sha256(JSON.stringify(forged)) }));
  };

  it.each<[object, RegExp]>([
    [{ iteration: -1 }, /000012\.json: iteration: expected a number of at least 0; got -1/],
    [{ iteration: 5 }, /000012\.json: .*its last evaluation is later than its own iteration/],
    [{ iteration: 13 }, /holds the checkpoint of iteration 13; the file was renamed/],
    [{ evaluated: 99 }, /its last evaluation is later than its own iteration/],
    [{ best: { iteration: 3, return: null } }, /best\.return: expected a number/],
    [{ optimizerStep: 1.5 }, /optimizerStep: expected a whole number/],
    [{ journals: {} }, /journals\.metrics: expected an object/],
    [{ journals: { metrics: { bytes: -1, sha256: "" }, evaluations: null } }, /journals\.metrics\.bytes/],
    [{ seed: 4 }, /its seed is 4, but the run's is 0; it belongs to another run/],
    [{ extra: 1 }, /the record: there is no field "extra" here/],
    [{ scoreMemory: { weight: null } }, /scoreMemory\.weight/],
  ])("forged with %o is refused", async (change, message) => {
    const root = await newRun();
    forge(root, change);
    await expect(resume(root, options)).rejects.toThrow(InputError);
    await expect(resume(root, options)).rejects.toThrow(message);
  });

  it.each<[string, (name: string) => string, (x: number) => number, RegExp]>([
    [
      "the moments of another optimizer",
      (name) => name.replace(/^m\//, "u/"),
      (x) => x,
      /expected the moments of adam, m, v; got u, v/,
    ],
    [
      "a parameter that is not finite",
      (name) => name,
      () => Number.NaN,
      /000012\.safetensors: expected finite numbers; element 0 of theta is NaN/,
    ],
  ])("with %s is refused", async (_, rename, change, message) => {
    const root = await newRun();
    const path = join(root, "checkpoints/000012.safetensors");
    const { tensors, metadata } = decodeSafetensors(fs.readFileSync(path), path);
    const renamed = Object.entries(tensors).map(([name, { shape, data }]) => [
      rename(name),
      { shape, data: data.map(change) },
    ]);
    const arrays = encodeSafetensors({ tensors: Object.fromEntries(renamed), metadata });
    fs.writeFileSync(path, arrays);
    forge(root, { arraysSha256: sha256(arrays) });
    await expect(resume(root, options)).rejects.toThrow(message);
  });

  it("whose arrays are missing is refused", async () => {
    const root = await newRun();
    fs.rmSync(join(root, "checkpoints/000012.safetensors"));
    await expect(resume(root, options)).rejects.toThrow(/000012\.safetensors: no such file/);
  });

  it("that does not exist is answered with those that do", async () => {
    const root = await newRun();
    await expect(resume(root, { ...options, from: 3 })).rejects.toThrow(
      /no checkpoint of iteration 3. Existing ones: 0, 5, 10, 12/,
    );
  });
});

describe("a run", () => {
  it("with edited metrics is refused", async () => {
    const root = await newRun();
    const metrics = join(root, "metrics.jsonl");
    fs.writeFileSync(metrics, fs.readFileSync(metrics, "utf8").replace("1", "2"));
    await expect(resume(root, options)).rejects.toThrow(/metrics\.jsonl: its first \d+ bytes/);
  });

  it("with an edited config is refused", async () => {
    const root = await newRun();
    const config = join(root, "config.json");
    fs.writeFileSync(config, fs.readFileSync(config, "utf8").replace('"tasks": 7', '"tasks": 8'));
    const failure = resume(root, options);
    await expect(failure).rejects.toThrow(/config\.json was changed since/);
    await expect(failure).rejects.not.toThrow(/Earlier checkpoints/); // they were written with the other config, too
  });

  it("with a config of another version is refused", async () => {
    const root = await newRun();
    const config = join(root, "config.json");
    fs.writeFileSync(config, fs.readFileSync(config, "utf8").replace('"version": 1', '"version": 2'));
    await expect(resume(root, options)).rejects.toThrow(/version 2 is not the version 1/);
  });

  it("that diverges stops with the last finite checkpoint intact", async () => {
    const root = join(emptyFolder(), "run");
    const diverging = smallConfig({
      experiment: { ...smallConfig().experiment, horizon: 2 },
      checkpointEvery: 1,
      optimizer: { name: "sgd", learningRate: 1e9, momentum: 0 },
    });
    const failure = train(diverging, root, options);
    await expect(failure).rejects.toThrow(RunError);
    await expect(failure).rejects.toThrow(/is not finite: element \d is (NaN|-?Infinity)\. Smaller steps/);
    await expect(resume(root, options)).rejects.toThrow(/is not finite/); // the checkpoint loads; the next step diverges again
  });

  it("that another process is writing is left alone, unless that process has gone", async () => {
    const root = await newRun();
    const whole = filesOf(root);
    const claim = (pid: number, started = "0", machine = hostname()): string => {
      const path = join(root, `run.lock.${pid}-${started}.00ff@${machine}`);
      fs.writeFileSync(path, "");
      return path;
    };
    const living = claim(process.ppid);
    await expect(resume(root, options)).rejects.toThrow(`process ${process.ppid} is writing this run`);
    await expect(resume(root, options)).rejects.toThrow(InputError);
    fs.rmSync(living);
    const elsewhere = claim(1, "0", "another.machine");
    await expect(resume(root, options)).rejects.toThrow("process 1 of another.machine is writing this run");
    fs.rmSync(elsewhere);
    const { pid: gone } = spawnSync(process.execPath, ["--version"]);
    claim(gone);
    // The number of a process that has gone may be another's by now: it started at another time.
    if (fs.existsSync("/proc/self/stat")) claim(process.ppid, "1");
    await resume(root, options);
    expect(filesOf(root)).toEqual(whole);
  });

  it.each<[string, (path: string) => void]>([
    ["removed", (path) => fs.rmSync(path)],
    ["cut", (path) => fs.truncateSync(path, 5)],
    [
      "replaced",
      (path) => {
        fs.renameSync(path, `${path}.old`);
        fs.copyFileSync(`${path}.old`, path);
      },
    ],
  ])("whose metrics are %s while it goes on stops at the next checkpoint, and says why", async (_, harm) => {
    const root = join(emptyFolder(), "run");
    const observer = {
      iteration: ({ iteration }: { readonly iteration?: number }) => {
        if (iteration === 6) harm(join(root, "metrics.jsonl"));
      },
    };
    const failure = train(smallConfig(), root, { ...options, observer });
    await expect(failure).rejects.toThrow(
      /metrics\.jsonl was removed, replaced or changed.*iteration 5 is intact/,
    );
  });

  it("that is asked to stop writes a checkpoint, and goes on to the same bytes", async () => {
    const root = join(emptyFolder(), "run");
    const controller = new AbortController();
    const observer = {
      iteration: ({ iteration }: { iteration?: number }) => iteration === 6 && controller.abort(),
    };
    const stopped = await train(smallConfig(), root, { ...options, observer, signal: controller.signal });
    expect(stopped.status).toBe("interrupted");
    expect(fs.existsSync(join(root, "checkpoints/000007.json"))).toBe(true);
    expect((await resume(root, options)).status).toBe("finished");
    expect(filesOf(root)).toEqual(filesOf(await newRun()));
  });
});
