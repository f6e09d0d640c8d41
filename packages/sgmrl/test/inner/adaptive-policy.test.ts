/** What a policy in use refuses to adapt to: actions that do not exist, parameters that are not its own. */
import { key } from "@sgmrl/autodiff/random";
import { describe, expect, it } from "vitest";
import { adaptivePolicy } from "../../src/inner/adaptive-policy.ts";
import { categoricalMlp } from "../../src/policy/categorical-mlp.ts";

const policy = categoricalMlp(2, 3, []);
const theta = policy.initialize(key(0));
const inner = { stepSize: 0.5, advantage: "reward-to-go", convention: "paper", discount: 1 } as const;
const adapted = (action: number): Float64Array =>
  adaptivePolicy(policy, theta, inner).adapt([
    { observations: [[1, 0]], actions: [[1]], rewards: [1] },
    { observations: [[0, 1]], actions: [[action]], rewards: [1] },
  ]).theta;

describe("a policy of three actions", () => {
  it.each([0, 1, 2])("moves towards action %s", (action) => {
    const moved = adapted(action).map((x, i) => x - theta[i]!);
    [0, 1, 2].forEach((a) => {
      expect(Math.sign(moved[3 + a]!)).toBe(a === action ? 1 : -1);
    });
  });

  it.each([3, 5, -1, 1.5, 1.999, Number.NaN])("refuses action %s, with episode and step", (action) => {
    expect(() => adapted(action)).toThrow(RangeError);
    const what = Number.isNaN(action) ? "finite numbers" : `a whole number from 0 to 2, got ${action}`;
    expect(() => adapted(action)).toThrow(`adapt: episode 1, step 0: the action: expected ${what}`);
  });

  it("refuses a θ of another length, and one that is not finite", () => {
    for (const wrong of [new Float64Array(5), new Float64Array(8)])
      expect(() => adaptivePolicy(policy, wrong, inner)).toThrow(
        `adaptivePolicy: theta: expected 6 numbers, got ${wrong.length}`,
      );
    const infinite = theta.map((x, i) => (i === 4 ? Number.POSITIVE_INFINITY : x));
    expect(() => adaptivePolicy(policy, infinite, inner)).toThrow("element 4 is Infinity");
  });
});
