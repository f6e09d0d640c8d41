import { array, hvp, logSoftmax, type NdArray, reshape, sum } from "@sgmrl/autodiff";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectedReturns } from "../../src/exact/expected-return.ts";
import { tabularSoftmax } from "../../src/exact/tabular-softmax.ts";
import type { InnerUpdate } from "../../src/inner/adapt.ts";
import { surrogateWeights } from "../../src/inner/surrogate-weights.ts";
import {
  type Curvature,
  dice,
  loadedDice,
  lowVarianceCurvature,
  surrogateHessian,
  tamedDice,
} from "../../src/meta-gradient/curvature.ts";
import { rewardsToGo, type TrajectoryBatch } from "../../src/trajectory.ts";
import { eighths } from "../support/batch.ts";
import { maxAbsDifference, mdps } from "../support/exact-problems.ts";
import { expectation } from "../support/expectation.ts";

const sizes = { states: 2, actions: 2 };
const tables = fc.array(eighths, { minLength: 4, maxLength: 4 }).map((values) => Float64Array.from(values));
const cases = fc.record({
  mdp: mdps(2, 2, 3, 1),
  theta: tables,
  v: tables,
  N: fc.integer({ min: 1, max: 2 }),
});

function updateOf(discount: number): InnerUpdate {
  return {
    model: tabularSoftmax(sizes),
    stepSize: 1,
    discount,
    surrogate: (batch) =>
      surrogateWeights({ advantage: "reward-to-go", convention: "paper" }, batch, discount),
  };
}

function product(
  curvature: Curvature,
  update: InnerUpdate,
  theta: Float64Array,
  batch: TrajectoryBatch,
  v: Float64Array,
) {
  const surrogate = update.surrogate(batch);
  const weights = surrogate.rows();
  const objective = update.model.weighted(theta, batch, weights);
  return curvature(update, { theta, batch, weights, objective, surrogate }, v);
}

// A curvature that claims to be unbiased for ∇²J is: J by backward induction, differentiated twice.
describe.each([
  { name: "[eq:curvature-dice] DiCE", curvature: dice },
  { name: "[eq:curvature-loaded-dice] Loaded DiCE", curvature: loadedDice },
  { name: "[eq:curvature-tmaml] TMAML", curvature: tamedDice },
])("$name", ({ curvature }) => {
  it("is ∇²J v on average", () => {
    fc.assert(
      fc.property(cases, ({ mdp, theta, v, N }) => {
        const J = (logits: NdArray): NdArray =>
          sum(expectedReturns(reshape(logSoftmax(reshape(logits, [2, 2])), [1, 2, 2]), mdp, sizes));
        const exact = hvp(J)(array(theta), array(v)).data;
        const update = updateOf(mdp.discount);
        const found = expectation(mdp, theta, N, (batch) => product(curvature, update, theta, batch, v));
        expect(maxAbsDifference(found, exact)).toBeLessThan(1e-12);
      }),
    );
  });
});

// One batch, by the sums of their definitions on dense vectors: u = e_a − π in the block of the state.
describe("on one batch, against plain sums", () => {
  const theta = Float64Array.of(0.5, -0.25, 1, 0);
  const v = Float64Array.of(1, -0.5, 0.25, 2);
  const batch: TrajectoryBatch = {
    trajectories: 2,
    horizon: 3,
    lengths: Int32Array.of(3, 2),
    observations: Float64Array.of(1, 0, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0),
    actions: Float64Array.of(0, 1, 1, 0, 1, 0),
    rewards: Float64Array.of(1, -2, 4, 3, 0.5, 0),
  };
  const discount = 0.5;
  const update = updateOf(discount);
  const pi = [0, 1].map((s) => {
    const [x, y] = [Math.exp(theta[2 * s]!), Math.exp(theta[2 * s + 1]!)];
    return [x / (x + y), y / (x + y)];
  });
  const state = [0, 1, 0, 1, 1]; // of the five steps taken, rows 0 to 4
  const u = state.map((s, row) =>
    [0, 1, 2, 3].map((i) =>
      Math.floor(i / 2) !== s ? 0 : (i % 2 === batch.actions[row] ? 1 : 0) - pi[s]![i % 2]!,
    ),
  );
  /** ∇²ln π v = −(diag π − ππᵀ) v in the block of the state. */
  const hessian = state.map((s) => {
    const mean = pi[s]![0]! * v[2 * s]! + pi[s]![1]! * v[2 * s + 1]!;
    return [0, 1, 2, 3].map((i) => (Math.floor(i / 2) !== s ? 0 : -pi[s]![i % 2]! * (v[i]! - mean)));
  });
  const w = rewardsToGo(batch, discount).map((x) => x / 2);
  const dot = (x: readonly number[]): number => x.reduce((total, xi, i) => total + xi * v[i]!, 0);
  const combine = (terms: readonly (readonly [number, readonly number[]])[]): number[] =>
    [0, 1, 2, 3].map((i) => terms.reduce((total, [c, x]) => total + c * x[i]!, 0));

  it("[eq:curvature-hessian] Σ w ∇²ln π v", () => {
    const expected = combine(hessian.map((h, row) => [w[row]!, h] as const));
    expect(maxAbsDifference(product(surrogateHessian, update, theta, batch, v), expected)).toBeLessThan(
      1e-14,
    );
  });

  it("[eq:curvature-lvc] and Σ w u (u·v)", () => {
    const expected = combine([
      ...hessian.map((h, row) => [w[row]!, h] as const),
      ...u.map((x, row) => [w[row]! * dot(x), x] as const),
    ]);
    expect(maxAbsDifference(product(lowVarianceCurvature, update, theta, batch, v), expected)).toBeLessThan(
      1e-14,
    );
  });

  /** s_{<h}, the sum of u over the earlier steps of the trajectory. */
  const before = u.map((_, row) =>
    [0, 1, 2, 3].map((i) => u.slice(row < 3 ? 0 : 3, row).reduce((total, x) => total + x[i]!, 0)),
  );
  const diceTerms = [
    ...hessian.map((h, row) => [w[row]!, h] as const),
    ...u.map((x, row) => {
      const s = x.map((xi, i) => xi + before[row]![i]!);
      return [(discount ** (row % 3) * batch.rewards[row]! * dot(s)) / 2, s] as const;
    }),
  ];
  /** c [u (s_<·v) + s_< (u·v)] */
  const cross = (c: number, row: number) =>
    [[c * dot(before[row]!), u[row]!] as const, [c * dot(u[row]!), before[row]!] as const] as const;
  const others = w.map((_, row) => w[(row + 3) % 6]!); // of two trajectories; 0 where the other has ended

  it("[eq:curvature-dice] and Σ_h γ^h r_h s_h (s_h·v)/N", () => {
    const found = product(dice, update, theta, batch, v);
    expect(maxAbsDifference(found, combine(diceTerms))).toBeLessThan(1e-14);
  });

  it("[eq:curvature-loaded-dice] Σ A [∇²ln π + u uᵀ + u s_<ᵀ + s_< uᵀ] v", () => {
    const A = w.map((weight, row) => weight - others[row]!);
    const expected = combine([
      ...hessian.map((h, row) => [A[row]!, h] as const),
      ...u.flatMap((x, row) => [[A[row]! * dot(x), x] as const, ...cross(A[row]!, row)]),
    ]);
    expect(maxAbsDifference(product(loadedDice, update, theta, batch, v), expected)).toBeLessThan(1e-14);
  });

  it("[eq:curvature-tmaml] DiCE less Σ b [u (s_<·v) + s_< (u·v)]", () => {
    const expected = combine([...diceTerms, ...u.flatMap((_, row) => cross(-others[row]!, row))]);
    expect(maxAbsDifference(product(tamedDice, update, theta, batch, v), expected)).toBeLessThan(1e-14);
  });
});
