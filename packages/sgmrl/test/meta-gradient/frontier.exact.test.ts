/** How bias and variance move with the number of trajectories: exact, so that growth is growth. */
import { describe, expect, it } from "vitest";
import { moments } from "../../src/exact/moments.ts";
import { exactMaml, valueAndGradient } from "../../src/exact/objective.ts";
import { estimatorTable } from "../../src/meta-gradient/catalogue.ts";
import { maxAbsDifference, twoStateProblem } from "../support/exact-problems.ts";

const table = estimatorTable();
const counts = [1, 2, 3, 4, 5, 6];

function variances(name: string): number[] {
  return counts.map(
    (trajectories) => moments(twoStateProblem({ horizon: 1, trajectories }), [table[name]!])[0]!.variance,
  );
}

describe("variance against N at ζ = 1", () => {
  it("[eq:multiplier-raw] SG-MRL as published: grows by the same amount with each trajectory", () => {
    const all = variances("sgmrl");
    const growth = all.slice(1).map((v, i) => v - all[i]!);
    for (const step of growth) {
      expect(step).toBeGreaterThan(0.9 * growth.at(-1)!);
      expect(step).toBeLessThan(1.1 * growth.at(-1)!);
    }
    expect(all[5]!).toBeGreaterThan(4 * all[0]!);
  });

  it.each(["jackknife-next-step", "jackknife-whole-path", "jackknife-per-decision", "jackknife-linear"])(
    "[eq:multiplier-jackknife] %s: stays, at about that of MAML",
    (name) => {
      const maml = variances("maml");
      variances(name).forEach((v, i) => {
        expect(v).toBeLessThan(1.1 * maml[i]!);
      });
    },
  );

  it("[eq:jackknife-whole-path] for ζ = 1 the whole-path form is the next-step form", () => {
    const [a, b] = moments(twoStateProblem({ trajectories: 2 }), [
      table["jackknife-next-step"]!,
      table["jackknife-whole-path"]!,
    ]);
    expect(maxAbsDifference(a!.mean, b!.mean)).toBeLessThan(1e-15);
    expect(a!.variance).toBeCloseTo(b!.variance, 14);
  });

  it.each(["jackknife-whole-path", "jackknife-per-decision"])(
    "[eq:jackknife-whole-path] for ζ = 2 %s, which follows the whole path, is far quieter",
    (name) => {
      const problem = twoStateProblem({ horizon: 1, steps: 2, trajectories: 3 });
      const [nextStep, wholePath] = moments(problem, [table["jackknife-next-step"]!, table[name]!]);
      expect(wholePath!.variance).toBeLessThan(0.2 * nextStep!.variance);
    },
  );
});

describe("what is unbiased only as N → ∞", () => {
  it.each(["dice", "loaded-dice", "tmaml"])("%s: as 1/N towards the exact-gradient objective", (name) => {
    const distance = (trajectories: number): number => {
      const problem = twoStateProblem({ horizon: 1, trajectories, stepSize: 2 });
      const [found] = moments(problem, [table[name]!]);
      return maxAbsDifference(found!.mean, exactMaml(problem).gradient);
    };
    expect(distance(12) / distance(6)).toBeGreaterThan(0.4);
    expect(distance(12) / distance(6)).toBeLessThan(0.6);
  });

  it("maml: neither towards that nor towards ∇V", () => {
    const problem = twoStateProblem({ trajectories: 3, stepSize: 1 });
    const [found] = moments(problem, [table.maml!]);
    expect(maxAbsDifference(found!.mean, exactMaml(problem).gradient)).toBeGreaterThan(5e-3);
    expect(maxAbsDifference(found!.mean, valueAndGradient(problem).gradient)).toBeGreaterThan(5e-3);
  });

  it("[eq:multiplier-linear] the linearised score: a bias of second order in α", () => {
    const bias = (stepSize: number): number => {
      const problem = twoStateProblem({ trajectories: 2, stepSize });
      const [found] = moments(problem, [table.lsf!]);
      return maxAbsDifference(found!.mean, valueAndGradient(problem).gradient);
    };
    expect(bias(0.02) / bias(0.01)).toBeGreaterThan(3.5);
    expect(bias(0.02) / bias(0.01)).toBeLessThan(4.5);
  });

  it("[eq:multiplier-jackknife-linear] the linear jackknife: a bias of order α²/N, where lsf keeps one of order α", () => {
    const bias = (name: string, stepSize: number, trajectories: number): number => {
      const problem = twoStateProblem({
        horizon: 1,
        trajectories,
        stepSize,
        advantage: "standardised-gae",
      });
      const [found] = moments(problem, [table[name]!]);
      return maxAbsDifference(found!.mean, valueAndGradient(problem).gradient);
    };
    expect(bias("jackknife-linear", 0.02, 3) / bias("jackknife-linear", 0.01, 3)).toBeCloseTo(4, 0);
    expect(bias("lsf", 0.02, 3) / bias("lsf", 0.01, 3)).toBeCloseTo(2, 0);
    const halved = bias("jackknife-linear", 0.1, 8) / bias("jackknife-linear", 0.1, 4);
    expect(halved).toBeGreaterThan(0.4);
    expect(halved).toBeLessThan(0.6);
  });

  it("maml: a bias of first order in α", () => {
    const bias = (stepSize: number): number => {
      const problem = twoStateProblem({ trajectories: 2, stepSize });
      const [found] = moments(problem, [table.maml!]);
      return maxAbsDifference(found!.mean, valueAndGradient(problem).gradient);
    };
    expect(bias(0.02) / bias(0.01)).toBeCloseTo(2, 1);
  });
});
