/**
 * Question: a whole rollout with its policy as one program, by `scan`: what do it and its derivatives cost beside the rollout
 * that is driven from outside, step by step?
 *
 * 2-D navigation, 100 steps of 20 trajectories, a 100 x 100 network, float64.
 */

import {
  add,
  array,
  broadcastTo,
  compile,
  exp,
  hvp,
  matmul,
  mean,
  mul,
  type NdArray,
  type ScanOptions,
  scan,
  sum,
  tanh,
  valueAndGrad,
  vmap,
} from "@sgmrl/autodiff";
import { key } from "@sgmrl/autodiff/random";
import { wasm } from "@sgmrl/autodiff/wasm";
import { navigation2D } from "@sgmrl/envs";
import { createPolicy } from "../../../packages/sgmrl/src/policy/create-policy.ts";
import { logLikelihood } from "../../../packages/sgmrl/src/policy/log-likelihood.ts";
import { drawNoise, rollout } from "../../../packages/sgmrl/src/sampling/rollout.ts";
import { measure, standardBudget, type Timing } from "../support/measure.ts";

const trajectories = 20;
const horizon = 100;

type Network = Readonly<Record<string, NdArray>>;

export function rolloutProgram(quick: boolean): Timing[] {
  const environment = navigation2D({ terminates: false });
  const policy = createPolicy({ kind: "gaussian-mlp", hidden: [100, 100] }, environment);
  const theta = policy.initialize(key(1));
  const task = environment.family.sample(key(2));
  const noise = drawNoise(policy, key(3), trajectories, horizon);
  const model = logLikelihood(policy, { backend: wasm });
  const byHand = (): number => {
    const { rewards } = rollout(environment, task, policy, model, theta, noise);
    return rewards.reduce((total, reward) => total + reward) / trajectories;
  };

  const { step, parameters } = environment.differentiable!; // navigation has a program
  const goal = array([...parameters(task)]);
  const z = new Float64Array(horizon * trajectories * 2);
  noise.actions.forEach((draws, j) => {
    draws.forEach((value, i) => {
      z[(Math.floor(i / 2) * trajectories + j) * 2 + (i % 2)] = value;
    });
  });
  const draws = array(z, [horizon, trajectories, 2]);
  const network: Network = Object.fromEntries(
    policy.layout.blocks.map(({ name, shape, start, stop }) => [
      name,
      array(theta.slice(start, stop), shape),
    ]),
  );
  const move = vmap((s: NdArray, a: NdArray): [NdArray, NdArray] => {
    const { state, reward } = step(s, a, goal);
    return [state, reward];
  });
  const meanReturn =
    (options: ScanOptions) =>
    (net: Network, noises: NdArray): NdArray => {
      const layer = (x: NdArray, l: number): NdArray => add(matmul(x, net[`weight${l}`]!), net[`bias${l}`]!);
      const advance = (state: NdArray, draw: NdArray): [NdArray, NdArray] => {
        const action = add(layer(tanh(layer(tanh(layer(state, 1)), 2)), 3), mul(exp(net.logStd!), draw));
        return move(state, action);
      };
      return mean(sum(scan(advance, broadcastTo(0, [trajectories, 2]), noises, options)[1], 0));
    };
  const all = meanReturn({});
  const forward = compile(all);
  const reverse = compile((net: Network, noises: NdArray) => valueAndGrad(all)(net, noises));
  const checkpointed = compile((net: Network, noises: NdArray) =>
    valueAndGrad(meanReturn({ checkpoint: "sqrt" }))(net, noises),
  );
  const product = compile((net: Network, noises: NdArray) => hvp(all)(net, net, noises));

  // A wrong answer is not timed.
  const expected = byHand();
  for (const got of [forward(network, draws), reverse(network, draws)[0], checkpointed(network, draws)[0]]) {
    if (Math.abs(got.data[0]! - expected) > 1e-9 * Math.abs(expected)) {
      throw new Error(`the program's mean return is ${got.data[0]}, the rollout's ${expected}`);
    }
  }
  return measure(
    [
      { name: "rollout, driven step by step", run: byHand },
      { name: "program, forward", run: () => forward(network, draws) },
      { name: "program, value and gradient", run: () => reverse(network, draws) },
      { name: "program, value and gradient, checkpoints every √T", run: () => checkpointed(network, draws) },
      { name: "program, Hessian-vector product", run: () => product(network, draws) },
    ],
    quick ? { rounds: 3, turn: 30, warmUp: 100, warmUpCalls: 5 } : { ...standardBudget, rounds: 15 },
  );
}
