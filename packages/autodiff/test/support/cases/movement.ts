import fc from "fast-check";
import { sizeOf } from "../../../src/array/shape.ts";
import {
  array,
  broadcastTo,
  concat,
  cumsum,
  gather,
  logSumExp,
  max,
  type NdArray,
  pad,
  type Range,
  reshape,
  scatterAdd,
  slice,
  sum,
  transpose,
} from "../../../src/index.ts";
import type { PrimitiveName } from "../../../src/primitives/table.ts";
import { edge, inputsOf, type PrimitiveCase, type Setting, setting } from "../setting.ts";
import { anything, axesOf, axisOf, broadcastable, shapes, values } from "../values.ts";

type Reduction = typeof sum;

function reductionSettings(
  name: string,
  reduce: Reduction,
  inputs: (shape: readonly number[]) => fc.Arbitrary<readonly NdArray[]>,
  { empty = true }: { empty?: boolean } = {},
): fc.Arbitrary<Setting> {
  return shapes({ empty })
    .chain((shape) => fc.tuple(fc.constant(shape), axesOf(shape), fc.boolean()))
    .map(([shape, axes, keepDims]) =>
      setting(
        `${name}(x[${shape}], ${axes ? `[${axes}]` : "all"}, keepDims ${keepDims})`,
        (x) => reduce(x!, axes, { keepDims }),
        inputs(shape),
      ),
    );
}

/** Different numbers everywhere, so that every maximum is unique: a shuffle of multiples of 1/8. */
function distinctValues(shape: readonly number[]): fc.Arbitrary<readonly NdArray[]> {
  const size = sizeOf(shape);
  const all = Array.from({ length: size }, (_, i) => (i - Math.floor(size / 2)) / 8);
  return fc
    .shuffledSubarray(all, { minLength: size, maxLength: size })
    .map((flat) => [array(Float64Array.from(flat), shape)]);
}

/** A range within an axis, sometimes counted from the end, sometimes with a step. */
function rangeOf(extent: number): fc.Arbitrary<Range> {
  return fc
    .tuple(fc.nat(extent), fc.nat(extent), fc.constantFrom(1, 1, 2), fc.boolean())
    .map(([a, b, step, fromEnd]) => {
      const [start, stop] = [Math.min(a, b), Math.max(a, b)];
      return [fromEnd && start < extent ? start - extent : start, stop, step];
    });
}

function indicesInto(extent: number): fc.Arbitrary<NdArray> {
  return (extent === 0 ? fc.constant([0]) : shapes({ maxRank: 2 })).chain((shape) =>
    fc
      .array(fc.nat(Math.max(0, extent - 1)), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
      .map((flat) => array(Int32Array.from(flat), shape)),
  );
}

type Movement = Extract<
  PrimitiveName,
  | "broadcastTo"
  | "sum"
  | "max"
  | "logSumExp"
  | "reshape"
  | "transpose"
  | "slice"
  | "pad"
  | "concat"
  | "cumsum"
  | "gather"
  | "scatterAdd"
>;

export const movementCases: { readonly [Name in Movement]: PrimitiveCase } = {
  // [eq:broadcast] [eq:sum]
  broadcastTo: {
    settings: shapes()
      .chain((target) => fc.tuple(fc.constant(target), broadcastable(target)))
      .map(([target, shape]) =>
        setting(
          `broadcastTo(x[${shape}], [${target}])`,
          (x) => broadcastTo(x!, target),
          inputsOf([shape], anything),
        ),
      ),
    edges: [],
  },
  sum: {
    settings: reductionSettings("sum", sum, (shape) => inputsOf([shape], anything)),
    edges: [edge("the empty sum", (x) => sum(x!), [[]], 0, [[]])],
  },

  // [eq:max] [eq:logsumexp]
  max: {
    settings: reductionSettings("max", max, distinctValues, { empty: false }), // else a DomainError
    edges: [
      edge("two maxima share the derivative", (x) => max(x!), [[1, 0, 1]], 1, [[0.5, 0, 0.5]]),
      edge("three maxima share the derivative", (x) => max(x!), [[1, 1, 1]], 1, [[1 / 3, 1 / 3, 1 / 3]]),
      edge(
        "ties by row",
        (x) => max(x!, 1),
        [
          [
            [1, 1],
            [0, 2],
          ],
        ],
        [1, 2],
        [
          [
            [0.5, 0.5],
            [0, 1],
          ],
        ],
      ),
      edge("NaN is the maximum", (x) => max(x!), [[1, Number.NaN]], Number.NaN, [[Number.NaN, Number.NaN]]),
    ],
  },
  logSumExp: {
    settings: reductionSettings("logSumExp", logSumExp, (shape) => inputsOf([shape], anything), {
      empty: false,
    }), // else −∞
    edges: [
      edge("large numbers do not overflow", (x) => logSumExp(x!), [[1000, 1000]], 1000 + Math.log(2), [
        [0.5, 0.5],
      ]),
      edge("−∞ has no weight", (x) => logSumExp(x!), [[0, Number.NEGATIVE_INFINITY]], 0, [[1, 0]]),
      edge("an empty axis", (x) => logSumExp(x!), [[]], Number.NEGATIVE_INFINITY, [[]]),
    ],
  },

  // [eq:reshape] [eq:transpose] [eq:slice] [eq:pad] [eq:concat] [eq:cumsum]
  reshape: {
    settings: shapes()
      .chain((shape) =>
        fc.tuple(fc.constant(shape), fc.shuffledSubarray(shape, { minLength: shape.length }), fc.boolean()),
      )
      .map(([shape, shuffled, flat]) => {
        const target = flat ? [-1] : shuffled;
        return setting(
          `reshape(x[${shape}], [${target}])`,
          (x) => reshape(x!, target),
          inputsOf([shape], anything),
        );
      }),
    edges: [],
  },
  transpose: {
    settings: shapes()
      .chain((shape) =>
        fc.tuple(
          fc.constant(shape),
          fc.shuffledSubarray(
            shape.map((_, axis) => axis),
            { minLength: shape.length },
          ),
        ),
      )
      .map(([shape, order]) =>
        setting(
          `transpose(x[${shape}], [${order}])`,
          (x) => transpose(x!, order),
          inputsOf([shape], anything),
        ),
      ),
    edges: [],
  },
  slice: {
    settings: shapes()
      .chain((shape) => fc.tuple(fc.constant(shape), fc.tuple(...shape.map(rangeOf))))
      .map(([shape, ranges]) =>
        setting(
          `slice(x[${shape}], ${JSON.stringify(ranges)})`,
          (x) => slice(x!, ...ranges),
          inputsOf([shape], anything),
        ),
      ),
    edges: [],
  },
  pad: {
    settings: shapes({ maxRank: 3 })
      .chain((shape) =>
        fc.tuple(fc.constant(shape), fc.tuple(...shape.map(() => fc.tuple(fc.nat(2), fc.nat(2))))),
      )
      .map(([shape, widths]) =>
        setting(
          `pad(x[${shape}], ${JSON.stringify(widths)})`,
          (x) => pad(x!, widths),
          inputsOf([shape], anything),
        ),
      ),
    edges: [],
  },
  concat: {
    settings: shapes({ minRank: 1, maxRank: 3 })
      .chain((shape) =>
        fc.tuple(fc.constant(shape), axisOf(shape), fc.array(fc.nat(2), { minLength: 1, maxLength: 3 })),
      )
      .map(([shape, axis, extents]) =>
        setting(
          `concat of extents ${extents} along axis ${axis} of [${shape}]`,
          (...xs) => concat(xs, axis),
          inputsOf(
            extents.map((extent) => shape.with(axis, extent)),
            anything,
          ),
        ),
      ),
    edges: [],
  },
  cumsum: {
    settings: shapes({ minRank: 1 })
      .chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape), fc.boolean()))
      .map(([shape, axis, reverse]) =>
        setting(
          `cumsum(x[${shape}], ${axis}, reverse ${reverse})`,
          (x) => cumsum(x!, axis, { reverse }),
          inputsOf([shape], anything),
        ),
      ),
    edges: [],
  },

  // [eq:gather] [eq:scatter-add]
  gather: {
    settings: shapes({ minRank: 1, maxRank: 3 })
      .chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape)))
      .chain(([shape, axis]) => fc.tuple(fc.constant({ shape, axis }), indicesInto(shape.at(axis)!)))
      .map(([{ shape, axis }, indices]) =>
        setting(
          `gather(x[${shape}], [${indices.data}] of [${indices.shape}], ${axis})`,
          (x) => gather(x!, indices, axis),
          inputsOf([shape], anything),
        ),
      ),
    edges: [],
  },
  scatterAdd: {
    settings: shapes({ minRank: 1, maxRank: 3 })
      .chain((shape) => fc.tuple(fc.constant(shape), axisOf(shape)))
      .chain(([shape, axis]) => fc.tuple(fc.constant({ shape, axis }), indicesInto(shape.at(axis)!)))
      .map(([{ shape, axis }, indices]) => {
        const place = axis < 0 ? axis + shape.length : axis;
        const updates = shape.toSpliced(place, 1, ...indices.shape);
        return setting(
          `scatterAdd(x[${shape}], [${indices.data}] of [${indices.shape}], updates, ${axis})`,
          (x, u) => scatterAdd(x!, indices, u!, axis),
          fc.tuple(values(shape, anything), values(updates, anything)),
        );
      }),
    edges: [],
  },
};
