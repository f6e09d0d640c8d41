/** Runs inside the browser's page: environments on WebGL2 beside the hand-written ones. */
import { openGpu } from "@sgmrl/autodiff/gpu";
import { robots } from "@sgmrl/envs";
import { navigationPair, rolloutDistance, smoothDistance } from "../support/device-cases.ts";

export interface EnvironmentsReport {
  readonly rollout: {
    readonly distance: number;
    readonly lengths: readonly number[];
    readonly expectedLengths: readonly number[];
    /** How many times numbers were read back from WebGL2. */
    readonly reads: number;
  };
  readonly halfCheetahs: number;
}

async function environments(): Promise<EnvironmentsReport> {
  const gpu = await openGpu({ mode: "webgl2" });
  const before = reads;
  const pair = navigationPair(gpu, 12, 40);
  const rollout = {
    distance: rolloutDistance(pair),
    lengths: [...pair.ours.lengths],
    expectedLengths: [...pair.expected.lengths],
    reads: reads - before,
  };
  return { rollout, halfCheetahs: smoothDistance(gpu, robots["half-cheetah"], 3, 5) };
}

let reads = 0;

// What this page uses of the browser's library, which the package's types do not include.
declare const WebGL2RenderingContext: {
  readonly prototype: { readPixels(this: unknown, ...args: unknown[]): void };
};
const { prototype } = WebGL2RenderingContext;
const readPixels = prototype.readPixels;
prototype.readPixels = function (...args) {
  reads++;
  readPixels.apply(this, args);
};
Object.assign(globalThis, { environments });
