// Where units run leaves no trace: every byte of a run is the same, for any number of workers.
import { expect, it } from "vitest";
import { train } from "../../src/run/train.ts";
import { emptyFolder, filesOf, quadraticUnits, smallConfig } from "../support/runs.ts";

it("writes the same bytes with 1, 2, 3 and 5 workers", async () => {
  const runs = await Promise.all(
    [1, 2, 3, 5].map(async (workers) => {
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

it("gives other bytes for another seed", async () => {
  const [one, other] = await Promise.all(
    [1, 2].map(async (seed) => {
      const { files } = await train(smallConfig({ seed }), `${emptyFolder()}/run`, {
        workers: 1,
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
      "data:text/javascript,export const createUnit = () => ({ evaluate() { throw new Error('no task') } })",
    ),
  };
  await expect(train(smallConfig(), `${emptyFolder()}/run`, { workers: 2, units: broken })).rejects.toThrow(
    "no task",
  );
});
