// Training longer, and starting where another run has got to.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { configText } from "../../src/config/parse-config.ts";
import { InputError } from "../../src/errors.ts";
import { sha256 } from "../../src/files/sha256.ts";
import type { RunConfig } from "../../src/settings.ts";
import type { Metrics } from "../../src/training/meta-iteration.ts";
import { type ResumeOptions, resume } from "../../src/training/resume.ts";
import { firstTheta, warmStart } from "../../src/training/start.ts";
import {
  parametersIteration,
  removeCheckpoint,
  resealCheckpoint,
} from "../../src/training/store/checkpoint.ts";
import { runFiles } from "../../src/training/store/run-directory.ts";
import { train } from "../../src/training/train.ts";
import { emptyFolder, filesOf, quadraticUnits, smallConfig } from "../support/runs.ts";

const options = { workers: 0, units: quadraticUnits };
const newRun = async (changes: object = {}, more: object = {}): Promise<string> => {
  const config = smallConfig(changes);
  return (await train(config, join(emptyFolder(), "run"), { ...options, ...more })).files.root;
};
/** Every evaluation has a checkpoint, so that the best parameters of any are still there. */
const often = { evaluation: { every: 5, tasks: 5, finalTasks: 9, steps: 2 } };
/** Ends a run after an iteration, as Ctrl-C does. */
function stoppedAfter(last: number) {
  const controller = new AbortController();
  const iteration = (metrics: { readonly iteration?: number }) =>
    metrics.iteration === last && controller.abort();
  return { observer: { iteration }, signal: controller.signal };
}

describe("a run that is resumed with more iterations", () => {
  it.each([
    [12, 20, 5],
    [12, 13, 5],
    [10, 20, 5],
    [12, 25, 100],
    [1, 3, 5],
  ])(
    "than its %d, %d, has the bytes of one that was that long from the start",
    async (before, after, every) => {
      const settings = {
        checkpointEvery: every,
        evaluation: { every: 2, tasks: 5, finalTasks: 9, steps: 2 },
      };
      const root = await newRun({ ...settings, iterations: before });
      expect((await resume(root, { ...options, iterations: after })).state.iteration).toBe(after);
      expect(filesOf(root)).toEqual(filesOf(await newRun({ ...settings, iterations: after })));
      await resume(root, options); // it goes with its config
    },
  );

  it("has them, too, where it was interrupted, and where it gets shorter", async () => {
    for (const after of [20, 9]) {
      const root = await newRun({ iterations: 12 }, stoppedAfter(6));
      await resume(root, { ...options, iterations: after });
      expect(filesOf(root)).toEqual(filesOf(await newRun({ iterations: after })));
    }
  });

  it("has the final evaluation of its new end, where an evaluation of training was the last thing it did", async () => {
    for (const [end, checkpointEvery] of [
      [4, 5],
      [8, 5],
      [8, 100],
    ] as const) {
      const controller = new AbortController();
      const evaluation = (iteration: number) => iteration === end && controller.abort();
      const stopped = { observer: { evaluation }, signal: controller.signal };
      const root = await newRun({ iterations: 12, checkpointEvery }, stopped);
      await resume(root, { ...options, iterations: end });
      expect(filesOf(root)).toEqual(filesOf(await newRun({ iterations: end, checkpointEvery })));
    }
  });

  it("has the best parameters of the longer run, though the last evaluation of the shorter one found better", async () => {
    const still = {
      evaluation: { every: 100, tasks: 5, finalTasks: 9, steps: 2 },
      optimizer: { name: "sgd", learningRate: 1e-6, momentum: 0 },
    };
    const bestOf = (root: string) => parametersIteration(runFiles(root).best);
    let better = 0;
    for (const seed of [0, 1, 2, 3]) {
      const root = await newRun({ ...still, seed, iterations: 8 });
      if (bestOf(root) === 8) better++;
      await resume(root, { ...options, iterations: 20, ...stoppedAfter(9) });
      expect(filesOf(root)).toEqual(
        filesOf(await newRun({ ...still, seed, iterations: 20 }, stoppedAfter(9))),
      );
    }
    expect(better).toBeGreaterThan(0); // or nothing was tested
  });

  it("goes on from the last checkpoint before its end, though its final evaluation was the best", async () => {
    const kept: boolean[] = [];
    for (const seed of [0, 3]) {
      const settings = { seed }; // evaluations of 0, 4, 8, 12; checkpoints of 0, 5, 10, 12
      const root = await newRun(settings);
      const finished = filesOf(root);
      const { checkpoints, bestBeforeEnd } = runFiles(root);
      kept.push(existsSync(bestBeforeEnd));
      // Killed before its last checkpoint, and resumed when it has ended.
      removeCheckpoint(checkpoints, 12);
      await resume(root, options);
      await resume(root, options);
      expect(filesOf(root)).toEqual(finished);

      const done: number[] = [];
      const observer = { iteration: ({ iteration }: Metrics) => void done.push(iteration!) };
      await resume(root, { ...options, iterations: 20, observer });
      expect(done[0]).toBe(10);
      expect(filesOf(root)).toEqual(filesOf(await newRun({ ...settings, iterations: 20 })));
    }
    expect(kept).toEqual([true, false]); // or nothing was tested
  });

  it("says where it goes on if the parameters that were best before its end are lost", async () => {
    const root = await newRun();
    rmSync(runFiles(root).bestBeforeEnd);
    const told: string[] = [];
    const observer = { warning: (text: string) => void told.push(text) };
    await resume(root, { ...options, iterations: 20, observer });
    expect(told).toEqual([
      `${root}: the run goes on from iteration 0, not 10: the parameters of iteration 8, the best until then, are no longer there.`,
    ]);
    expect(filesOf(root)).toEqual(filesOf(await newRun({ iterations: 20 })));
  });

  it("with a damaged checkpoint is refused with the earlier ones, and goes on from one of these", async () => {
    const root = await newRun();
    writeFileSync(join(root, "checkpoints/000012.json"), "{");
    const before = filesOf(root);
    const longer = { ...options, iterations: 20 };
    await expect(resume(root, longer)).rejects.toThrow(
      /000012\.json: not JSON.*\nEarlier checkpoints: iterations 0, 5, 10\. .*--from 10/,
    );
    expect(filesOf(root)).toEqual(before);
    await resume(root, { ...longer, from: 10 });
    expect(filesOf(root)).toEqual(filesOf(await newRun({ iterations: 20 })));
  });

  it.each<[number, { readonly from?: number }]>([
    [5, {}],
    [10, { from: 5 }],
  ])("leaves a damaged checkpoint that it does not need, of iteration %d", async (damaged, from) => {
    const settings = { checkpointEvery: 5, evaluation: { every: 5, tasks: 5, finalTasks: 9, steps: 2 } };
    const root = await newRun({ ...settings, iterations: 20 });
    const record = join(root, `checkpoints/${String(damaged).padStart(6, "0")}.json`);
    writeFileSync(record, "{");
    await resume(root, { ...options, iterations: 22, ...from });
    const { [relative(root, record)]: found, ...files } = filesOf(root);
    const { [relative(root, record)]: whole, ...expected } = filesOf(
      await newRun({ ...settings, iterations: 22 }),
    );
    expect(files).toEqual(expected);
    expect(found).toBe("from" in from ? whole : btoa("{"));
  });

  it("and killed while its config and its checkpoints were changed, has them all the same", async () => {
    const whole = filesOf(await newRun({ iterations: 20 }));
    for (let changed = 0; changed <= 3; changed++) {
      const root = await newRun({ iterations: 12 });
      const files = runFiles(root);
      removeCheckpoint(files.checkpoints, 12);
      const text = configText(smallConfig({ iterations: 20 }));
      writeFileSync(files.nextConfig, text);
      for (const iteration of [0, 5, 10].slice(0, changed))
        resealCheckpoint(files.checkpoints, iteration, sha256(text));
      await resume(root, options);
      expect(filesOf(root), `${changed} changed`).toEqual(whole);
    }
  });

  it("is refused where it has done more, and left as it is", async () => {
    const root = await newRun();
    const files = filesOf(root);
    for (const iterations of [5, 0, 1.5, Number.NaN])
      await expect(resume(root, { ...options, iterations })).rejects.toThrow(InputError);
    expect(filesOf(root)).toEqual(files);
  });

  it("goes on from an earlier checkpoint, too, with the bytes of one that was that long from the start", async () => {
    const whole = filesOf(await newRun({ ...often, iterations: 20 }));
    for (const from of [0, 5, 10]) {
      const root = await newRun(often);
      await resume(root, { ...options, iterations: 20, from });
      expect(filesOf(root), `from ${from}`).toEqual(whole);
    }
  });

  it("cannot go on from one that the old end has affected, and says which are left", async () => {
    const root = await newRun(often); // with checkpoints of iterations 0, 5, 10 and 12, its end
    const longer = { ...options, iterations: 20 };
    const why = "as an evaluation at the old or new end has affected";
    for (const from of [12, 13])
      await expect(resume(root, { ...longer, from })).rejects.toThrow(
        `--from: expected at most 10 with --iterations 20, ${why} later checkpoints; got ${from}.`,
      );
    for (const iteration of [0, 5, 10]) removeCheckpoint(runFiles(root).checkpoints, iteration);
    await expect(resume(root, { ...longer, from: 12 })).rejects.toThrow(
      `--from: the run begins anew with --iterations 20, ${why} every checkpoint; leave it out.`,
    );
  });
});

describe("a run that is resumed from an earlier checkpoint", () => {
  it.each([0, 5, 10])("has the best parameters of that time, or none: %d", async (from) => {
    for (const seed of [0, 3]) {
      const root = await newRun({ seed });
      const again = { ...options, ...stoppedAfter(from) };
      const { best } = (await resume(root, { ...again, from })).state;
      const found = parametersIteration(runFiles(root).best);
      expect([best!.iteration, undefined]).toContain(found);
      if ([0, 5, 10].includes(best!.iteration)) expect(found).toBe(best!.iteration); // of a checkpoint
      await resume(root, options);
      expect(filesOf(root)).toEqual(filesOf(await newRun({ seed })));
    }
  });
});

describe("a refused resume leaves every byte of the run", () => {
  const everything = (root: string): Map<string, string> =>
    new Map(
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
        .map((path) => [path, readFileSync(path, "base64")]),
    );
  const noEngine = () => Promise.reject(new InputError("the broker refuses"));
  const refusals: readonly (readonly [string, ResumeOptions, RegExp])[] = [
    ["no such checkpoint", { from: 3 }, /no checkpoint of iteration 3/],
    ["a checkpoint after the last", { from: 13 }, /--from|no checkpoint of iteration 13/],
    ["an engine that cannot be made", { engine: noEngine }, /the broker refuses/],
    ["an engine that cannot be made, from a checkpoint", { engine: noEngine, from: 5 }, /the broker refuses/],
    ["half a worker", { workers: 0.5, from: 5 }, /workers: expected a whole number/],
  ];

  it.each(
    refusals.flatMap(([why, more, message]) =>
      [{}, { iterations: 20 }].map((longer) => [why, { ...options, ...longer, ...more }, message] as const),
    ),
  )("with %s: %j", async (_, more, message) => {
    const root = await newRun(often);
    const before = everything(root);
    await expect(resume(root, more)).rejects.toThrow(InputError);
    await expect(resume(root, more)).rejects.toThrow(message);
    expect(everything(root)).toEqual(before);
  });

  it.each([{}, { iterations: 20 }])("with a journal that was changed: %j", async (longer) => {
    const root = await newRun(often);
    const { evaluations } = runFiles(root);
    writeFileSync(evaluations, readFileSync(evaluations, "utf8").replace("iteration", "Iteration"));
    const before = everything(root);
    for (const from of [{}, { from: 5 }])
      await expect(resume(root, { ...options, ...longer, ...from })).rejects.toThrow(/the file was changed/);
    expect(everything(root)).toEqual(before);
  });

  it("with the run that it began with replaced", async () => {
    const other = await newRun();
    const unit = quadraticUnits.unitFor(smallConfig().experiment);
    const root = await newRun({ start: warmStart(other, unit) });
    for (const iteration of [0, 5, 10]) removeCheckpoint(runFiles(root).checkpoints, iteration); // it begins anew
    cpSync(await newRun({ seed: 8 }), other, { recursive: true });
    const before = everything(root);
    await expect(resume(root, { ...options, iterations: 20 })).rejects.toThrow(/the run was replaced/);
    expect(everything(root)).toEqual(before);
  });
});

describe("a warm start", () => {
  const from = async (run: string, changes: object = {}): Promise<RunConfig> => {
    const config = smallConfig(changes);
    return { ...config, start: warmStart(run, quadraticUnits.unitFor(config.experiment)) };
  };

  it("begins with the parameters that the other run ended with, and is a run like any other", async () => {
    const other = await newRun();
    const config = await from(other, { seed: 5 });
    expect(config.start).toMatchObject({ run: other, iteration: 12 });
    const whole = await train(config, join(emptyFolder(), "run"), options);
    const unit = quadraticUnits.unitFor(config.experiment);
    const evaluated = (root: string) =>
      readFileSync(join(root, "checkpoints/000000.json"), "utf8").includes('"evaluated": 0');
    expect(evaluated(whole.files.root)).toBe(true);
    expect(firstTheta(config, unit)).toEqual((await resume(other, options)).state.theta);

    const stopped = await train(config, join(emptyFolder(), "run"), { ...options, ...stoppedAfter(3) });
    await resume(stopped.files.root, options);
    expect(filesOf(stopped.files.root)).toEqual(filesOf(whole.files.root));
  });

  it("is refused where the other run is another by now, or none", async () => {
    const other = await newRun();
    const config = await from(other);
    writeFileSync(join(other, "config.json"), "{}");
    await expect(train(config, join(emptyFolder(), "run"), options)).rejects.toThrow(InputError);
    const wrong = { ...config, start: { ...config.start!, run: await newRun({ seed: 8 }) } };
    const folder = emptyFolder();
    await expect(train(wrong, join(folder, "run"), options)).rejects.toThrow(/the run was replaced/);
    expect(readdirSync(folder)).toEqual([]);
    await expect(from(emptyFolder())).rejects.toThrow(/no checkpoint yet/);
  });
});
