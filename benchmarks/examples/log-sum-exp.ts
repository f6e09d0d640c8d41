/** pnpm bench --case benchmarks/examples/log-sum-exp.ts: the gradient of Σ_r ln Σ_c exp x_rc, beside TensorFlow.js. */

import { array, compile, grad, logSumExp, type NdArray, sum } from "@sgmrl/autodiff";
import { createWasmBackend } from "@sgmrl/autodiff/wasm";
import * as tf from "@tensorflow/tfjs";
import type { OwnCase } from "../src/own-case.ts";
import "../src/policy-loss/tfjs.ts"; // where its wasm files lie

const [rows, columns] = [2000, 100];
const values = Float32Array.from({ length: rows * columns }, (_, i) => 3 * Math.sin(i));

const logSumExpGradient: OwnCase = {
  title: `gradient of logSumExp, ${rows} x ${columns}`,
  tolerance: 1e-4,
  contenders: [
    {
      name: "sgmrl wasm float32",
      prepare: () => {
        const f = compile(
          grad((x: NdArray) => sum(logSumExp(x, 1))),
          { backend: createWasmBackend() },
        );
        const x = array(values, [rows, columns]);
        return () => [f(x).data];
      },
    },
    {
      name: "tfjs-wasm",
      prepare: async () => {
        await tf.setBackend("wasm");
        const x = tf.tensor2d(values, [rows, columns]);
        const f = tf.grad((y: tf.Tensor) => tf.sum(tf.logSumExp(y, 1)));
        return () => [tf.tidy(() => f(x).dataSync())];
      },
    },
  ],
};

export default logSumExpGradient;
