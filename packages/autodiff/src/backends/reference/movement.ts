import { type ArrayType, emptyLike, type NdArray } from "../../array/ndarray.ts";
import { broadcastStrides, sizeOf, stridesOf } from "../../array/shape.ts";
import { IndexError } from "../../errors.ts";
import type { Kernel, KernelTable } from "./kernels.ts";
import { stored, totalsOf } from "./totals.ts";

/** Copies x into a new array, element (i_0, i_1, …) read at offset + Σ i_k strides_k. */
function gatherStrided(x: NdArray, strides: readonly number[], offset: number, type: ArrayType): NdArray {
  const output = emptyLike(type);
  forEachStrided(type.shape, strides, offset, (i, at) => {
    output.data[i] = x.data[at]!;
  });
  return output;
}

/** Visits every index of a shape in row-major order, with its position under the given strides. */
function forEachStrided(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  visit: (i: number, at: number) => void,
): void {
  const size = sizeOf(shape);
  const index = new Int32Array(shape.length);
  for (let i = 0, at = offset; i < size; i++) {
    visit(i, at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      at += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}

function dotOffset(starts: readonly number[], strides: readonly number[]): number {
  return starts.reduce((offset, start, axis) => offset + start * strides[axis]!, 0);
}

/** Views an array as [outer, n, inner] around one axis (or a run of `count` axes). */
function aroundAxis(shape: readonly number[], axis: number, count = 1): { outer: number; inner: number } {
  return { outer: sizeOf(shape.slice(0, axis)), inner: sizeOf(shape.slice(axis + count)) };
}

function checkedIndex(op: string, indices: NdArray, k: number, size: number): number {
  const index = indices.data[k]!;
  if (!(index >= 0 && index < size)) {
    throw new IndexError(
      op,
      `indices must be from 0 to ${size - 1}; got ${index} at position ${k}`,
      "Check the indices.",
    );
  }
  return index;
}

const gather: Kernel<{ readonly axis: number }> = ([x, indices], { axis }, type) => {
  const output = emptyLike(type);
  const n = x!.shape[axis]!;
  const count = sizeOf(indices!.shape);
  const { outer, inner } = aroundAxis(x!.shape, axis);
  for (let k = 0; k < count; k++) {
    const index = checkedIndex("gather", indices!, k, n);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        output.data[(o * count + k) * inner + i] = x!.data[(o * n + index) * inner + i]!;
      }
    }
  }
  return output;
};

const scatterAdd: Kernel<{ readonly axis: number; readonly size: number }> = (
  [x, indices],
  { axis, size },
  type,
) => {
  const total = totalsOf(type);
  const count = sizeOf(indices!.shape);
  const { outer, inner } = aroundAxis(x!.shape, axis, indices!.shape.length);
  for (let k = 0; k < count; k++) {
    const index = checkedIndex("scatterAdd", indices!, k, size);
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        total[(o * size + index) * inner + i]! += x!.data[(o * count + k) * inner + i]!;
      }
    }
  }
  return stored(type, total);
};

const concat: Kernel<{ readonly axis: number }> = (inputs, { axis }, type) => {
  const output = emptyLike(type);
  const row = type.shape[axis]! * sizeOf(type.shape.slice(axis + 1));
  let offset = 0;
  for (const x of inputs) {
    const length = x.shape[axis]! * sizeOf(x.shape.slice(axis + 1));
    const { outer } = aroundAxis(x.shape, axis);
    for (let o = 0; o < outer; o++) {
      output.data.set(x.data.subarray(o * length, (o + 1) * length), o * row + offset);
    }
    offset += length;
  }
  return output;
};

export const movementKernels: KernelTable<
  "broadcastTo" | "reshape" | "transpose" | "slice" | "pad" | "concat" | "gather" | "scatterAdd"
> = {
  broadcastTo: ([x], _params, type) => gatherStrided(x!, broadcastStrides(x!.shape, type.shape), 0, type),
  reshape: ([x], _params, type) => {
    const output = emptyLike(type);
    output.data.set(x!.data);
    return output;
  },
  transpose: ([x], { permutation }, type) => {
    const strides = stridesOf(x!.shape);
    return gatherStrided(
      x!,
      permutation.map((axis) => strides[axis]!),
      0,
      type,
    );
  },
  slice: ([x], { start, step }, type) => {
    const strides = stridesOf(x!.shape);
    return gatherStrided(
      x!,
      strides.map((stride, axis) => stride * step[axis]!),
      dotOffset(start, strides),
      type,
    );
  },
  pad: ([x], { low, interior }, type) => {
    const output = emptyLike(type);
    const strides = stridesOf(type.shape);
    const spread = strides.map((stride, axis) => stride * (interior[axis]! + 1));
    forEachStrided(x!.shape, spread, dotOffset(low, strides), (i, at) => {
      output.data[at] = x!.data[i]!;
    });
    return output;
  },
  concat,
  gather,
  scatterAdd,
};
