/** Who is measured on a device. Each neighbour is fetched from this site's own files when it is first asked for. */

import wasmPlain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import wasmSimd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import wasmThreads from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url";
import { webgl2Renderer, webgpuAdapter } from "../../../../benchmarks/src/browser/graphics.ts";
import {
  asyncContenderOn,
  contenderOn,
  oursFloat32,
  oursFloat64,
} from "../../../../benchmarks/src/policy-loss/ours.ts";
import type { AsyncContender } from "../../../../benchmarks/src/policy-loss/problem.ts";
import type { Setting } from "./setting.ts";

type Device = Setting["devices"][number];
/** A contender that is still to be fetched, or that may not exist here. */
interface Candidate {
  readonly name: string;
  load(): Promise<AsyncContender>;
}

const forms = ["tuned", "as it comes"] as const;
const tfjsName = (device: Device, form: (typeof forms)[number]): string =>
  form === "tuned" ? `tfjs-${device}, tuned` : `tfjs-${device}`;
const tfjs = () => import("../../../../benchmarks/src/policy-loss/tfjs-contender.ts");
const jax = () => import("../../../../benchmarks/src/policy-loss/jax.ts");
const gpu = () => import("@sgmrl/autodiff/gpu");
const ready = (contender: AsyncContender): Candidate => ({
  name: contender.name,
  load: async () => contender,
});

/** What a device computes with, in words; undefined where this browser has none. */
export const describe: Readonly<Record<Device, () => Promise<string | undefined>>> = {
  wasm: async () => "the processor, one thread",
  webgl: async () => webgl2Renderer(),
  webgpu: webgpuAdapter,
};

export const candidates: Readonly<Record<Device, readonly Candidate[]>> = {
  wasm: [
    ready(oursFloat32),
    ready(oursFloat64),
    ...forms.map((written) => ({
      name: tfjsName("wasm", written),
      load: async () => {
        const { tfjsContender } = await tfjs();
        const [{ setWasmPaths }, tf] = await Promise.all([
          import("@tensorflow/tfjs-backend-wasm"),
          import("@tensorflow/tfjs-core"),
        ]);
        setWasmPaths({
          "tfjs-backend-wasm.wasm": wasmPlain,
          "tfjs-backend-wasm-simd.wasm": wasmSimd,
          "tfjs-backend-wasm-threaded-simd.wasm": wasmThreads,
        });
        tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // one thread each
        return tfjsContender("wasm", written);
      },
    })),
    { name: "jax-js wasm", load: async () => (await jax()).jaxWasm },
  ],
  webgl: [
    {
      name: "sgmrl gpu.js webgl",
      load: async () =>
        contenderOn("sgmrl gpu.js webgl", await (await gpu()).openGpu({ mode: "webgl2" }), "float32"),
    },
    ...forms.map((written) => ({
      name: tfjsName("webgl", written),
      load: async () => (await tfjs()).tfjsContender("webgl", written),
    })),
    { name: "jax-js webgl", load: async () => (await jax()).jaxOn("webgl") },
  ],
  webgpu: [
    {
      name: "sgmrl gpu.js webgpu",
      load: async () =>
        asyncContenderOn("sgmrl gpu.js webgpu", await (await gpu()).openGpu({ mode: "webgpu" })),
    },
    ...forms.map((written) => ({
      name: tfjsName("webgpu", written),
      load: async () => {
        const [{ tfjsWebgpu }] = await Promise.all([tfjs(), import("@tensorflow/tfjs-backend-webgpu")]);
        return tfjsWebgpu(written);
      },
    })),
    { name: "jax-js webgpu", load: async () => (await jax()).jaxOn("webgpu") },
  ],
};
