import fc from "fast-check";
import { expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import { sizesOf } from "../../src/exact/problem.ts";
import { flatten } from "../../src/exact/table.ts";
import { tabularSoftmax } from "../../src/exact/tabular-softmax.ts";
import { categoricalMlp } from "../../src/policy/categorical-mlp.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import { isStep } from "../../src/trajectory.ts";
import { enumeratedBatch, maxAbsDifference, problems, rareProblems } from "../support/exact-problems.ts";

it("[eq:tabular-softmax] the closed form of enumerations equals the differentiated one of training", () => {
  const compiled = new Map<string, ReturnType<typeof logLikelihood>>();
  const seeds = fc.integer({ min: 0, max: 1000 });
  fc.assert(
    fc.property(problems(400), seeds, (problem, seed) => {
      const [S, A] = [problem.theta.length, problem.theta[0]!.length];
      const trained = compiled.get(`${S},${A}`) ?? logLikelihood(categoricalMlp(S, A, []));
      compiled.set(`${S},${A}`, trained);
      const closed = tabularSoftmax({ states: S, actions: A });

      const theta = flatten(problem.theta);
      const batch = enumeratedBatch(problem, seed);
      const w = batch.rewards.map((r, row) => r + row - 1);
      const u = w.map((x, row) => x * Math.cos(row));
      const v = theta.map((_, i) => Math.sin(seed + i));
      const scale = 1 + w.reduce((sum, x) => sum + Math.abs(x), 0);
      const pairs = [
        [closed.logProbability(theta, batch), trained.logProbability(theta, batch)],
        [closed.tangent(theta, batch, v), trained.tangent(theta, batch, v)],
        [closed.gradient(theta, batch, w), trained.gradient(theta, batch, w)],
        [closed.gradients(theta, batch, [w, u])[1]!, trained.gradients(theta, batch, [w, u])[1]!],
        [closed.hessianProduct(theta, batch, w, v), trained.hessianProduct(theta, batch, w, v)],
        [closed.at(theta)(batch.observations), trained.at(theta)(batch.observations)],
      ] as const;
      for (const [x, y] of pairs) expect(maxAbsDifference(x, y)).toBeLessThan(1e-14 * scale);
    }),
    { numRuns: runs(200) },
  );
});

// Training's policy sees the K features of a state where the closed form sees its number.
it("[eq:linear-softmax] the closed form with features equals training's policy that observes the features", () => {
  const trained = logLikelihood(categoricalMlp(1, 2, []));
  const shared = rareProblems(700).filter(({ features }) => features?.[0]?.length === 1);
  fc.assert(
    fc.property(shared, fc.integer({ min: 0, max: 1000 }), (problem, seed) => {
      const closed = tabularSoftmax(sizesOf(problem));
      const theta = flatten(problem.theta);
      const batch = enumeratedBatch(problem, seed);
      const S = problem.features!.length;
      const observations = batch.actions.map((_, row) =>
        problem.features!.reduce((sum, [phi], s) => sum + phi! * batch.observations[row * S + s]!, 0),
      );
      const seen = { ...batch, observations };
      const steps = batch.actions.map((_, row) => (isStep(batch, row) ? 1 : 0));
      const w = batch.rewards.map((r, row) => steps[row]! * (r + row - 1));
      const v = theta.map((_, i) => Math.sin(seed + i));
      const scale = 1 + w.reduce((sum, x) => sum + Math.abs(x), 0);
      const ofSteps = (values: Float64Array): Float64Array => values.map((x, row) => x * steps[row]!);
      const pairs = [
        [closed.logProbability(theta, batch), ofSteps(trained.logProbability(theta, seen))],
        [closed.tangent(theta, batch, v), ofSteps(trained.tangent(theta, seen, v))],
        [closed.gradient(theta, batch, w), trained.gradient(theta, seen, w)],
        [closed.hessianProduct(theta, batch, w, v), trained.hessianProduct(theta, seen, w, v)],
      ] as const;
      for (const [x, y] of pairs) expect(maxAbsDifference(x, y)).toBeLessThan(1e-14 * scale);
    }),
    { numRuns: runs(200) },
  );
});
