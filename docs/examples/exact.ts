// Exact bias and variance, from a subpath that also runs in browsers.
import { estimators, gradient, moments, objective } from "sgmrl/exact";

// Two arms that pay 1 and 0; one step with α = 1 on two trajectories.
const problem = {
  tasks: [
    {
      weight: 1,
      mdp: { initial: [1], transitions: [[[1], [1]]], rewards: [[1, 0]], horizon: 1, discount: 1 },
    },
  ],
  theta: [[0, 0]],
  inner: { stepSize: 1, steps: 1, trajectories: 2 },
  outerTrajectories: 1,
};
const exact = gradient(problem);
console.log("V", objective(problem).toFixed(4), "∂V/∂θ_1", exact[0]!.toFixed(4));
const names = ["sgmrl", "jackknife-per-decision", "maml"];
const found = moments(
  problem,
  names.map((name) => estimators[name]!),
);
found.forEach(({ mean, variance }, i) => {
  const bias = Math.abs(mean[0]! - exact[0]!);
  console.log(
    names[i]!.padEnd(22),
    "bias",
    bias < 1e-15 ? "0" : bias.toFixed(4),
    "variance",
    variance.toFixed(4),
  );
});

//> V 0.6190 ∂V/∂θ_1 0.2330
//> sgmrl                  bias 0 variance 0.4743
//> jackknife-per-decision bias 0 variance 0.0645
//> maml                   bias 0.0578 variance 0.0576
