/**
 * The machine's limit for the strict kernels, measured in the same run: a loop of independent multiplies and adds on
 * 128-bit vectors, sum += x y, with every x read from the L1 cache. Twelve sums hide the latency of the additions; a sum
 * that is a factor itself would wait for its product as well, which twelve do not hide on every processor.
 */

import { load } from "../../../packages/autodiff/src/backends/wasm/assembler/expression.ts";
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
  const [base, y] = [fn.local("i32"), fn.let(L.constant(0.5))];
  fn.range(0, iterations, 1, () => {
    sums.forEach((sum, i) => {
      // Read anew each time: memory may have changed, for all that the compiler knows.
      fn.set(sum, L.add(sum, L.mul(load("v128.load", base, 16 * i), y)));
    });
  });
  sums.forEach((sum, i) => {
    fn.store("v128.store", base, sum, 16 * i);
  });
  const { peak } = instantiate(assembleModule({ exports: [fn], memoryPages: 1 }), createMemory(1));
  return { run: () => peak!(), operations: 2 * L.count * accumulators * iterations };
}
