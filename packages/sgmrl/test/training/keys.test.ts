import { type Key, key } from "@sgmrl/autodiff/random";
import { heldOutTaskKey, trainingTaskKey } from "@sgmrl/envs";
import { expect, it } from "vitest";
import { heldOutKeys, initializationKey, trainingKeys } from "../../src/training/keys.ts";

it("no two draws of a run, or of runs of different seeds, share a key", () => {
  const keys: Key[] = [];
  for (const seed of [0, 1, 2]) {
    keys.push(initializationKey(seed));
    for (let iteration = 0; iteration < 6; iteration++)
      for (const { task, noise } of trainingKeys({ seed, tasks: 6 }, iteration)) keys.push(task, noise);
    for (const { task, noise } of heldOutKeys(seed, 6)) keys.push(task, noise);
  }
  expect(keys).toHaveLength(3 * (1 + 6 * 6 * 2 + 6 * 2));
  expect(new Set(keys.map(({ k0, k1 }) => `${k0} ${k1}`)).size).toBe(keys.length);
});

it("tasks come from the family's own key spaces, and more of them begin with the fewer", () => {
  const keys = (tasks: number) => trainingKeys({ seed: 5, tasks }, 3);
  expect(keys(4)[2]!.task).toEqual(trainingTaskKey(key(5), 3, 2));
  expect(heldOutKeys(5, 4)[2]!.task).toEqual(heldOutTaskKey(key(5), 2));
  expect(heldOutKeys(5, 9).slice(0, 4)).toEqual(heldOutKeys(5, 4));
  expect(keys(9).slice(0, 4)).toEqual(keys(4));
});

it("[eq:task-lattice] a lattice has one key and a place for each task; the noise is that of independent tasks", () => {
  const config = { seed: 5, tasks: 4 };
  const lattice = trainingKeys({ ...config, taskSampling: "lattice" }, 3);
  expect(lattice.map(({ task }) => task.place)).toEqual([0, 1, 2, 3].map((i) => [i, 4]));
  expect(new Set(lattice.map(({ task: { k0, k1 } }) => `${k0} ${k1}`)).size).toBe(1);
  expect(lattice.map(({ noise }) => noise)).toEqual(trainingKeys(config, 3).map(({ noise }) => noise));
  expect(trainingKeys({ ...config, taskSampling: "lattice" }, 4)[0]!.task).not.toEqual(lattice[0]!.task);
});
