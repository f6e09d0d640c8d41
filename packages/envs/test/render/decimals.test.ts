import { key } from "@sgmrl/autodiff/random";
import { expect, it } from "vitest";
import { decimals, drawTrajectory, findEnvironment } from "../../src/index.ts";

it("writes numbers with so many decimals, and no sign on what rounds to zero", () => {
  const cases: readonly (readonly [x: number, digits: number, text: string])[] = [
    [-0.004, 2, "0.00"],
    [-0, 1, "0.0"],
    [-0.4, 0, "0"],
    [-0.006, 2, "-0.01"],
    [-10, 0, "-10"],
    [-0.5, 1, "-0.5"],
    [0.126, 2, "0.13"],
  ];
  for (const [x, digits, text] of cases) expect(decimals(x, digits)).toBe(text);
});

it.each([
  ["half-cheetah-direction", { direction: 1 }, "x = 0.00 m"],
  ["navigation-2d", { goal: [0.25, 0.25] }, "(0.00, 0.00)"],
])("the captions of %s have none either", (name, task, caption) => {
  const environment = findEnvironment(name);
  const { values } = environment.reset(key(0), task);
  const state = values.map((value, i) => (i < 2 ? -0.001 : value));
  const { moments } = drawTrajectory(environment, { title: "", task, states: [state], actions: [] });
  expect(moments[0]!.caption).toBe(caption);
});
