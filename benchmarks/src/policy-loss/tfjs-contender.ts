import * as tf from "@tensorflow/tfjs";
import {
  type AsyncContender,
  type Contender,
  logTwoPiHalf,
  type Problem,
  type Task,
  type Tensor,
} from "./problem.ts";

/** Which functions a loss is built from. */
export interface Functions {
  tanh(x: tf.Tensor): tf.Tensor;
  exp(x: tf.Tensor): tf.Tensor;
  matMul(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D;
}

/** As a user writes it. */
export const asItComes: Functions = tf;

/**
 * tanh and exp whose derivatives are written in terms of x. TensorFlow.js 4.22 writes them in terms of the saved result,
 * which its tape does not connect to x, so that second derivatives come out wrong (measured: the Hessian-vector product of
 * this loss off by 30%). The second derivative of the versions here is right; the first one costs one more tanh.
 */
export const twiceDifferentiable: Functions = {
  tanh: withDerivative(
    (x) => tf.tanh(x),
    (x) => tf.sub(1, tf.square(twiceDifferentiable.tanh(x))),
  ),
  exp: withDerivative(
    (x) => tf.exp(x),
    (x) => twiceDifferentiable.exp(x),
  ),
  matMul: tf.matMul,
};

type Elementwise = (x: tf.Tensor) => tf.Tensor;

function withDerivative(f: Elementwise, derivative: Elementwise): Elementwise {
  return tf.customGrad((x, save) => {
    // customGrad passes its function the tensors it is called with, then the saver.
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => tf.mul(dy, derivative(saved[0]!));
    return { value: f(x as tf.Tensor), gradFunc };
  });
}

/**
 * As somebody writes it who knows the library. The gradient of `tf.matMul` asks for products of transposed operands,
 * which fall to a slow kernel on wasm; here the transposes are made first. And tanh keeps its result for both of its
 * derivatives: the slope 1 - y^2 is a function of its own, whose derivative is -2 y (1 - y^2).
 */
export const tuned: Functions = {
  matMul: (a, b) => {
    const product = tf.customGrad((x, y, save) => {
      const [left, right] = [x as tf.Tensor2D, y as tf.Tensor2D];
      (save as tf.GradSaveFunc)([left, right]);
      return {
        value: tf.matMul(left, right),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
          const [x, y] = saved as [tf.Tensor2D, tf.Tensor2D];
          const along = dy as tf.Tensor2D;
          return [tuned.matMul(along, tf.transpose(y)), tuned.matMul(tf.transpose(x), along)];
        },
      };
    });
    return product(a, b) as tf.Tensor2D;
  },
  tanh: (x) => {
    const function_ = tf.customGrad((x, save) => {
      const y = tf.tanh(x as tf.Tensor);
      (save as tf.GradSaveFunc)([x as tf.Tensor, y]);
      return {
        value: y,
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tanhSlope(saved[0]!, saved[1]!)),
      };
    });
    return function_(x);
  },
  exp: twiceDifferentiable.exp,
};

/** 1 - tanh(x)^2 from y = tanh(x), as a function of x. */
function tanhSlope(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const slope = tf.customGrad((_x, save) => {
    const value = tf.sub(1, tf.square(y));
    (save as tf.GradSaveFunc)([y, value]);
    const gradFunc = (dy: tf.Tensor, [y, slope]: tf.Tensor[]): tf.Tensor =>
      tf.mul(dy, tf.mul(tf.mul(-2, y!), slope!));
    return { value, gradFunc };
  });
  return slope(x);
}

function loss(
  { tanh, exp, matMul }: Functions,
  parameters: readonly tf.Tensor[],
  x: tf.Tensor2D,
  a: tf.Tensor2D,
  advantages: tf.Tensor1D,
): tf.Scalar {
  const layers = (parameters.length - 1) / 2;
  const logStd = parameters.at(-1)!;
  let h: tf.Tensor = x;
  for (let layer = 0; layer < layers; layer++) {
    const z = tf.add(
      matMul(h as tf.Tensor2D, parameters[2 * layer] as tf.Tensor2D),
      parameters[2 * layer + 1]!,
    );
    h = layer === layers - 1 ? z : tanh(z);
  }
  const z = tf.div(tf.sub(a, h), exp(logStd));
  const logProbability = tf.sum(tf.sub(tf.mul(-0.5, tf.square(z)), tf.add(logStd, logTwoPiHalf)), 1);
  return tf.neg(tf.mean(tf.mul(logProbability, advantages)));
}

/** TensorFlow.js has no forward mode, so its Hessian-vector product is the gradient of <gradient, v>. */
function results(
  task: Task,
  p: tf.Tensor[],
  v: tf.Tensor[],
  f: (...parameters: tf.Tensor[]) => tf.Scalar,
): tf.Tensor[] {
  if (task === "forward") return [f(...p)];
  if (task === "gradient") {
    const { value, grads } = tf.valueAndGrads(f)(p);
    return [value, ...grads];
  }
  const along = (...q: tf.Tensor[]): tf.Scalar =>
    tf
      .grads(f)(q)
      .map((g, i) => tf.sum(tf.mul(g, v[i]!)))
      .reduce((sum, term) => tf.add(sum, term)) as tf.Scalar; // sums are scalars
  return tf.grads(along)(p);
}

/** The outputs of a task on a backend, as tensors that the caller disposes of. */
async function prepared(
  backend: string,
  written: Written,
  { parameters, direction, observations, actions, advantages }: Problem,
  task: Task,
): Promise<() => tf.Tensor[]> {
  if (!(await tf.setBackend(backend)))
    throw new Error(`TensorFlow.js could not start its backend ${backend}`);
  const own = ({ shape, values }: Tensor): tf.Tensor => tf.tensor(new Float32Array(values), [...shape]);
  const p = parameters.map(own);
  const v = direction.map(own);
  const x = own(observations) as tf.Tensor2D;
  const a = own(actions) as tf.Tensor2D;
  const r = own(advantages) as tf.Tensor1D;
  const untuned = task === "hvp" ? twiceDifferentiable : asItComes;
  const functions = written === "tuned" ? tuned : untuned;
  const f = (...q: tf.Tensor[]): tf.Scalar => loss(functions, q, x, a, r);
  return () => {
    // All backends live in one process; the switch costs nothing measurable.
    void tf.setBackend(backend);
    return tf.tidy(() => results(task, p, v, f));
  };
}

type Written = "as it comes" | "tuned";
const nameOf = (backend: string, written: Written): string =>
  written === "tuned" ? `tfjs-${backend}, tuned` : `tfjs-${backend}`;

/** On a backend that has been registered: wasm by its package, where its files lie by `setWasmPaths`. */
export function tfjsContender(
  backend: "wasm" | "cpu" | "webgl",
  written: Written = "as it comes",
): Contender {
  return {
    name: nameOf(backend, written),
    prepare: async (problem, task) => {
      const run = await prepared(backend, written, problem, task);
      return () => {
        const outputs = run();
        const numbers = outputs.map((y) => y.dataSync());
        tf.dispose(outputs);
        return numbers;
      };
    },
  };
}

/** On WebGPU, whose results are read later: by @tensorflow/tfjs-backend-webgpu, which registers itself. */
export function tfjsWebgpu(written: Written = "as it comes"): AsyncContender {
  return {
    name: nameOf("webgpu", written),
    prepare: async (problem, task) => {
      const run = await prepared("webgpu", written, problem, task);
      return async () => {
        const outputs = run();
        const numbers = await Promise.all(outputs.map((y) => y.data()));
        tf.dispose(outputs);
        return numbers;
      };
    },
  };
}
