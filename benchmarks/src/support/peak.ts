/**
 * The machine's limit for the strict kernels, measured in the same run: a loop of independent multiplies and adds on
 * 128-bit vectors that touches no memory. Twelve accumulators hide the latency of the additions.
 */

import { FunctionBuilder } from "../../../packages/autodiff/src/backends/wasm/assembler/function.ts";
import { assembleModule } from "../../../packages/autodiff/src/backends/wasm/assembler/module.ts";
import { type FloatType, lanes } from "../../../packages/autodiff/src/backends/wasm/elementary/lanes.ts";
import { createMemory, instantiate } from "../../../packages/autodiff/src/backends/wasm/host.ts";

const accumulators = 12;
const iterations = 200_000;

/** One run of the loop, and how many floating-point operations it makes. */
export interface PeakLoop {
  readonly run: () => void;
  readonly operations: number;
}

export function peakLoop(dtype: FloatType): PeakLoop {
  const L = lanes[dtype];
  const fn = new FunctionBuilder("peak", []);
  const sums = Array.from({ length: accumulators }, () => fn.let(L.constant(1)));
  // Locals that the compiler cannot see to be constant, so that no product leaves the loop.
  const factors = [fn.local("v128"), fn.local("v128")];
  for (const factor of factors) fn.set(factor, L.constant(0.5));
  fn.range(0, iterations, 1, () => {
    sums.forEach((sum, i) => {
      fn.set(sum, L.add(L.mul(sum, factors[i % 2]!), factors[(i + 1) % 2]!));
    });
  });
  sums.forEach((sum, i) => {
    fn.store("v128.store", fn.local("i32"), sum, 16 * i);
  });
  const { peak } = instantiate(assembleModule({ exports: [fn], memoryPages: 1 }), createMemory(1));
  return { run: () => peak!(), operations: 2 * L.count * accumulators * iterations };
}
