/**
 * A unit for tests of the run machinery: fast, pure, with the interface of the real one and none of its mathematics.
 * A task is a point c ~ N(0, 1)³, the return at θ is −|θ − c|²/2, an adaptation halves the distance to c.
 */
import { normal } from "@sgmrl/autodiff/random";
import type { Unit } from "../../src/meta-gradient/unit.ts";
import type { Experiment } from "../../src/settings.ts";

/** `horizon: 2` stands for a diverging run: its gradients overflow after a few iterations. */
export function unitFor({ horizon }: Experiment): Unit {
  const d = 3;
  const loss = (theta: Float64Array, c: Float64Array): number =>
    theta.reduce((sum, x, i) => sum + (x - c[i]!) ** 2 / 2, 0);
  const towards = (theta: Float64Array, c: Float64Array): Float64Array =>
    theta.map((x, i) => (x + c[i]!) / 2);
  return {
    parameterCount: d,
    parameters: [
      { name: "head", shape: [1, 2] },
      { name: "tail", shape: [1] },
    ],
    initialize: (key) => normal(key, d).map((x) => 3 * x),

    contribute(theta, taskKey, noiseKey) {
      const c = normal(taskKey, d);
      const noise = normal(noiseKey, d);
      const adapted = towards(theta, c);
      const scale = horizon === 2 ? 1e200 * Math.abs(theta[0]!) : 1;
      return {
        pathwise: adapted.map((x, i) => scale * ((c[i]! - x) / 2 + 0.1 * noise[i]!)),
        score: null,
        meanReturn: -loss(adapted, c),
        statistics: { preReturn: -loss(theta, c), postReturn: -loss(adapted, c) },
        seconds: { rollout: 1e-6, adapt: 1e-6, metaGradient: 1e-6 },
      };
    },

    evaluate(theta, taskKey, _noiseKey, steps) {
      const c = normal(taskKey, d);
      const returns = new Float64Array(steps + 1);
      let current = theta;
      for (let k = 0; k <= steps; k++) {
        returns[k] = -loss(current, c);
        current = towards(current, c);
      }
      return { task: [...c], returns };
    },
  };
}
