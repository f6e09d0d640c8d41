import { array, compile, matmul } from "@sgmrl/autodiff";
import { wasm } from "@sgmrl/autodiff/wasm";
import fc from "fast-check";
import { expect, it } from "vitest";
import { dot } from "../../src/arithmetic.ts";
import { advantages } from "../../src/inner/advantage.ts";
import type { MatrixProduct } from "../../src/inner/combination.ts";
import { surrogateWeights } from "../../src/inner/surrogate-weights.ts";
import type { AdvantageName } from "../../src/settings.ts";
import { pick } from "../../src/trajectory.ts";
import { batches } from "../support/batch.ts";

const compiled = compile(matmul, { backend: wasm });
const multiply: MatrixProduct = (C, X, Q) =>
  compiled(array(C, [C.length / Q, Q]), array(X, [Q, X.length / Q])).data as Float64Array; // of its dtype

const names = Object.keys(advantages) as AdvantageName[]; // the keys of a record by name

// The weights of a part against those of a batch that never held the rest; many parts by products of matrices on wasm,
// to the bit. [eq:advantage-columns]
it.each(names)(
  "the weights of a part are those of its trajectories as a batch of their own: %s",
  (advantage) => {
    fc.assert(
      fc.property(
        batches,
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        fc.constantFrom("paper" as const, "timestep-mean" as const),
        fc.constantFrom(1, 0.9),
        (batch, keep, convention, discount) => {
          const settings = { advantage, convention, gaeLambda: 0.95 };
          const all = Array.from({ length: batch.trajectories }, (_, j) => j);
          const [kept, leftOut] = [all.filter((j) => keep[j]), all.filter((j) => !keep[j])];
          const found = surrogateWeights(settings, batch, discount);
          const weights = found.rows(leftOut);
          const alone =
            kept.length === 0
              ? new Float64Array(0)
              : surrogateWeights(settings, pick(batch, kept), discount).rows();
          const H = batch.horizon;
          for (const j of leftOut) expect(weights.subarray(j * H, (j + 1) * H)).toEqual(new Float64Array(H));
          kept.forEach((j, i) => {
            for (let h = 0; h < H; h++) expect(weights[j * H + h]!).toBeCloseTo(alone[i * H + h]!, 10);
          });
          const x = batch.rewards.map((reward, row) => reward + Math.sin(row));
          const [product] = found.products(x, [leftOut, []]);
          expect(product).toBeCloseTo(dot(weights, x), 6);
          const onWasm = surrogateWeights(settings, batch, discount, multiply);
          const each = [leftOut, [], ...all.map((j) => [j]), all];
          expect(onWasm.products(x, each)).toEqual(found.products(x, each));
        },
      ),
    );
  },
);
