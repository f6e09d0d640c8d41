import { arange, scalarFor } from "../array/creation.ts";
import type { ArrayLike, ArrayType, NdArray } from "../array/ndarray.ts";
import { normalizeAxis, type Shape, sameShape } from "../array/shape.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { bind } from "../trace/bind.ts";
import { add, mul } from "./arithmetic.ts";
import { asArray, broadcastTo, commonDType, reshape } from "./broadcasting.ts";
import { transpose } from "./movement.ts";
import { nextAxis, type Primitive } from "./primitive.ts";
import type { ParamsOf } from "./table.ts";

// Gathering and scatter-adding are transposes of each other; both are linear in the array, and have no
// derivative with respect to the indices.

/**
 * y[…, k, …] = x[…, index[k], …] along an axis; the indices may have any shape.          [eq:gather]
 *   dy = gather(dx)        xBar = yBar added at the indices
 */
export const gatherPrimitive: Primitive<{ readonly axis: number }> = {
  name: "gather",
  elementwise: false,
  batching: {
    apply: ([x, indices], [xMapped, indicesMapped], { axis }, size) => {
      if (!indicesMapped) return bind(gatherPrimitive, [x!, indices!], { axis: nextAxis(axis) });
      const rank = indices!.shape.length - 1;
      if (!xMapped) {
        const found = bind(gatherPrimitive, [x!, indices!], { axis });
        return transpose(found, [axis, ...range(0, axis), ...range(axis + 1, found.shape.length)]);
      }
      const n = x!.shape[axis + 1]!;
      const rows = transpose(x!, [0, axis + 1, ...range(1, axis + 1), ...range(axis + 2, x!.shape.length)]);
      const endToEnd = reshape(rows, [size * n, ...rows.shape.slice(2)]);
      const found = bind(gatherPrimitive, [endToEnd, inRows(indices!, n, size)], { axis: 0 }); // [B, ...k, ...a, ...b]
      const before = range(rank + 1, rank + 1 + axis);
      return transpose(found, [
        0,
        ...before,
        ...range(1, rank + 1),
        ...range(rank + 1 + axis, found.shape.length),
      ]);
    },
  },
  outputType: ([x, indices], { axis }) => {
    requireIndices("gather", indices!);
    return { shape: x!.shape.toSpliced(axis, 1, ...indices!.shape), dtype: x!.dtype };
  },
  jvp: ([dx], [, indices], _y, params) => (dx ? bind(gatherPrimitive, [dx, indices!], params) : null),
  vjp: (yBar, [x, indices], _y, { axis }) => [
    bind(scatterAddPrimitive, [yBar, indices!], { axis, size: x!.shape[axis]! }),
    null,
  ],
};

/**
 * The slices of x at the given int32 indices.
 *
 * Shapes  x: [...a, n, ...b], indices: [...k] → [...a, ...k, ...b]
 * Errors  DTypeError for indices that are not int32; IndexError for one outside 0 … n − 1; AxisError for an axis that x
 *         does not have
 */
export function gather(x: ArrayLike, indices: ArrayLike, axis = 0): NdArray {
  const input = asArray(x, "gather");
  return bind(gatherPrimitive, [input, asIndices("gather", indices)], {
    axis: normalizeAxis("gather", axis, input.shape.length),
  });
}

/**
 * y[…, i, …] = Σ_{k: index[k] = i} x[…, k, …], with extent `size` along the axis.        [eq:scatter-add]
 *   dy = scatterAdd(dx)    xBar = yBar read at the indices
 */
export const scatterAddPrimitive: Primitive<ParamsOf<"scatterAdd">> = {
  name: "scatterAdd",
  elementwise: false,
  batching: {
    apply: ([x, indices], [xMapped, indicesMapped], { axis, size: n }, size) => {
      if (!indicesMapped) return bind(scatterAddPrimitive, [x!, indices!], { axis: nextAxis(axis), size: n });
      const all = xMapped ? x! : broadcastTo(x!, [size, ...x!.shape]); // [B, ...a, ...k, ...b]
      const after = axis + indices!.shape.length;
      const updates = transpose(all, [
        0,
        ...range(axis + 1, after),
        ...range(1, axis + 1),
        ...range(after, all.shape.length),
      ]);
      const endToEnd = bind(scatterAddPrimitive, [updates, inRows(indices!, n, size)], {
        axis: 0,
        size: size * n,
      });
      const rows = reshape(endToEnd, [size, n, ...endToEnd.shape.slice(1)]);
      return transpose(rows, [0, ...range(2, axis + 2), 1, ...range(axis + 2, rows.shape.length)]);
    },
  },
  outputType: ([x, indices], { axis, size }) => {
    requireIndices("scatterAdd", indices!);
    const rank = indices!.shape.length;
    if (!sameShape(x!.shape.slice(axis, axis + rank), indices!.shape)) {
      throw new ShapeError(
        "scatterAdd",
        `the updates must have the shape of the indices from axis ${axis} on`,
        { updates: x!.shape, indices: indices!.shape },
        "Give updates of the shape that gather returns.",
      );
    }
    return { shape: x!.shape.toSpliced(axis, rank, size), dtype: x!.dtype };
  },
  jvp: ([dx], [, indices], _y, params) => (dx ? bind(scatterAddPrimitive, [dx, indices!], params) : null),
  vjp: (yBar, [, indices], _y, { axis }) => [bind(gatherPrimitive, [yBar, indices!], { axis }), null],
};

/**
 * x with updates added at int32 indices along an axis; repeated indices add up.
 *
 * Shapes  x: [...a, n, ...b], indices: [...k], updates: [...a, ...k, ...b] → [...a, n, ...b]
 * Errors  ShapeError for updates that do not fit; DTypeError for indices that are not int32
 */
export function scatterAdd(x: ArrayLike, indices: ArrayLike, updates: ArrayLike, axis = 0): NdArray {
  const target = asArray(x, "scatterAdd");
  const at = normalizeAxis("scatterAdd", axis, target.shape.length);
  const dtype = commonDType("scatterAdd", { x: target, updates });
  const parts = typeof updates === "number" ? scalarFor("scatterAdd", updates, dtype) : updates;
  const added = bind(scatterAddPrimitive, [parts, asIndices("scatterAdd", indices)], {
    axis: at,
    size: target.shape[at]!,
  });
  requireSameShape(target.shape, added.shape);
  return add(target, added);
}

/**
 * Converts each row's indices below n to indices into the concatenated rows: b n + index[b, …]. Gathering
 * from 0 … n − 1 first refuses an index that would fall in another row.
 */
function inRows(indices: NdArray, n: number, rows: number): NdArray {
  const checked = bind(gatherPrimitive, [arange(n, "int32"), indices], { axis: 0 });
  const starts = mul(arange(rows, "int32"), n);
  return add(checked, reshape(starts, [rows, ...indices.shape.slice(1).map(() => 1)]));
}

/** from, …, to − 1. */
function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** Converts indices to an int32 array; a number is a single index. */
export function asIndices(op: string, indices: ArrayLike, name = "indices"): NdArray {
  if (typeof indices === "number") return scalarFor(op, indices, "int32");
  requireIndices(op, asArray(indices, op, name), name);
  return indices;
}

function requireSameShape(target: Shape, added: Shape): void {
  if (!sameShape(target, added)) {
    throw new ShapeError(
      "scatterAdd",
      "the updates must match x in every other axis",
      { x: target, added },
      "Give updates of the shape that gather(x, indices, axis) returns.",
    );
  }
}

function requireIndices(op: string, indices: ArrayType, name = "indices"): void {
  if (indices.dtype !== "int32") {
    throw new DTypeError(
      op,
      `${name} must be int32; got ${indices.dtype}`,
      'Use array([…], undefined, "int32").',
    );
  }
}
