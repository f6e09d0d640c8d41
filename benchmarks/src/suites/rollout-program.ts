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
import { assertAgrees, type Results } from "../support/agree.ts";
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

  const value = [[byHand()]];
  const [mean1, gradient] = reverse(network, draws);
  const [mean2, again] = checkpointed(network, draws);
  for (const got of [forward(network, draws), mean1, mean2])
    assertAgrees("the program's mean return", [got.data], value, 1e-9);
  assertAgrees("the gradient with checkpoints", numbersOf(again), numbersOf(gradient), 1e-9);
  // Along the direction of the product, θ itself.
  const h = 1e-5;
  const along = numbersOf(network).reduce((total, x, k) => total + dot(x, numbersOf(gradient)[k]!), 0);
  const slope = (f: (net: Network) => Results): Results =>
    f(scaled(network, 1 + h)).map((ahead, k) => {
      const behind = f(scaled(network, 1 - h))[k]!;
      return Array.from(ahead, (x, i) => (x - behind[i]!) / (2 * h));
    });
  assertAgrees(
    "the gradient",
    [[along]],
    slope((net) => [forward(net, draws).data]),
    1e-6,
  );
  assertAgrees(
    "the Hessian-vector product",
    numbersOf(product(network, draws)),
    slope((net) => numbersOf(reverse(net, draws)[1])),
    1e-6,
  );
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

/** By name: a compiled function orders the blocks in its own way. */
const numbersOf = (network: Network): Results =>
  Object.keys(network)
    .toSorted()
    .map((name) => network[name]!.data);

function scaled(network: Network, factor: number): Network {
  return Object.fromEntries(
    Object.entries(network).map(([name, { data, shape }]) => [
      name,
      array(
        Float64Array.from(data, (x) => factor * x),
        shape,
      ),
    ]),
  );
}

function dot(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]! * y[i]!;
  return total;
}
