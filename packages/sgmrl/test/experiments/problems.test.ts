import {
  assertMdp,
  corridorActions,
  corridorMdp,
  needleBandit,
  treasureCorridor,
  twoDoorsBandit,
} from "@sgmrl/envs";
import { describe, expect, it } from "vitest";
import { expectedReturn } from "../../src/exact/index.ts";
import { corridor, needle, rivals, twoDoors } from "../../src/experiments/problems.ts";

// [eq:corridor]
describe("corridorMdp", () => {
  const sizes = { states: 5, actions: 3 };
  /** ln π of a policy that always does the same. */
  const always = (action: (typeof corridorActions)[number]): Float64Array =>
    Float64Array.from({ length: 15 }, (_, i) => (corridorActions[i % 3] === action ? 0 : -1e9));

  it("pays 1 for going straight to the treasure, nothing for going the other way, the safe reward for camping", () => {
    const task = corridorMdp(2, 0.45, "left");
    assertMdp("corridor", task, sizes);
    expect(task.horizon).toBe(3);
    expect(expectedReturn(always("left"), task, sizes)).toBeCloseTo(1, 12);
    expect(expectedReturn(always("right"), task, sizes)).toBe(0);
    expect(expectedReturn(always("camp"), task, sizes)).toBeCloseTo(0.45, 12);
    const other = corridorMdp(2, 0.45, "right");
    expect(expectedReturn(always("right"), other, sizes)).toBeCloseTo(1, 12);
    expect(expectedReturn(always("left"), other, sizes)).toBe(0);
  });

  it("is found by the uniform policy with probability 3^−n", () => {
    const uniform = new Float64Array(15).fill(Math.log(1 / 3));
    expect(expectedReturn(uniform, corridorMdp(2, 0, "left"), sizes)).toBeCloseTo(1 / 9, 12);
  });

  it("is the environment of that name, with n = 2 and 0.45", () => {
    const environment = treasureCorridor();
    expect(environment.family.tasks).toEqual([
      { weight: 0.5, task: { end: "left" } },
      { weight: 0.5, task: { end: "right" } },
    ]);
    for (const end of ["left", "right"] as const)
      expect(environment.mdp!({ end })).toEqual(corridorMdp(2, 0.45, end));
    expect(() => environment.mdp!({ end: "up" as "left" })).toThrow(
      /task\.end must be "left" or "right"; got "up"/,
    );
  });

  it("makes problems of matching sizes", () => {
    expect(corridor(2, 0.45, { stepSize: 1, trajectories: 1 }).theta).toHaveLength(5);
    expect(rivals().tasks.map(({ weight }) => weight)).toEqual([1 / 2, 1 / 2]);
  });
});

// [eq:needle] [eq:two-doors]
it.each([
  ["the needle", needle(0.45, { stepSize: 1, trajectories: 1 }), needleBandit()],
  ["two doors", twoDoors(4 / 5, { stepSize: 1, trajectories: 1 }), twoDoorsBandit()],
] as const)("%s is the environment of that name", (_, problem, environment) => {
  const tasks = environment.family.tasks!;
  tasks.forEach(({ weight, task }, i) => {
    expect(problem.tasks[i]!.mdp).toEqual(environment.mdp!(task));
    expect(problem.tasks[i]!.weight).toBeCloseTo(weight, 12);
  });
  expect(problem.tasks).toHaveLength(tasks.length);
});
