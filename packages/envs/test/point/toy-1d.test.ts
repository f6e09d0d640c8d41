import { key } from "@sgmrl/autodiff/random";
import { expect, it } from "vitest";
import { toy1D } from "../../src/index.ts";

const environment = toy1D();
const start = environment.reset(key(0), { goal: 1 });

// [eq:toy-1d]
it("jumps to the action, clipped to ±2, and pays by the distance to the goal", () => {
  const { state, reward } = environment.step(start, 0.5, { goal: 1 });
  expect([...state.values]).toEqual([0.5]);
  expect(reward).toBeCloseTo(Math.exp(-0.025), 15);
  expect([...environment.step(start, -7, { goal: 1 }).state.values]).toEqual([-2]);
  expect(environment.step(start, -7, { goal: 1 }).reward).toBeCloseTo(Math.exp(-0.9), 15);
});

it("has two tasks, and starts between -2 and 2", () => {
  expect(environment.family.tasks?.map(({ task }) => task.goal)).toEqual([-1, 1]);
  const starts = Array.from(
    { length: 1000 },
    (_, seed) => environment.reset(key(seed), { goal: 1 }).values[0]!,
  );
  expect(Math.min(...starts)).toBeGreaterThanOrEqual(-2);
  expect(Math.min(...starts)).toBeLessThan(-1.9); // a miss has probability 0.975^1000 = 1e-11
  expect(Math.max(...starts)).toBeGreaterThan(1.9);
});
