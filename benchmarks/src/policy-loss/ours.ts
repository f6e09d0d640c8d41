import {
  type AsyncBackend,
  add,
  array,
  type Backend,
  compile,
  compileAsync,
  div,
  exp,
  type FloatDType,
  hvp,
  matmul,
  mean,
  mul,
  type NdArray,
  neg,
  reference,
  square,
  sub,
  sum,
  tanh,
  valueAndGrad,
} from "@sgmrl/autodiff";
import { createWasmBackend } from "@sgmrl/autodiff/wasm";
import {
  type AsyncContender,
  type Contender,
  logTwoPiHalf,
  type Problem,
  type Task,
  type Tensor,
} from "./problem.ts";

type Parameters = readonly NdArray[];

function loss(parameters: Parameters, x: NdArray, a: NdArray, advantages: NdArray): NdArray {
  const layers = (parameters.length - 1) / 2;
  const logStd = parameters.at(-1)!;
  let h = x;
  for (let layer = 0; layer < layers; layer++) {
    const z = add(matmul(h, parameters[2 * layer]!), parameters[2 * layer + 1]!);
    h = layer === layers - 1 ? z : tanh(z);
  }
  const z = div(sub(a, h), exp(logStd));
  const logProbability = sum(sub(mul(-0.5, square(z)), add(logStd, logTwoPiHalf)), 1);
  return neg(mean(mul(logProbability, advantages)));
}

type Arguments = [p: NdArray[], v: NdArray[], x: NdArray, a: NdArray, r: NdArray];

const tasks: Readonly<Record<Task, (...args: Arguments) => NdArray[]>> = {
  forward: (p, _v, x, a, r) => [loss(p, x, a, r)],
  gradient: (p, _v, x, a, r) => {
    const [value, gradient] = valueAndGrad((q: NdArray[]) => loss(q, x, a, r))(p);
    return [value, ...gradient];
  },
  hvp: (p, v, x, a, r) => hvp((q: NdArray[]) => loss(q, x, a, r))(p, v),
};

export function contenderOn(name: string, backend: Backend, dtype: FloatDType): Contender {
  return {
    name,
    prepare: async (problem, task) => {
      const f = compile(tasks[task], { backend });
      const args = argumentsOf(problem, dtype);
      return () => f(...args).map(({ data }) => data);
    },
  };
}

/** On a backend that gives its results later, in float32: WebGPU. */
export function asyncContenderOn(name: string, backend: AsyncBackend): AsyncContender {
  return {
    name,
    prepare: async (problem, task) => {
      const f = compileAsync(tasks[task], { backend });
      const args = argumentsOf(problem, "float32");
      return async () => (await f(...args)).map(({ data }) => data);
    },
  };
}

function argumentsOf(problem: Problem, dtype: FloatDType): Arguments {
  const FloatArray = dtype === "float64" ? Float64Array : Float32Array;
  const own = ({ shape, values }: Tensor): NdArray => array(new FloatArray(values), shape);
  const { parameters, direction, observations, actions, advantages } = problem;
  return [parameters.map(own), direction.map(own), own(observations), own(actions), own(advantages)];
}

export const oursFloat32: Contender = contenderOn("sgmrl wasm float32", createWasmBackend(), "float32");
export const oursFloat64: Contender = contenderOn("sgmrl wasm float64", createWasmBackend(), "float64");
/** The oracle every contender's numbers are checked against. */
export const oracle: Contender = contenderOn("sgmrl reference float64", reference, "float64");
