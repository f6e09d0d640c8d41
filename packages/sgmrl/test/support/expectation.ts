/** Expectations over every data set of an MDP. */
import type { Mdp } from "@sgmrl/envs";
import { addScaled } from "../../src/arithmetic.ts";
import { dataSets, trajectories } from "../../src/exact/enumerate.ts";
import { dataProbabilities } from "../../src/exact/histories.ts";
import type { TrajectoryBatch } from "../../src/trajectory.ts";

/** E f(D), D ~ q(θ)^n. */
export function expectation(
  mdp: Mdp,
  theta: Float64Array,
  n: number,
  f: (batch: TrajectoryBatch) => Float64Array,
): Float64Array {
  const sizes = { states: mdp.rewards.length, actions: mdp.rewards[0]!.length };
  const sets = dataSets(trajectories(mdp), mdp, sizes, n);
  const probabilities = dataProbabilities(mdp, sizes, sets)(theta);
  return sets
    .map(({ batch }) => f(batch))
    .reduce<Float64Array>(
      (sum, value, i) => addScaled(sum, probabilities[i]!, value),
      new Float64Array(f(sets[0]!.batch).length),
    );
}
