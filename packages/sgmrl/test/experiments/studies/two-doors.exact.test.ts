// [eq:two-doors] Where exactness itself decides. Expected figures: an independent search with other code, three digits.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gradient } from "../../../src/exact/index.ts";
import { moments } from "../../../src/exact/moments.ts";
import { objective } from "../../../src/exact/objective.ts";
import { twoDoors } from "../../../src/experiments/problems.ts";
import {
  attractors,
  best,
  type DoorsSetting,
  slope,
} from "../../../src/experiments/studies/two-doors/attractors.ts";
import { threeDoors } from "../../../src/experiments/studies/two-doors/two-doors.ts";
import { findEstimator } from "../../../src/meta-gradient/catalogue.ts";

const setting: DoorsSetting = { w: 0.8, stepSize: 10, trajectories: 4 };

describe("two doors, w = 0.8, N = 4, α = 10", () => {
  it.each(["sgmrl", "jackknife-per-decision", "emaml-sum"])(
    "%s reaches 0.938 by trying both, from wherever a step can change the door",
    (name) => {
      const [reached, ...others] = attractors(name, setting);
      expect(Math.abs(reached!.value - 0.938)).toBeLessThan(6e-4);
      expect(Math.abs(reached!.first - 0.526)).toBeLessThan(6e-4);
      // Beyond some 9 logits no step leads to the other door any more, and trying both is worth nothing.
      for (const { first } of others) expect(first).toBeGreaterThan(0.9999);
      for (let x = -14; x <= 8; x += 0.25)
        if (Math.abs(x - 0.105) > 0.2) expect(slope(name, setting, x) > 0, `x = ${x}`).toBe(x < 0.105);
    },
  );

  it.each(["jackknife-linear", "lsf", "dice", "loaded-dice", "tmaml", "lvc", "emaml", "maml", "fomaml"])(
    "%s ends at 0.800, which is what not adapting earns",
    (name) => {
      expect(Math.abs(best(name, setting).value - 0.8)).toBeLessThan(6e-4);
    },
  );

  it("with two steps on N = 2 the exact estimator reaches 0.881, the others 0.800", () => {
    const two = { ...setting, trajectories: 2, steps: 2 };
    expect(Math.abs(best("sgmrl", two).value - 0.881)).toBeLessThan(6e-4);
    for (const name of ["jackknife-linear", "lvc", "loaded-dice", "emaml", "emaml-sum", "maml"])
      expect(Math.abs(best(name, two).value - 0.8)).toBeLessThan(6e-4);
  });

  it("where steps are small, first-order corrections are as good", () => {
    const small = { ...setting, stepSize: 2 };
    const first = Math.max(...["jackknife-linear", "loaded-dice"].map((name) => best(name, small).value));
    expect(best("sgmrl", small).value - first).toBeLessThan(1e-3);
    expect(best("sgmrl", small).value - first).toBeGreaterThan(0);
  });

  it("at p = 0.62 the signs of the means differ", () => {
    const x = Math.log(0.62 / 0.38);
    const names = ["sgmrl", "jackknife-linear", "emaml"];
    const means = moments(
      twoDoors(0.8, setting, x),
      names.map((name) => findEstimator(name)),
    );
    expect(means.map(({ mean }) => Math.sign(mean[0]!))).toEqual([-1, 1, 1]);
  });
});

// The closed forms of docs/math, derived by hand, against the code of training on every data set.
describe("[eq:two-doors-fields] what each mean follows after steps that commit", () => {
  it.each([
    ["sgmrl", 1],
    ["jackknife-per-decision", 1],
    ["emaml", "1/N"],
    ...["maml", "jackknife-linear", "lsf", "dice", "loaded-dice", "tmaml", "lvc"].map(
      (name): [string, number] => [name, 0],
    ),
  ] as [string, number | "1/N"][])("%s, c = %s", (name, share) => {
    const positions = fc.double({ min: -1.5, max: 1.5, noNaN: true });
    const sizes = fc.constantFrom<[N: number, steps: number]>([4, 1], [3, 1], [2, 2]);
    fc.assert(
      fc.property(positions, fc.double({ min: 0.55, max: 0.9, noNaN: true }), sizes, (x, w, [N, steps]) => {
        const p = 1 / (1 + Math.exp(-x));
        const q = 1 - p;
        const U = p ** N + q ** N;
        const slopeOfU = N * (p ** (N - 1) - q ** (N - 1));
        const c = share === "1/N" ? 1 / N : share;
        const bracket = (2 * w - 1) * U - c * steps * slopeOfU * ((1 - w) * p + w * q);
        const found = slope(name, { w, stepSize: 80, trajectories: N, steps }, x);
        // dx = dθ_0 − dθ_1 counts twice.
        expect(Math.abs(found - 2 * p * q * U ** (steps - 1) * bracket)).toBeLessThan(1e-9);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ["sgmrl", 4, 1, 0.5262, 0.9385],
    ["sgmrl", 2, 2, 0.5861, 0.8812],
    ["emaml", 2, 3, 0.625, 0.9363],
  ] as const)(
    "%s, N = %i, ζ = %i: the attractor inside is the zero of the bracket",
    (name, N, steps, p, V) => {
      const found = best(name, { ...setting, trajectories: N, steps });
      expect(Math.abs(found.first - p)).toBeLessThan(2e-4); // at α = 10, not at ∞
      expect(Math.abs(found.value - V)).toBeLessThan(2e-4);
    },
  );

  it("with three steps E-MAML comes close: 0.936 of 0.939; first-order corrections do not", () => {
    const three = { ...setting, trajectories: 2, steps: 3 };
    expect(Math.abs(best("sgmrl", three).value - 0.939)).toBeLessThan(6e-4);
    expect(Math.abs(best("emaml", three).value - 0.936)).toBeLessThan(6e-4);
    expect(Math.abs(best("jackknife-linear", three).value - 0.8)).toBeLessThan(6e-4);
  });
});

// As α → ∞ a step on mixed data commits to the door that paid, one on unmixed data does not move:
// V = 1 − U^ζ (1 − J), U = p^N + q^N, J = w p + (1 − w) q.
it("V at a very large step is that of committing on mixed data", () => {
  const cases = fc.record({
    w: fc.double({ min: 0.5, max: 0.95, noNaN: true }),
    x: fc.double({ min: -3, max: 3, noNaN: true }),
    N: fc.integer({ min: 2, max: 5 }),
    steps: fc.integer({ min: 1, max: 2 }),
  });
  fc.assert(
    fc.property(cases, ({ w, x, N, steps }) => {
      const p = 1 / (1 + Math.exp(-x));
      const U = p ** N + (1 - p) ** N;
      const J = w * p + (1 - w) * (1 - p);
      const V = objective(twoDoors(w, { stepSize: 500, trajectories: N, steps }, x));
      expect(Math.abs(V - (1 - U ** steps * (1 - J)))).toBeLessThan(1e-9);
    }),
    { numRuns: 40 },
  );
});

it("SG-MRL's mean is ∇V here, too", () => {
  const problem = twoDoors(0.8, setting, 0.3);
  const [{ mean } = { mean: new Float64Array(0) }] = moments(problem, [findEstimator("sgmrl")]);
  gradient(problem).forEach((g, i) => {
    expect(Math.abs(mean[i]! - g)).toBeLessThan(1e-12);
  });
});

describe("three doors, w = 0.6, α = 10, from the uniform policy", () => {
  const reached = (name: string, trajectories: number): number =>
    threeDoors(name, { w: 0.6, trajectories, stepSize: 10 }, [[0, 0, 0]]).value;

  it("with N = 3 only the exact mean and E-MAML's lead away from the first door", () => {
    expect(reached("sgmrl", 3)).toBeGreaterThan(0.79);
    expect(reached("emaml", 3)).toBeGreaterThan(0.79);
    for (const name of ["lvc", "maml"]) expect(reached(name, 3), name).toBeLessThan(0.61);
  });

  it("with N = 4 first-order corrections come close", () => {
    const [exact, lvc, maml] = ["sgmrl", "lvc", "maml"].map((name) => reached(name, 4)) as [
      number,
      number,
      number,
    ];
    expect(exact - lvc).toBeGreaterThan(0.005);
    expect(exact - lvc).toBeLessThan(0.02);
    expect(exact - maml).toBeGreaterThan(0.2);
  });
});
