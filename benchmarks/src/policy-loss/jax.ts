import { defaultDevice, grad, init, jit, jvp, numpy as np, valueAndGrad } from "@jax-js/jax";
import {
  type AsyncContender,
  type Contender,
  logTwoPiHalf,
  type Problem,
  type Task,
  type Tensor,
} from "./problem.ts";

type Array = np.Array;

/** jax-js counts references: a value used more than once is passed as `.ref` but for its last use. */
function loss(parameters: Array[], x: Array, a: Array, advantages: Array): Array {
  const layers = (parameters.length - 1) / 2;
  const logStd = parameters.at(-1)!;
  let h = x;
  for (let layer = 0; layer < layers; layer++) {
    const z = np.matmul(h, parameters[2 * layer]!).add(parameters[2 * layer + 1]!);
    h = layer === layers - 1 ? z : np.tanh(z);
  }
  const z = a.sub(h).div(np.exp(logStd.ref));
  const logProbability = np.square(z).mul(-0.5).sub(logStd.add(logTwoPiHalf)).sum(1);
  return logProbability.mul(advantages).mean().neg();
}

const tasks: Readonly<Record<Task, (p: Array[], v: Array[], x: Array, a: Array, r: Array) => Array[]>> = {
  forward: (p, v, x, a, r) => {
    for (const unused of v) unused.dispose();
    return [loss(p, x, a, r)];
  },
  gradient: (p, v, x, a, r) => {
    for (const unused of v) unused.dispose();
    const [value, gradient] = valueAndGrad((q: Array[]) => loss(q, x, a, r))(p) as [Array, Array[]];
    return [value, ...gradient];
  },
  hvp: (p, v, x, a, r) => {
    const gradient = grad((q: Array[]) => loss(q, x, a, r)) as (q: Array[]) => Array[];
    const [primal, product] = jvp(gradient, [p], [v]) as [Array[], Array[]];
    for (const unused of primal) unused.dispose();
    return product;
  },
};

type Device = "wasm" | "webgl" | "webgpu";

/** A task whose arrays lie on `device`, compiled. */
async function prepared(device: Device, problem: Problem, task: Task): Promise<() => Array[]> {
  if (!(await init(device)).includes(device)) throw new Error(`jax-js could not start its device ${device}`);
  defaultDevice(device);
  const own = ({ shape, values }: Tensor): Array => np.array(new Float32Array(values)).reshape([...shape]);
  const p = problem.parameters.map(own);
  const v = problem.direction.map(own);
  const [x, a, r] = [own(problem.observations), own(problem.actions), own(problem.advantages)];
  const f = jit(tasks[task]);
  return () => {
    defaultDevice(device); // several live in one process
    return f(
      p.map((y) => y.ref),
      v.map((y) => y.ref),
      x.ref,
      a.ref,
      r.ref,
    );
  };
}

export const jaxWasm: Contender = {
  name: "jax-js wasm",
  prepare: async (problem, task) => {
    const run = await prepared("wasm", problem, task);
    return () => run().map((y) => y.dataSync() as Float32Array); // float32 inputs give float32 results
  },
};

/** On the graphics card, whose results are read later. */
export function jaxOn(device: "webgl" | "webgpu"): AsyncContender {
  return {
    name: `jax-js ${device}`,
    prepare: async (problem, task) => {
      const run = await prepared(device, problem, task);
      return () => Promise.all(run().map((y) => y.data() as Promise<Float32Array>));
    },
  };
}
