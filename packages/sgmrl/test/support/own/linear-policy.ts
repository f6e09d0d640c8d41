// A policy of one's own: a linear mean and a fixed standard deviation; the layout is all that differs from a Gaussian MLP.
import type { PolicyFactory } from "sgmrl";
import { createPolicy } from "sgmrl";

const linear: PolicyFactory = (environment, settings) =>
  createPolicy({ ...settings, kind: "gaussian-mlp", hidden: [], initialStd: 0.5 }, environment);

export default linear;
