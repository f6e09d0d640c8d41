import { key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import {
  corner2D,
  type Environment,
  momentum2D,
  navigation2D,
  type PlanePicture,
  type State,
  walls2D,
} from "../../src/index.ts";

// Steps worked by hand from the definitions. Action 10 is the full bound (x10 scale), 100 is clipped to it.
const at = (...values: number[]): State => ({ values: Float64Array.from(values), key: key(0), time: 3 });

function stepFrom<Task>(environment: Environment<Task>, state: State, action: number[], task: Task) {
  const { state: next, reward, terminated } = environment.step(state, action, task);
  return { to: [...next.values], reward, terminated, time: next.time };
}

// [eq:navigation-2d]
describe("navigation2D", () => {
  const environment = navigation2D();

  it("starts at the origin", () => {
    expect([...environment.reset(key(5), { goal: [0.1, 0.1] }).values]).toEqual([0, 0]);
  });

  it("moves by a hundredth of the action, at most 0.1 per axis", () => {
    const result = stepFrom(environment, at(0, 0), [5, -100], { goal: [0.05, 0.2] });
    expect(result.to[0]).toBeCloseTo(0.05, 15);
    expect(result.to[1]).toBe(-0.1);
    expect(result.reward).toBeCloseTo(-0.3, 15);
    expect(result).toMatchObject({ terminated: false, time: 4 });
  });

  it("stays in the arena", () => {
    expect(stepFrom(environment, at(0.45, -0.5), [10, -10], { goal: [0, 0] }).to).toEqual([0.5, -0.5]);
  });

  it("ends when both coordinates are within 0.01 of the goal, and not when one is", () => {
    const goal = [0.1, 0.1] as const;
    expect(stepFrom(environment, at(0.092, 0.108), [0, 0], { goal }).terminated).toBe(true);
    expect(stepFrom(environment, at(0.1, 0.111), [0, 0], { goal }).terminated).toBe(false);
    expect(stepFrom(environment, at(0.089, 0.1), [0, 0], { goal }).terminated).toBe(false);
  });

  it("takes moves as actions when asked to", () => {
    const raw = navigation2D({ name: "raw", actionScale: 0.1, terminates: false });
    const result = stepFrom(raw, at(0, 0), [0.03, 0.5], { goal: [0.03, 0.1] });
    expect(result.to[0]).toBeCloseTo(0.03, 15);
    expect(result.to[1]).toBe(0.1);
    expect(result.terminated).toBe(false);
  });

  it("says which field of a task is wrong", () => {
    expect(() => environment.batch({ goal: [Number.NaN, 0] }, 1)).toThrow(
      "navigation-2d: task.goal must be 2 finite numbers; got [NaN,0]",
    );
  });
});

// [eq:corner-2d]
describe("corner2D", () => {
  const goal = [2, 2] as const;

  it("sparse: pays progress only outside the dead zone, and only nearest to the goal", () => {
    const environment = corner2D("sparse");
    // (1, 1) -> (1.2, 1): from the goal sqrt 2, then sqrt(0.64 + 1).
    const toward = stepFrom(environment, at(1, 1), [10, 0], { goal });
    expect(toward.to).toEqual([1.2, 1]);
    expect(toward.reward).toBeCloseTo(Math.SQRT2 - Math.sqrt(1.64), 14);
    // Away from it: progress is negative.
    expect(stepFrom(environment, at(1, 1), [-10, 0], { goal }).reward).toBeCloseTo(
      Math.SQRT2 - Math.sqrt(2.44),
      14,
    );
    // |x| + |y| = 0.45 < 1/2.
    expect(stepFrom(environment, at(0.05, 0.2), [10, 0], { goal }).reward).toBe(0);
    // (-2, 2) is nearer to (-0.8, 1).
    expect(stepFrom(environment, at(-1, 1), [10, 0], { goal }).reward).toBe(0);
    // (2, -2) is nearer to (1, -0.8).
    expect(stepFrom(environment, at(1, -1), [0, 10], { goal }).reward).toBe(0);
  });

  it("dense: minus the distance, or its square", () => {
    expect(stepFrom(corner2D("dense"), at(-1, -2), [0, 0], { goal }).reward).toBe(-5);
    expect(stepFrom(corner2D("dense-squared"), at(-1, -2), [0, 0], { goal }).reward).toBe(-25);
  });
});

// [eq:momentum-2d]
describe("momentum2D", () => {
  it("accelerates, then moves with the new velocity, at any speed", () => {
    const { to } = stepFrom(momentum2D("dense"), at(1, 1, 3, 0), [10, -100], { goal: [2, 2] });
    expect(to).toEqual([4.1, 0.9, 3.1, -0.1]);
  });

  it("pays by distance: sparse within 2 of the goal, dense everywhere", () => {
    const goal = [2, 2] as const;
    expect(stepFrom(momentum2D("sparse"), at(2, 0.5, 0, 0), [0, 0], { goal }).reward).toBe(0.5);
    expect(stepFrom(momentum2D("sparse"), at(-2, -2, 0, 0), [0, 0], { goal }).reward).toBe(0);
    expect(stepFrom(momentum2D("dense"), at(-1, -2, 0, 0), [0, 0], { goal }).reward).toBe(-5);
    expect(stepFrom(momentum2D("dense-squared"), at(-1, -2, 0, 0), [0, 0], { goal }).reward).toBe(-25);
  });
});

// [eq:walls-2d]
describe("walls2D", () => {
  const task = { goal: [2, 2], gap1: [0, 1], gap2: [0, -2] } as const;
  const dense = walls2D("dense");

  it("stops outward moves at a wall, and rewards the place where they stop", () => {
    const { to, reward } = stepFrom(dense, at(0.9, -0.3), [10, 0], task); // to radius 1.14, 1.7 from the gap
    expect(Math.hypot(...to)).toBeCloseTo(1, 5);
    expect(Math.hypot(...to)).toBeLessThan(1);
    expect(to[1]! / to[0]!).toBeCloseTo(-0.3 / 1.1, 12);
    expect(reward).toBe(-Math.sqrt((2 - to[0]!) ** 2 + (2 - to[1]!) ** 2)); // not that of (1.1, -0.3)
  });

  it("stops at the second wall too", () => {
    expect(Math.hypot(...stepFrom(dense, at(0, 1.9), [0, 10], task).to)).toBeCloseTo(2, 5);
  });

  it("lets through the gaps, and inwards anywhere", () => {
    expect(stepFrom(dense, at(0, 0.9), [0, 10], task).to).toEqual([0, 1.1]);
    expect(stepFrom(dense, at(0.5, -1.85), [0, -10], task).to[1]).toBeCloseTo(-2.05, 14);
    expect(stepFrom(dense, at(1.1, -0.1), [-10, 0], task).to[0]).toBeCloseTo(0.9, 14);
  });

  it("sparse: pays progress within 2 of the goal, 0 elsewhere", () => {
    const sparse = walls2D("sparse");
    const { to, reward } = stepFrom(sparse, at(1.2, 1.2), [10, 0], task); // outside wall 1, inside wall 2
    expect(to).toEqual([1.4, 1.2]);
    expect(reward).toBeCloseTo(Math.sqrt(1.28) - 1, 14);
    expect(stepFrom(sparse, at(-0.5, -0.5), [10, 0], task).reward).toBe(0);
  });

  it("has gaps on the circles of radius 1 and 2", () => {
    for (let seed = 0; seed < 50; seed++) {
      const { gap1, gap2 } = dense.family.sample(key(seed));
      expect(Math.hypot(...gap1)).toBeCloseTo(1, 14);
      expect(Math.hypot(...gap2)).toBeCloseTo(2, 14);
    }
  });
});

describe("pictures", () => {
  it("draw every task inside their bounds, with its goal", () => {
    for (const environment of [
      navigation2D(),
      corner2D("sparse"),
      momentum2D("sparse"),
      walls2D("dense"),
    ] as Environment[]) {
      const task = environment.family.sample(key(1));
      const { bounds, marks } = (environment.picture as PlanePicture).scene(task); // all four are points
      const [goal] = marks.filter(({ kind }) => kind === "goal");
      expect(goal).toMatchObject({ kind: "goal", x: (task as { goal: number[] }).goal[0] }); // all four have a goal
      for (const mark of marks) {
        if (mark.kind === "path") throw new Error("none draws a path");
        for (const [value, [low, high]] of [
          [mark.x, bounds.x],
          [mark.y, bounds.y],
        ] as const) {
          expect(value).toBeGreaterThanOrEqual(low);
          expect(value).toBeLessThanOrEqual(high);
        }
      }
    }
  });
});

it.each([
  ["corner-2d", corner2D],
  ["momentum-2d", momentum2D],
  ["walls-2d", walls2D],
] as const)("%s refuses an unknown reward", (name, environment) => {
  expect(() => environment("steep" as never)).toThrow(`${name}: reward must be one of sparse, dense`);
});
