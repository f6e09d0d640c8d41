import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.ts";

/** The engines that "Measure here" times, at the versions that this workspace pins: for its records. */
export function measuredVersions(): Readonly<Record<string, string>> {
  const [autodiff, benchmarks] = ["packages/autodiff", "benchmarks"].map(
    (folder) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest,
  );
  return {
    "@sgmrl/autodiff": autodiff!.version,
    "gpu.js": autodiff!.devDependencies["gpu.js"]!,
    "@tensorflow/tfjs": benchmarks!.dependencies["@tensorflow/tfjs"]!,
    "@jax-js/jax": benchmarks!.dependencies["@jax-js/jax"]!,
  };
}

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
