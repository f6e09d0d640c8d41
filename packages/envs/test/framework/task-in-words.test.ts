/** Tasks in words: as their environment words them, and else as data, whatever their fields are called. */
import { key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import {
  checkEnvironment,
  drawTrajectory,
  type Environment,
  environments,
  findEnvironment,
  taskInWords,
  toy1D,
} from "../../src/index.ts";

describe("a task of one's own is given as data", () => {
  it.each<[unknown, string]>([
    [{ mark: 1 }, "mark 1"],
    [{ mark: 0.123456, side: "left" }, 'mark 0.123; side "left"'],
    [{ goal: [1, 2, 3] }, "goal [1,2,3]"],
    [{ goal: "red" }, 'goal "red"'],
    [{ goal: null }, "goal null"],
    [{ transitions: [] }, "transitions []"],
    [{ rewards: [] }, "rewards []"],
    [{ means: [] }, "means []"],
    [{ direction: "north" }, 'direction "north"'],
    [{ place: { x: 1, y: 2 } }, 'place {"x":1,"y":2}'],
    [{ table: Array(200).fill(1) }, `table [${"1,".repeat(79)}1…`],
    [{}, ""],
    [[1, 2], "[1,2]"],
    [3, "3"],
    ["north", '"north"'],
    [null, "null"],
  ])("%j", (task, words) => {
    expect(taskInWords({ name: "own" }, task)).toBe(words);
  });
});

describe("the environments here have words of their own for", () => {
  it.each<[string, unknown, string]>([
    ["half-cheetah-direction", { direction: -1 }, "backward"],
    ["hopper-v5", { direction: 1 }, "forward"],
    ["walker2d-velocity", { velocity: 1.23456 }, "at 1.23 m/s"],
    ["ant-direction-2d", { heading: [0, 1] }, "at 90° from the x axis"],
    ["ant-direction-2d", { heading: [1, -1e-9] }, "at 0° from the x axis"],
    ["ant-goal", { goal: [1.5, -2] }, "to (1.5, -2)"],
    ["navigation-2d", { goal: [0.25, 0] }, "to (0.25, 0)"],
    ["corner-2d", { goal: [2, -2] }, "to (2, -2)"],
    ["momentum-2d", { goal: [2, 2] }, "to (2, 2)"],
    [
      "walls-2d",
      { goal: [2, 2], gap1: [-0.98, 0.198], gap2: [0, 2] },
      "to (2, 2) through gaps at (-0.98, 0.198) and (0, 2)",
    ],
    ["toy-1d", { goal: -1 }, "near -1"],
    ["needle-bandit", { means: [1, 0, 0.45, 0.45] }, "the arms pay 1, 0, 0.45, 0.45 on average"],
    [
      "bernoulli-bandit-50",
      { means: Array.from({ length: 50 }, (_, i) => i / 50) },
      "the arms pay between 0 and 0.98 on average",
    ],
    ["corridor", { end: "left" }, "the treasure is at the left end"],
  ])("%s", (name, task, words) => {
    expect(taskInWords(findEnvironment(name), task)).toBe(words);
  });

  it.each(Object.values(environments))("every task of $name", (environment) => {
    const words = taskInWords(environment, environment.family.sample(key(0)));
    expect(words).not.toMatch(/[[\]{}"]|NaN|undefined|Infinity/);
    expect(words).not.toBe("");
  });
});

it("words that are no text are refused, by checkEnvironment too", () => {
  const silent: Environment = { ...toy1D(), inWords: () => undefined as never } as Environment;
  const refused = "toy-1d: inWords(task) must be a text; got undefined";
  expect(() => taskInWords(silent, { goal: 1 })).toThrow(refused);
  expect(() => checkEnvironment(silent)).toThrow(refused);
});

it("nor does a drawing of numbers guess at a goal", () => {
  const states = [Float64Array.of(0)];
  expect(
    drawTrajectory(toy1D() as Environment, { title: "", task: { goal: 1 }, states, actions: [] }).goals,
  ).toEqual([]);
});
