/** The gradient of backend.test.ts, computed in a worker thread. */
import { parentPort } from "node:worker_threads";
import { wasm } from "../../../../src/backends/wasm/index.ts";
import { array, compile, grad, matmul, type NdArray, sum, tanh } from "../../../../src/index.ts";

const gradient = compile(
  grad((w: NdArray, x: NdArray) => sum(tanh(matmul(x, w)))),
  { backend: wasm },
);
const w = array(
  Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)),
  [3, 4],
);
const x = array(
  Float32Array.from({ length: 21 }, (_, i) => Math.cos(i)),
  [7, 3],
);
parentPort?.postMessage(Array.from(gradient(w, x).data));
