import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/training/evaluate-run.ts";
import { heldOutKey } from "../../src/training/keys.ts";
import { readParameters } from "../../src/training/store/checkpoint.ts";
import { readLines } from "../../src/training/store/run-directory.ts";
import { train } from "../../src/training/train.ts";
import { emptyFolder, quadraticUnits, smallConfig } from "../support/runs.ts";

const options = { workers: 0, units: quadraticUnits };

describe("evaluate", () => {
  it("gives what the run measured itself, at any of its checkpoints and with any workers", async () => {
    const config = smallConfig({ checkpointEvery: 4 });
    const { files } = await train(config, join(emptyFolder(), "run"), options);
    const { lines: own } = readLines<{ iteration: number; tasks: number; returns: object[] }>(
      files.evaluations,
      () => "",
    );
    expect(own.map(({ iteration }) => iteration)).toEqual([0, 4, 8, 12]);
    for (const { iteration: from, tasks, returns } of own) {
      const measured = await evaluate(files.root, { ...options, from, tasks, workers: from === 4 ? 2 : 1 });
      expect(measured).toEqual({ iteration: from, tasks, returns });
    }
  });

  it("evaluates the best θ on tasks by which it was not chosen", async () => {
    const { files, state } = await train(smallConfig(), join(emptyFolder(), "run"), options);
    const { iteration } = state.best!;
    const first = Math.max(smallConfig().evaluation.tasks, smallConfig().evaluation.finalTasks);
    const asked: unknown[] = [];
    const units = {
      ...quadraticUnits,
      unitFor: (experiment: Parameters<typeof quadraticUnits.unitFor>[0]) => {
        const unit = quadraticUnits.unitFor(experiment);
        const evaluate: typeof unit.evaluate = (theta, task, noise, steps) => {
          asked.push(task);
          return unit.evaluate(theta, task, noise, steps);
        };
        return { ...unit, evaluate };
      },
    };
    const best = (await evaluate(files.root, { ...options, units, from: "best", tasks: 3 }))!;
    const keys = [0, 1, 2].map((i) => heldOutKey(smallConfig().seed, first + i));
    expect(asked).toEqual(keys.map(({ task }) => task));
    const theta = readParameters(files.best, quadraticUnits.unitFor(smallConfig().experiment).parameters);
    expect(best.iteration).toBe(iteration);
    expect(theta.iteration).toBe(iteration);
  });

  it("says so where nothing has been evaluated yet, or the file of the best θ is damaged", async () => {
    const { files } = await train(smallConfig(), join(emptyFolder(), "run"), options);
    writeFileSync(files.best, "half of i");
    await expect(evaluate(files.root, { ...options, from: "best" })).rejects.toThrow(/best\.safetensors/);
    rmSync(files.best);
    await expect(evaluate(files.root, { ...options, from: "best" })).rejects.toThrow("has no checkpoint yet");
  });

  it.each([
    [{ tasks: 1 }, "tasks: expected a whole number of at least 2; got 1."],
    [{ tasks: 2.5 }, "tasks: expected a whole number of at least 2; got 2.5."],
    [{ tasks: Number.NaN }, "tasks: expected a whole number of at least 2; got NaN."],
    [{ steps: 0 }, "steps: expected a whole number of at least 1; got 0."],
    [{ workers: -1 }, "workers: expected a whole number of at least 0; got -1."],
  ])("refuses %o, by the name that it was given under", async (wrong, message) => {
    const { files } = await train(smallConfig(), join(emptyFolder(), "run"), options);
    await expect(evaluate(files.root, { ...options, ...wrong })).rejects.toThrow(message);
  });

  it("takes as many steps as it is told, and stops when it is", async () => {
    const { files } = await train(smallConfig(), join(emptyFolder(), "run"), options);
    expect((await evaluate(files.root, { ...options, tasks: 3, steps: 4 }))!.returns).toHaveLength(5);
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const { signal } = controller;
    expect(await evaluate(files.root, { ...options, tasks: 1000, signal, onProgress })).toBeUndefined();
  });
});
