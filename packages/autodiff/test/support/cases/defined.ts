import fc from "fast-check";
import { logDeterminantPrimitive, solvePrimitive } from "../../../src/functions/linear-systems.ts";
import { difference } from "../../../src/functions/logarithms.ts";
import { normPrimitive, orOne } from "../../../src/functions/norm.ts";
import { logSoftmaxPrimitive, softmaxPrimitive } from "../../../src/functions/softmax.ts";
import {
  add,
  array,
  concat,
  eye,
  grad,
  jvp,
  logAddExp,
  logDeterminant,
  logSoftmax,
  logSumExp,
  mul,
  type NdArray,
  norm,
  slice,
  softmax,
  solve,
  sum,
} from "../../../src/index.ts";
import { broadcastTogether } from "../../../src/primitives/broadcasting.ts";
import { filledLike } from "../../../src/primitives/comparison.ts";
import { powerSlopePrimitive, slopeOfPower } from "../../../src/primitives/power.ts";
import type { Primitive } from "../../../src/primitives/primitive.ts";
import { softmaxGivenPrimitive } from "../../../src/primitives/reduction.ts";
import { nonNegative, overSquares } from "../../../src/primitives/transcendental.ts";
import { edge, inputsOf, type PrimitiveCase, setting } from "../setting.ts";
import { anything, axesOf, axisOf, betweenEighths, nonzero, positive, shapes } from "../values.ts";
import { binaryCase, binarySettings, both, unaryCase } from "./elementwise.ts";
import { factorCases } from "./factors.ts";
import { specialCases } from "./special.ts";

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number;

const slope = (x: NdArray, y: NdArray): NdArray =>
  slopeOfPower(...(broadcastTogether("slope", { x, y }) as [NdArray, NdArray]), 1);

/** Far from singular: diagonally dominant. */
const regular = (a: NdArray): NdArray => add(a, mul(8, eye(a.shape.at(-1)!, a.dtype)));

/** f along any axis, of numbers of any size and of logits a few units apart. */
const logits = (name: string, f: (x: NdArray, axis: number) => NdArray): PrimitiveCase["settings"] =>
  shapes({ minRank: 1, maxRank: 3 }).chain((shape) =>
    axisOf(shape).chain((axis) =>
      fc
        .constantFrom(
          anything,
          betweenEighths.map((x) => 4 * x),
        )
        .map((domain) =>
          setting(`${name}(x[${shape}], ${axis})`, (x) => f(x!, axis), inputsOf([shape], domain)),
        ),
    ),
  );

const some = array([
  [1, 2],
  [3, 5],
]);

/** A function with rules of its own whose value is a composition: no backend knows it. */
export interface DefinedCase extends PrimitiveCase {
  readonly primitive: Primitive;
}

function defined({ primitive }: { readonly primitive: unknown }, testCase: PrimitiveCase): DefinedCase {
  return { primitive: primitive as Primitive, ...testCase }; // settings are checked where each is called
}

/** How to try every function that has rules of its own and is no primitive of the table. */
export const definedCases: Readonly<Record<string, DefinedCase>> = {
  // [eq:power-slope]
  powerSlope: defined(
    { primitive: powerSlopePrimitive },
    {
      settings: fc.oneof(
        binarySettings("slopeOfPower", slope, [positive, anything]),
        binarySettings("slopeOfPower, whole exponents", slope, [positive, fc.constantFrom(0, 1, 2)]),
        fc
          .tuple(shapes(), fc.constantFrom(-2, -1, 0, 1, 2, 3))
          .map(([shape, k]) =>
            setting(
              `slopeOfPower(x[${shape}], ${k})`,
              (x) => slope(x!, filledLike(x!, k)),
              inputsOf([shape], nonzero),
            ),
          ),
        fc
          .constantFrom(0, 1, 2, 3, 4)
          .map((k) =>
            setting(
              `slopeOfPower(x, ${k}) at 0`,
              (x) => slope(x!, filledLike(x!, k)),
              inputsOf([[2]], fc.constant(0)),
            ),
          ),
      ),
      edges: [
        edge(
          "the slope of x^0 is 0, with slope 0",
          (x) => slope(x!, filledLike(x!, 0)),
          [[0, 5e-324, 1, -2, 1e-160]],
          [0, 0, 0, 0, 0],
          [[0, 0, 0, 0, 0]],
        ),
        edge(
          "the slope of x^2",
          (x) => slope(x!, filledLike(x!, 2)),
          [[0, 1e300, -1e-310]],
          [0, 2e300, -2e-310],
          [[2, 2, 2]],
        ),
        edge("at x = 0 and y = 1", both(slope), [0, 1], 1, [0, 1]),
        edge("at x = 0 and y = 3", both(slope), [0, 3], 0, [0, 0]),
        edge("of a negative base, none in the exponent", both(slope), [-2, 2], -4, [2, nan]),
      ],
    },
  ),
  // [eq:over-squares]
  overSquares: defined(overSquares, {
    settings: fc.oneof(
      binarySettings("overSquares", overSquares, [anything, positive]),
      binarySettings("overSquares", overSquares, [nonzero, anything]),
    ),
    edges: [
      edge("of large numbers", both(overSquares), [1e200, 1e200], 5e-201, [0, 0]),
      edge("at infinity", both(overSquares), [inf, 1], 0, [0, 0]),
      edge("at the origin", both(overSquares), [0, 0], nan, [nan, nan]),
    ],
  }),
  nonNegative: defined(
    nonNegative,
    unaryCase("nonNegative", nonNegative, positive, [
      edge("what is below 0 is none", (x) => nonNegative(x!), [-1], nan, [1]),
    ]),
  ),
  orOne: defined(
    orOne,
    unaryCase("orOne", orOne, nonzero, [edge("1 stands for 0", (x) => orOne(x!), [0], 1, [1])]),
  ),

  // [eq:softmax-given]
  softmaxGiven: defined(
    { primitive: softmaxGivenPrimitive },
    {
      settings: shapes({ minRank: 1, maxRank: 3, empty: false }).map((shape) =>
        setting(
          `softmaxGiven(x[${shape}], logSumExp(x))`,
          (x) => grad((y: NdArray) => sum(logSumExp(y, -1)))(x!),
          inputsOf([shape], anything),
        ),
      ),
      edges: [
        edge(
          "of −∞ alone",
          (x) => grad((y: NdArray) => logSumExp(y))(x!),
          [[minusInf, minusInf]],
          [0.5, 0.5],
          [[0, 0]],
        ),
        edge("of one ∞", (x) => grad((y: NdArray) => logSumExp(y))(x!), [[inf, 0]], [1, 0], [[0, 0]]),
      ],
    },
  ),

  // [eq:log-add-exp]
  difference: defined(
    difference,
    binaryCase(
      "difference",
      difference,
      [anything, anything],
      [edge("of equal infinities", both(difference), [inf, inf], 0, [1, -1])],
    ),
  ),
  logAddExp: defined(
    logAddExp,
    binaryCase(
      "logAddExp",
      logAddExp,
      [anything, anything],
      [
        edge("equal infinities share", both(logAddExp), [minusInf, minusInf], minusInf, [0.5, 0.5]),
        edge("equal infinities share", both(logAddExp), [inf, inf], inf, [0.5, 0.5]),
        edge("the larger takes all", both(logAddExp), [inf, 3], inf, [1, 0]),
        edge("the larger takes all", both(logAddExp), [minusInf, 3], 3, [0, 1]),
        edge("NaN", both(logAddExp), [nan, 3], nan, [nan, nan]),
      ],
    ),
  ),

  // [eq:norm] [eq:log-softmax]
  norm: defined(
    { primitive: normPrimitive },
    {
      settings: shapes({ minRank: 1, maxRank: 3, empty: false }).chain((shape) =>
        axesOf(shape).map((axes) =>
          setting(`norm(x[${shape}], ${axes})`, (x) => norm(x!, axes), inputsOf([shape], nonzero)),
        ),
      ),
      edges: [
        edge("the norm of nothing has slope 0", (x) => norm(x!), [[0, 0]], 0, [[0, 0]]),
        ...Object.entries({
          backward: (x: NdArray): NdArray => mul(grad((y: NdArray) => sum(norm(y, 1)))(x), some),
          forward: (x: NdArray): NdArray => jvp((y: NdArray) => norm(y, 1))([x], [some])[1],
        }).map(([direction, slope]) =>
          edge(
            `and slopes of slope 0, as those of |x|, ${direction}`,
            (x) => sum(slope(x!)),
            [
              [
                [0, 0],
                [0, 0],
              ],
            ],
            0,
            [
              [
                [0, 0],
                [0, 0],
              ],
            ],
          ),
        ),
        edge(
          "of nothing beside something",
          (x) => norm(x!, 1),
          [
            [
              [0, 0],
              [3, 4],
            ],
          ],
          [0, 5],
          [
            [
              [0, 0],
              [0.6, 0.8],
            ],
          ],
        ),
        edge("of large numbers", (x) => norm(x!), [[3e300, 4e300]], 5e300, [[0.6, 0.8]]),
        edge("of small numbers", (x) => norm(x!), [[3e-310, -4e-310]], 5e-310, [[0.6, -0.8]]),
        edge("beside an infinity", (x) => norm(x!), [[1, inf]], inf, [[0, nan]]),
        edge("with a NaN", (x) => norm(x!), [[0, nan]], nan, [[nan, nan]]),
        edge("of an empty axis", (x) => norm(x!, 1), [[[], []]], [0, 0], [[[], []]]),
      ],
    },
  ),
  logSoftmax: defined(
    { primitive: logSoftmaxPrimitive },
    {
      settings: logits("logSoftmax", logSoftmax),
      edges: [
        edge("a logit of −∞ is out of it", (x) => logSoftmax(x!), [[0, minusInf]], [0, minusInf], [[-1, 1]]),
        edge("one logit of ∞ takes all", (x) => logSoftmax(x!), [[inf, 0]], [0, minusInf], [[-1, 1]]),
        edge(
          "1 − p of the largest logit is not lost, whichever moves",
          (x, y) => mul(1e17, slice(logSoftmax(concat([x!, y!])), [0, 1])),
          [[40], [0]],
          [-1e17 * Math.exp(-40)],
          [[1e17 * Math.exp(-40)], [-1e17 * Math.exp(-40)]],
        ),
        edge("NaN is nobody's", (x) => logSoftmax(x!), [[nan, 0]], [nan, nan], [[nan, nan]]),
        edge(
          "equal infinities are equal numbers",
          (x) => logSoftmax(x!),
          [[minusInf, minusInf]],
          [-Math.LN2, -Math.LN2],
          [[0, 0]],
        ),
      ],
    },
  ),
  // [eq:softmax]
  softmax: defined(
    { primitive: softmaxPrimitive },
    {
      settings: logits("softmax", softmax),
      edges: [
        edge("a logit of −∞ has none", (x) => softmax(x!), [[0, minusInf]], [1, 0], [[0, 0]]),
        edge("one logit of ∞ takes all", (x) => softmax(x!), [[inf, 0]], [1, 0], [[0, 0]]),
        edge(
          "1 − p of the largest logit is not lost, whichever moves",
          (x, y) => mul(1e17, slice(softmax(concat([x!, y!])), [1, 2])),
          [[40], [0]],
          [1e17 * Math.exp(-40)],
          [[-1e17 * Math.exp(-40)], [1e17 * Math.exp(-40)]],
        ),
        edge(
          "nor the slope of the largest",
          (x, y) => mul(1e17, slice(softmax(concat([x!, y!])), [0, 1])),
          [[40], [0]],
          [1e17],
          [[1e17 * Math.exp(-40)], [-1e17 * Math.exp(-40)]],
        ),
        edge("NaN is nobody's", (x) => softmax(x!), [[nan, 0]], [nan, nan], [[nan, nan]]),
        edge(
          "equal infinities are equal numbers",
          (x) => softmax(x!),
          [[minusInf, minusInf]],
          [0.5, 0.5],
          [[0, 0]],
        ),
      ],
    },
  ),
  // [eq:solve] [eq:log-determinant]
  solve: defined(
    { primitive: solvePrimitive },
    {
      settings: fc
        .constantFrom(
          [
            [2, 2],
            [2, 3],
          ],
          [
            [3, 3],
            [3, 1],
          ],
          [
            [2, 2, 2],
            [2, 2, 1],
          ],
          [
            [1, 1],
            [1, 1],
          ],
        )
        .map(([a, b]) =>
          setting(`solve(a[${a}], b[${b}])`, (x, y) => solve(regular(x!), y!), inputsOf([a!, b!], anything)),
        ),
      edges: [
        edge(
          "with its rows exchanged",
          (a) => solve(a!, array([1, 2])),
          [
            [
              [0, 1],
              [2, 0],
            ],
          ],
          [1, 1],
          [
            [
              [-1, -1],
              [-0.5, -0.5],
            ],
          ],
        ),
      ],
    },
  ),
  logDeterminant: defined(
    { primitive: logDeterminantPrimitive },
    {
      settings: fc
        .constantFrom([2, 2], [3, 3], [2, 2, 2], [1, 1])
        .map((shape) =>
          setting(
            `logDeterminant(a[${shape}])`,
            (a) => logDeterminant(regular(a!)),
            inputsOf([shape], anything),
          ),
        ),
      edges: [
        edge(
          "of a negative determinant",
          (a) => logDeterminant(a!),
          [
            [
              [0, 1],
              [2, 0],
            ],
          ],
          Math.LN2,
          [
            [
              [0, 1],
              [0.5, 0],
            ],
          ],
        ),
      ],
    },
  ),

  ...factorCases,
  ...specialCases,
};
