/** Question: how many bytes does a page load? Minified and gzipped, everything a gradient needs. */

import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const programs: Readonly<Record<string, string>> = {
  "sgmrl, reference only": `export { add, array, compile, grad, hvp, matmul, tanh, sum, mul } from "@sgmrl/autodiff";`,
  "sgmrl with wasm": `export { add, array, compile, grad, hvp, matmul, tanh, sum, mul } from "@sgmrl/autodiff"; export { wasm } from "@sgmrl/autodiff/wasm";`,
  "tfjs (union package)": `export * from "@tensorflow/tfjs";`,
  "jax-js": `export { grad, jit, jvp, numpy } from "@jax-js/jax";`,
};

/** Kilobytes of 1,000 bytes, gzipped, by program. The neighbours' .wasm files, loaded apart, are not counted. */
export async function bundleSizes(): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for (const [name, contents] of Object.entries(programs)) {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: import.meta.dirname },
      bundle: true,
      minify: true,
      write: false,
      format: "esm",
      platform: "browser",
      conditions: ["sgmrl-source"],
      logLevel: "silent",
    });
    sizes[name] = Math.round(gzipSync(outputFiles[0]!.contents, { level: 9 }).length / 100) / 10;
  }
  return sizes;
}
