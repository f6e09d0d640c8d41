/** Which equations a browser can run, and with what. */

/** Equations whose primitive is called otherwise than they are. */
const otherNames: Readonly<Record<string, string>> = {
  broadcast: "broadcastTo",
  logsumexp: "logSumExp",
  "log-softmax": "logSoftmax",
  "log-determinant": "logDeterminant",
};

/** The primitive, or function with rules of its own, that an equation is about; it need not exist. */
export function primitiveOf(id: string): string {
  return otherNames[id] ?? id.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Estimators in which an equation of docs/math/estimators.md decides something. */
export const estimatorsOf: Readonly<Record<string, readonly string[]>> = {
  recursion: ["sgmrl", "maml"],
  "inner-step": ["sgmrl", "maml"],
  "curvature-hessian": ["maml", "fomaml"],
  "curvature-dice": ["dice", "maml"],
  "curvature-loaded-dice": ["loaded-dice", "dice"],
  "curvature-lvc": ["lvc", "dice"],
  "curvature-tmaml": ["tmaml", "dice"],
  "multiplier-raw": ["sgmrl"],
  "multiplier-mean": ["emaml", "sgmrl"],
  "multiplier-first-step": ["emaml-sum", "sgmrl"],
  "multiplier-reference-2021": ["reference-2021", "maml"],
  "multiplier-linear": ["lsf", "sgmrl"],
  "multiplier-leave-one-out": ["sgmrl-leave-one-out", "sgmrl"],
  "multiplier-other-tasks": ["sgmrl-other-tasks", "sgmrl"],
  "multiplier-jackknife": ["jackknife-next-step", "jackknife-per-decision", "sgmrl"],
  "jackknife-baseline": ["jackknife-per-decision", "jackknife-whole-path", "maml"],
  "jackknife-whole-path": ["jackknife-whole-path", "jackknife-next-step"],
  "multiplier-jackknife-linear": ["jackknife-linear", "lsf", "sgmrl"],
  "is-per-decision": ["jackknife-per-decision", "jackknife-whole-path"],
  "is-trajectory": ["jackknife-next-step", "sgmrl"],
  "exact-moments": ["sgmrl", "jackknife-per-decision", "maml"],
};
