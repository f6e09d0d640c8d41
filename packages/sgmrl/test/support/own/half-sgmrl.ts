// An estimator of one's own: SG-MRL with its multipliers halved.
import { defineEstimator, type Estimator, estimators } from "sgmrl";

const { sgmrl } = estimators;
const half: Estimator = defineEstimator({
  ...sgmrl!,
  name: "half-sgmrl",
  unbiasedFor: "nothing in general",
  score: (at) => {
    const term = sgmrl!.score!(at);
    return "multipliers" in term ? { multipliers: term.multipliers.map((m) => m / 2) } : term;
  },
});

export default half;
