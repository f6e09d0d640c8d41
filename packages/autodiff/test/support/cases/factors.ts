import fc from "fast-check";
import { invertiblePrimitive, orthogonalPrimitive } from "../../../src/functions/qr.ts";
import {
  eigenvaluesPrimitive,
  eigenvectorsPrimitive,
  reciprocalGapsPrimitive,
} from "../../../src/functions/symmetric-eigen.ts";
import {
  add,
  array,
  convert,
  eye,
  mul,
  type NdArray,
  qr,
  slice,
  symmetricEigen,
} from "../../../src/index.ts";
import type { Primitive } from "../../../src/primitives/primitive.ts";
import type { ArrayFunction } from "../../../src/testing/index.ts";
import { bind } from "../../../src/trace/bind.ts";
import { type Edge, edge, inputsOf, setting } from "../setting.ts";
import { eighths } from "../values.ts";
import type { DefinedCase } from "./defined.ts";

const { NaN: nan } = Number;

/** Columns far from dependent: the diagonal dominates. */
function independent(a: NdArray): NdArray {
  const [m, n] = a.shape.slice(-2) as [number, number]; // a matrix has two axes
  return add(a, mul(4, slice(eye(m, a.dtype), [0, m], [0, n])));
}

/** Eigenvalues far from one another, in no special order. */
function spread(a: NdArray): NdArray {
  const n = a.shape.at(-1)!;
  const along = [4, -4, 0].slice(0, n);
  return add(a, mul(eye(n, a.dtype), convert(array(along), a.dtype)));
}

function factor(
  primitive: Primitive<Readonly<Record<string, never>>>,
  name: string,
  apply: ArrayFunction,
  shapes: readonly (readonly number[])[],
  edges: readonly Edge[],
): DefinedCase {
  const settings = fc
    .constantFrom(...shapes)
    .map((shape) => setting(`${name}(a[${shape}])`, apply, inputsOf([shape], eighths(-1, 1))));
  return { primitive: primitive as unknown as Primitive, settings, edges, isCostly: true }; // it has no settings
}

// The longest programs are those of most axes, and two by two is a special case: of symmetric vectors.
const square = [
  [2, 2],
  [3, 3],
  [2, 3, 3],
  [1, 1],
];

const invertible: ArrayFunction = (r) => bind(invertiblePrimitive, [r!], {});
const gaps: ArrayFunction = (x) => bind(reciprocalGapsPrimitive, [x!], {});
/** A half of the last digit of 16 n max = 32: as much as is lost, for matrices of two rows. */
const lost = 2 ** -48;

// A batch of such, since that has the longest programs.
const dependent = [
  [1, 1],
  [1, 1 + 2 ** -49],
  [0, 0],
];
const directions = [
  [Math.SQRT1_2, -Math.SQRT1_2],
  [Math.SQRT1_2, Math.SQRT1_2],
  [0, 0],
];

/** Factors of matrices whose derivatives are made of the factors. */
export const factorCases: Readonly<Record<string, DefinedCase>> = {
  // [eq:qr]
  orthogonal: factor(
    orthogonalPrimitive,
    "qr",
    (a) => qr(independent(a!)).q,
    [
      [3, 2],
      [4, 3],
      [2, 4, 3],
    ],
    [
      edge(
        "of columns that are dependent but for rounding there is none",
        (a) => qr(a!).q,
        [[dependent, dependent]],
        [directions, directions],
        [[dependent, dependent].map((rows) => rows.map(() => [nan, nan]))],
      ),
      edge("of a number: its sign", (a) => qr(a!).q, [[[-2]]], [[-1]], [[[0]]]),
      edge(
        "of a column: its direction",
        (a) => qr(a!).q,
        [[[3], [4]]],
        [[0.6], [0.8]],
        [[[0.032], [-0.024]]],
      ),
    ],
  ),
  invertible: factor(
    invertiblePrimitive,
    "invertible",
    (r) => invertible(independent(r!)),
    [
      [2, 2],
      [3, 3],
      [2, 2, 2],
    ],
    [
      edge(
        "an R_kk of no size",
        invertible,
        [
          [
            [1, 5],
            [7, lost],
          ],
        ],
        [
          [1, 5],
          [7, nan],
        ],
        [
          [
            [1, 1],
            [1, 1],
          ],
        ],
      ),
      edge(
        "an R_kk of little size",
        invertible,
        [
          [
            [-1, 5],
            [7, 1.25 * lost],
          ],
        ],
        [
          [-1, 5],
          [7, 1.25 * lost],
        ],
        [
          [
            [1, 1],
            [1, 1],
          ],
        ],
      ),
    ],
  ),
  // [eq:reciprocal-gaps]
  reciprocalGaps: {
    primitive: reciprocalGapsPrimitive as unknown as Primitive, // it has no settings
    settings: fc
      .constantFrom([2], [3], [2, 3])
      .map((shape) =>
        setting(
          `gaps(x[${shape}])`,
          (x) => gaps(add(x!, convert(array([4, -4, 0].slice(0, shape.at(-1))), x!.dtype))),
          inputsOf([shape], eighths(-1, 1)),
        ),
      ),
    edges: [
      edge(
        "of equal numbers",
        gaps,
        [[1, 1 - lost]],
        [
          [0, nan],
          [nan, 0],
        ],
        [[nan, nan]],
      ),
      edge(
        "of nearly equal ones",
        gaps,
        [[-1, -1 + 2 * lost]],
        [
          [0, 1 / (2 * lost)],
          [-1 / (2 * lost), 0],
        ],
        [[0, 0]],
      ),
    ],
  },
  // [eq:symmetric-eigenvalues] [eq:symmetric-eigenvectors]
  eigenvalues: factor(
    eigenvaluesPrimitive,
    "symmetricEigen, values",
    (a) => symmetricEigen(spread(a!)).values,
    square,
    [
      edge(
        "where they are equal, their sum is the trace",
        (a) => symmetricEigen(a!).values,
        [
          [
            [2, 0],
            [0, 2],
          ],
        ],
        [2, 2],
        [
          [
            [1, 0],
            [0, 1],
          ],
        ],
      ),
    ],
  ),
  eigenvectors: factor(
    eigenvectorsPrimitive,
    "symmetricEigen, vectors",
    (a) => symmetricEigen(spread(a!)).vectors,
    square,
    [
      edge(
        "where eigenvalues are equal, nothing says how vectors turn",
        (a) => symmetricEigen(a!).vectors,
        [
          [
            [1, 0],
            [0, 1],
          ],
        ],
        [
          [1, 0],
          [0, 1],
        ],
        [
          [
            [nan, nan],
            [nan, nan],
          ],
        ],
      ),
    ],
  ),
};
