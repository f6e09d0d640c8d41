// Groups cover the tasks once; jobs that are no jobs are refused; groups add up to what single tasks do.

import { key, normal, split } from "@sgmrl/autodiff/random";
import type { TaskKey } from "@sgmrl/envs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { runGroup } from "../../../src/execution/distributed/group.ts";
import {
  groupJobSchema,
  groupName,
  groupsOf,
  jobId,
  sharedTheta,
} from "../../../src/execution/distributed/protocol.ts";
import { thetaBytes } from "../../../src/files/sha256.ts";
import type { Unit } from "../../../src/meta-gradient/unit.ts";
import { trainingKeys } from "../../../src/training/keys.ts";
import { treeSum } from "../../../src/tree-sum.ts";
import { unitFor } from "../../support/quadratic-unit.ts";
import { smallConfig } from "../../support/runs.ts";

const { experiment } = smallConfig();
const hash = "0".repeat(64);

function keysOf(tasks: number, seed: number) {
  return Array.from({ length: tasks }, (_, i) => {
    const [task, noise] = split(key(seed + i), 2);
    return { task: task!, noise: noise! };
  });
}

const size = fc.integer({ min: 0, max: 4 }).map((k) => 2 ** k);
const count = fc.integer({ min: 1, max: 40 });

it("groups cover each task once, in order, as valid jobs with names of their own", () => {
  fc.assert(
    fc.property(count, size, fc.nat(1000), (tasks, groupSize, offset) => {
      const keys = keysOf(tasks, 7);
      const jobs = groupsOf({ kind: "contribute" }, hash, keys, groupSize, offset);
      expect(jobs.flatMap((job) => job.keys)).toEqual(
        keys.map(({ task, noise }) => [task.k0, task.k1, noise.k0, noise.k1]),
      );
      expect(jobs.map(({ first }) => first)).toEqual(jobs.map((_, g) => offset + g * groupSize));
      expect(new Set(jobs.map(jobId)).size).toBe(jobs.length);
      expect(new Set(jobs.map(groupName)).size).toBe(jobs.length);
      for (const job of jobs) {
        expect(groupJobSchema.parse(JSON.parse(JSON.stringify(job)))).toEqual(job);
        expect(jobId(job)).not.toContain(":"); // BullMQ's own separator
      }
    }),
  );
});

it("sums of groups add up to the sum over tasks, bit for bit", () => {
  const unit = unitFor(experiment);
  const theta = Float64Array.of(0.1, -0.7, 2.3);
  fc.assert(
    fc.property(count, size, fc.nat(1000), (tasks, groupSize, seed) => {
      const keys = keysOf(tasks, seed);
      const results = keys.map(({ task, noise }) => unit.contribute(theta, task, noise));
      const blocks = groupsOf({ kind: "contribute" }, hash, keys, groupSize).flatMap((job) => {
        const result = runGroup(experiment, unit, theta, job);
        return result.kind === "contribute" ? result.blocks : [];
      });
      expect(treeSum(blocks.map(({ sum }) => sum.pathwise))).toEqual(
        treeSum(results.map(({ pathwise }) => pathwise)),
      );
      const returns = (values: readonly { readonly meanReturn: number }[]) =>
        treeSum(values.map(({ meanReturn }) => Float64Array.of(meanReturn)));
      expect(returns(blocks.map(({ sum }) => sum))).toEqual(returns(results));
    }),
  );
});

it("[eq:task-lattice] places on a lattice travel with their tasks", () => {
  const keys = trainingKeys({ seed: 3, tasks: 6, taskSampling: "lattice" }, 2);
  const seen: TaskKey[] = [];
  const unit = unitFor(experiment);
  const recording: Unit = {
    ...unit,
    contribute(theta, task, noise) {
      seen.push(task);
      return unit.contribute(theta, task, noise);
    },
  };
  for (const job of groupsOf({ kind: "contribute" }, hash, keys, 4))
    runGroup(
      experiment,
      recording,
      Float64Array.of(1, 2, 3),
      groupJobSchema.parse(JSON.parse(JSON.stringify(job))),
    );
  expect(seen).toEqual(keys.map(({ task }) => task));
  expect(seen[5]!.place).toEqual([5, 6]);
});

it("score terms that are put together later are summed in groups too", () => {
  const auto = { ...experiment, estimator: { name: "jackknife-linear", scoreCoefficient: "auto" as const } };
  const unit = unitFor(auto);
  const scored: Unit = {
    ...unit,
    contribute(theta, task, noise) {
      return { ...unit.contribute(theta, task, noise), score: normal(noise, 3) };
    },
  };
  const [job] = groupsOf({ kind: "contribute" }, hash, keysOf(4, 1), 4);
  const result = runGroup(auto, scored, Float64Array.of(1, 2, 3), job!);
  const scores = keysOf(4, 1).map(({ noise }) => normal(noise, 3));
  expect(result).toMatchObject({
    kind: "contribute",
    blocks: [{ tasks: 4, sum: { score: treeSum(scores) } }],
  });
});

it("groups stay apart where the estimator compares tasks", () => {
  const apart = { ...experiment, estimator: { name: "sgmrl-other-tasks" } };
  const [job] = groupsOf({ kind: "contribute" }, hash, keysOf(4, 1), 4);
  const result = runGroup(apart, unitFor(apart), Float64Array.of(1, 2, 3), job!);
  expect(result).toMatchObject({
    kind: "contribute",
    blocks: [{ tasks: 1 }, { tasks: 1 }, { tasks: 1 }, { tasks: 1 }],
  });
});

it("θ travels bit for bit", () => {
  fc.assert(
    fc.property(fc.array(fc.double()), (values) => {
      const theta = Float64Array.from(values);
      expect([...sharedTheta(thetaBytes(theta))]).toEqual([...theta]);
    }),
  );
});

it("refuses what is not a job", () => {
  const [job] = groupsOf({ kind: "contribute" }, hash, keysOf(1, 1), 1);
  for (const wrong of [
    { work: { kind: "exec" } },
    { keys: [] },
    { keys: [[1, 2, 3]] },
    { first: -1 },
    { round: "../x" },
    { command: "ls" },
  ])
    expect(groupJobSchema.safeParse({ ...job, ...wrong }).success).toBe(false);
});
