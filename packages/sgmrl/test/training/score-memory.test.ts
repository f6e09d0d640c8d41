// What a run remembers to choose the coefficient on its score term is part of its state, wherever its units run.
import { expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { resume } from "../../src/training/resume.ts";
import { readLines } from "../../src/training/store/run-directory.ts";
import { type TrainOptions, train } from "../../src/training/train.ts";
import { emptyFolder, filesOf } from "../support/runs.ts";

const config = parseConfig({
  file: {
    experiment: {
      estimator: { name: "jackknife-linear", scoreCoefficient: "auto" },
      inner: { trajectories: 3 },
      outer: { trajectories: 3 },
      policy: { hidden: [5] },
      horizon: 8,
    },
    iterations: 7,
    tasks: 5,
    taskSampling: "lattice",
    checkpointEvery: 2,
    evaluation: { every: 100, tasks: 2, finalTasks: 2, steps: 1 },
  },
});

it("[eq:score-coefficient] a run on lattices of tasks, interrupted and resumed elsewhere, ends with the same bytes", async () => {
  const whole = await train(config, `${emptyFolder()}/run`, { workers: 0 });
  const stop = new AbortController();
  const interrupted: TrainOptions = {
    workers: 3,
    signal: stop.signal,
    observer: { iteration: ({ iteration }) => void (iteration === 2 && stop.abort()) },
  };
  const directory = `${emptyFolder()}/run`;
  const first = await train(config, directory, interrupted);
  expect(first.status).toBe("interrupted");
  expect(first.state.iteration).toBe(3);
  expect(first.state.scoreMemory?.score).toHaveLength(first.state.theta.length);
  await resume(directory, { workers: 2 });
  expect(filesOf(directory)).toEqual(filesOf(whole.files.root));

  const chosen = readLines<{ scoreCoefficient: number }>(whole.files.metrics, () => "").lines.map(
    (line) => line.scoreCoefficient,
  );
  expect(chosen.slice(0, 2)).toEqual([0, 0]); // nothing to go by yet
  expect(chosen).toHaveLength(7);
  expect(chosen.some((c) => c > 0)).toBe(true);
  expect(chosen.every((c) => c >= 0 && c <= 1)).toBe(true);
});
