// Where units run leaves no trace: every byte of a run is the same, for any number of workers.
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { parseConfig } from "../../src/config/parse-config.ts";
import { localEngine } from "../../src/execution/create-engine.ts";
import { resume } from "../../src/training/resume.ts";
import { train } from "../../src/training/train.ts";
import { emptyFolder, filesOf, quadraticUnits, smallConfig } from "../support/runs.ts";

it("writes the same bytes in threads as in this thread", async () => {
  const runs = await Promise.all(
    [0, 3].map(async (workers) => {
      const { files } = await train(smallConfig(), `${emptyFolder()}/run`, {
        workers,
        units: quadraticUnits,
      });
      return filesOf(files.root);
    }),
  );
  const [inline, ...threaded] = runs;
  expect(Object.keys(inline!)).toContain("checkpoints/000012.safetensors");
  expect(Object.keys(inline!)).toContain("metrics.jsonl");
  for (const run of threaded) expect(run).toEqual(inline);
});

it("writes the same bytes in this thread and with 1, 2 and 5 workers, with real units", async () => {
  const flags =
    "--iterations 2 --tasks 5 --inner-trajectories 3 --outer-trajectories 3 --horizon 8 --hidden 5 --final-tasks 4 --evaluate-tasks 3 --evaluate-steps 1";
  const words = flags.split(" ");
  const pairs = Array.from({ length: words.length / 2 }, (_, i) => [words[2 * i]!, words[2 * i + 1]!]);
  const config = parseConfig({ flags: Object.fromEntries(pairs) });
  expect(config.experiment).toMatchObject({ environment: "navigation-2d", backend: "wasm" });
  const runs: Record<string, string>[] = [];
  for (const workers of [0, 1, 2, 5]) {
    const { files } = await train(config, `${emptyFolder()}/run`, { workers });
    runs.push(filesOf(files.root));
  }
  for (const run of runs.slice(1)) expect(run).toEqual(runs[0]);
});

it("gives other bytes for another seed", async () => {
  const [one, other] = await Promise.all(
    [1, 2].map(async (seed) => {
      const { files } = await train(smallConfig({ seed }), `${emptyFolder()}/run`, {
        workers: 0,
        units: quadraticUnits,
      });
      return filesOf(files.root);
    }),
  );
  expect(one!["metrics.jsonl"]).not.toEqual(other!["metrics.jsonl"]);
});

it("passes on what a unit in a worker throws", async () => {
  const broken = {
    ...quadraticUnits,
    module: new URL(
      "data:text/javascript,export const unitFor = () => ({ evaluate() { throw new Error('no task') } })",
    ),
  };
  await expect(train(smallConfig(), `${emptyFolder()}/run`, { workers: 2, units: broken })).rejects.toThrow(
    "no task",
  );
});

it.each([
  ["that throws while it is loaded", "throw new Error('no such model')", "no such model"],
  ["that ends its thread", "process.reallyExit(3)", "a worker thread ended by itself, with exit code 3"],
  ["that calls process.exit", "process.exit(0)", "process.exit(0) was called before the command was done"],
  ["that makes no unit", "export const unitFor = () => { throw new Error('no backend') }", "no backend"],
])("rejects when a worker starts with a module %s", async (_, code, message) => {
  const broken = { ...quadraticUnits, module: new URL(`data:text/javascript,${code}`) };
  const training = train(smallConfig(), `${emptyFolder()}/run`, { workers: 2, units: broken });
  await expect(training).rejects.toThrow(message);
});

it("leaves no directory behind where the engine cannot be made, as with a broker that refuses", async () => {
  const directory = `${emptyFolder()}/run`;
  const engine = () => Promise.reject(new Error("wrong password"));
  await expect(train(smallConfig(), directory, { units: quadraticUnits, engine })).rejects.toThrow(
    "wrong password",
  );
  expect(existsSync(directory)).toBe(false);
});

it.each([-1, 1.5, Number.NaN])("refuses %d workers", async (workers) => {
  const training = train(smallConfig(), `${emptyFolder()}/run`, { units: quadraticUnits, workers });
  await expect(training).rejects.toThrow(/^workers: expected a whole number of at least 0/);
});

it("leaves a checkpoint where it fails, from which the run goes on to the same bytes", async () => {
  const options = { workers: 0, units: quadraticUnits };
  const directory = `${emptyFolder()}/run`;
  let rounds = 0;
  const failing = train(smallConfig(), directory, {
    ...options,
    engine: async ({ experiment }, unit) => {
      const engine = await localEngine(experiment, unit, quadraticUnits, 0);
      return {
        ...engine,
        contribute: (theta, tasks) =>
          rounds++ === 7 ? Promise.reject(new Error("no broker")) : engine.contribute(theta, tasks),
      };
    },
  });
  await expect(failing).rejects.toThrow("no broker");
  const left = ["checkpoints/000007.json", "checkpoints/000007.safetensors"];
  expect(Object.keys(filesOf(directory))).toEqual(expect.arrayContaining(left));
  await resume(directory, options);
  const undisturbed = await train(smallConfig(), `${emptyFolder()}/run`, options);
  const files = Object.entries(filesOf(directory)).filter(([path]) => !left.includes(path));
  expect(Object.fromEntries(files)).toEqual(filesOf(undisturbed.files.root));
});
