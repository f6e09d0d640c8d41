import fc from "fast-check";
import { expect, it } from "vitest";
import { runs } from "../../../../vitest.fuzz.ts";
import { flatten } from "../../src/exact/table.ts";
import { tabularSoftmax } from "../../src/exact/tabular-softmax.ts";
import { categoricalMlp } from "../../src/policy/categorical-mlp.ts";
import { logLikelihood } from "../../src/policy/log-likelihood.ts";
import { enumeratedBatch, maxAbsDifference, problems } from "../support/exact-problems.ts";

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
