/** TensorFlow.js in Node: where the files of its wasm backend lie. */

import { createRequire } from "node:module";
import { dirname } from "node:path";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { Contender } from "./problem.ts";
import { tfjsContender } from "./tfjs-contender.ts";

export { asItComes, type Functions, tuned, twiceDifferentiable } from "./tfjs-contender.ts";

const require = createRequire(import.meta.url);
setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);

export const tfjsWasmTuned: Contender = tfjsContender("wasm", "tuned");
export const tfjsWasm: Contender = tfjsContender("wasm");
export const tfjsCpu: Contender = tfjsContender("cpu");
