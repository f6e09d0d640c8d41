import { type ArrayType, emptyLike, type NdArray } from "../../array/ndarray.ts";
import { keepingAxes, sizeOf, stridesOf } from "../../array/shape.ts";
import { exp, log } from "../../elementary/index.ts";
import type { Kernel, KernelTable } from "./kernels.ts";
import { stored, totalsOf } from "./totals.ts";

/**
 * Visits the elements of x in row-major order, each with the position of the output element it belongs to:
 * reduced axes do not move that position. This is the order of summation.
 */
function forEachOutput(
  x: NdArray,
  axes: readonly number[],
  visit: (i: number, output: number) => void,
): void {
  const kept = stridesOf(keepingAxes(x.shape, axes)).map((stride, axis) =>
    axes.includes(axis) ? 0 : stride,
  );
  const size = sizeOf(x.shape);
  const index = new Int32Array(x.shape.length);
  for (let i = 0, output = 0; i < size; i++) {
    visit(i, output);
    for (let axis = x.shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      output += kept[axis]!;
      if (index[axis]! < x.shape[axis]!) break;
      output -= kept[axis]! * x.shape[axis]!;
      index[axis] = 0;
    }
  }
}

type AxesKernel = Kernel<{ readonly axes: readonly number[] }>;

const sum: AxesKernel = ([x], { axes }, type) => {
  const total = totalsOf(type);
  const { data } = x!;
  forEachOutput(x!, axes, (i, output) => {
    total[output]! += data[i]!;
  });
  return stored(type, total);
};

function largest(x: NdArray, axes: readonly number[], type: ArrayType): Float64Array {
  const best = new Float64Array(sizeOf(type.shape)).fill(Number.NEGATIVE_INFINITY);
  const { data } = x;
  forEachOutput(x, axes, (i, output) => {
    best[output] = Math.max(best[output]!, data[i]!);
  });
  return best;
}

const max: AxesKernel = ([x], { axes }, type) => stored(type, largest(x!, axes, type));

// ln Σ exp x_j = m + ln Σ exp(x_j − m), m = max_j x_j; an infinite m is the answer itself.
const logSumExp: AxesKernel = ([x], { axes }, type) => {
  const m = largest(x!, axes, type);
  const total = totalsOf(type);
  const { data } = x!;
  forEachOutput(x!, axes, (i, output) => {
    total[output]! += exp(data[i]! - m[output]!);
  });
  return stored(
    type,
    total.map((t, output) => (Number.isFinite(m[output]!) ? m[output]! + log(t) : m[output]!)),
  );
};

const cumsum: Kernel<{ readonly axis: number; readonly reverse: boolean }> = (
  [x],
  { axis, reverse },
  type,
) => {
  const output = emptyLike(type);
  const n = x!.shape[axis]!;
  const inner = sizeOf(x!.shape.slice(axis + 1));
  const outer = sizeOf(x!.shape.slice(0, axis));
  const total = totalsOf({ shape: [], dtype: type.dtype });
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      total[0] = 0;
      for (let k = 0; k < n; k++) {
        const at = (o * n + (reverse ? n - 1 - k : k)) * inner + i;
        total[0]! += x!.data[at]!;
        output.data[at] = total[0]!;
      }
    }
  }
  return output;
};

export const reductionKernels: KernelTable<"sum" | "max" | "logSumExp" | "cumsum"> = {
  sum,
  max,
  logSumExp,
  cumsum,
};
