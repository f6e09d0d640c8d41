import fc from "fast-check";
import {
  abs,
  add,
  array,
  atan2,
  clip,
  convert,
  cos,
  div,
  equal,
  exp,
  expm1,
  less,
  lessEqual,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  type NdArray,
  neg,
  pow,
  select,
  sigmoid,
  sign,
  sin,
  softplus,
  sqrt,
  sub,
  tanh,
} from "../../../src/index.ts";
import { bitXor, multiplyHigh } from "../../../src/primitives/bits.ts";
import type { ElementwiseName } from "../../../src/primitives/table.ts";
import { sechSquared } from "../../../src/primitives/transcendental.ts";
import type { ArrayFunction } from "../../../src/testing/index.ts";
import { type Edge, edge, inputsOf, type PrimitiveCase, type Setting, setting } from "../setting.ts";
import {
  anything,
  betweenEighths,
  type Domain,
  eighths,
  nonzero,
  positive,
  shapes,
  shapesTogether,
} from "../values.ts";

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number;

type Unary = (x: NdArray) => NdArray;
type Binary = (x: NdArray, y: NdArray) => NdArray;

export function unarySettings(name: string, f: Unary, domain: Domain, smooth = true): fc.Arbitrary<Setting> {
  return shapes().map((shape) =>
    setting(`${name}(x[${shape}])`, (x) => f(x!), inputsOf([shape], domain), { smooth }),
  );
}

export function unaryCase(
  name: string,
  f: Unary,
  domain: Domain,
  edges: readonly Edge[] = [],
): PrimitiveCase {
  return { settings: unarySettings(name, f, domain), edges };
}

export function binarySettings(
  name: string,
  f: Binary,
  domains: readonly [Domain, Domain],
  smooth = true,
): fc.Arbitrary<Setting> {
  return shapesTogether(2).map(([x, y]) =>
    setting(`${name}(x[${x}], y[${y}])`, (a, b) => f(a!, b!), inputsOf([x!, y!], ...domains), { smooth }),
  );
}

export function binaryCase(
  name: string,
  f: Binary,
  domains: readonly [Domain, Domain],
  edges: readonly Edge[] = [],
): PrimitiveCase {
  return { settings: binarySettings(name, f, domains), edges };
}

/** A comparison, as numbers: constant wherever it is continuous. */
function comparisonCase(name: string, f: Binary): PrimitiveCase {
  return binaryCase(
    name,
    (x, y) => convert(f(x, y), x.dtype),
    [anything, betweenEighths],
    [
      edge(
        `${name} carries no derivative at a tie`,
        (x, y) => convert(f(x!, y!), "float64"),
        [1, 1],
        name === "less" ? 0 : 1,
        [0, 0],
      ),
      edge(`${name} is false for NaN`, (x, y) => convert(f(x!, y!), "float64"), [Number.NaN, 1], 0, [0, 0]),
    ],
  );
}

/** Of the whole parts of the arguments, which change only at whole numbers. [eq:multiply-high] */
function wordsCase(name: string, f: Binary, of12And10: number): PrimitiveCase {
  const ofParts = (x: NdArray, y: NdArray): NdArray =>
    convert(f(convert(x, "int32"), convert(y, "int32")), x.dtype);
  return {
    settings: binarySettings(name, ofParts, [betweenEighths, betweenEighths]),
    edges: [edge(`${name} has no slope`, (x, y) => ofParts(x!, y!), [12, 10], of12And10, [0, 0])],
  };
}

/** Smooth away from ties, and with ties: at a tie of two the difference quotient is the mean of the slopes, too. */
function extremumCase(name: string, f: Binary): PrimitiveCase {
  return {
    settings: fc.oneof(
      binarySettings(name, f, [anything, betweenEighths]),
      binarySettings(`${name} with ties`, f, [eighths(-1 / 8, 1 / 8), eighths(-1 / 8, 1 / 8)], false),
    ),
    edges: [
      edge(`${name} shares the derivative at a tie`, (x, y) => f(x!, y!), [1, 1], 1, [1 / 2, 1 / 2]),
      edge(`${name} shares the derivative of x with itself`, (x) => f(x!, x!), [1], 1, [1]),
      edge(`${name} of NaN is NaN, and has no slope`, (x, y) => f(x!, y!), [nan, 1], nan, [nan, nan]),
      edge(`${name} of NaN is NaN, and has no slope`, (x, y) => f(x!, y!), [1, nan], nan, [nan, nan]),
      edge(`${name} shares at a tie of infinities`, (x, y) => f(x!, y!), [inf, inf], inf, [1 / 2, 1 / 2]),
    ],
  };
}

export const at =
  (f: Unary): ArrayFunction =>
  (x) =>
    f(x!);
export const both =
  (f: Binary): ArrayFunction =>
  (x, y) =>
    f(x!, y!);

export const elementwiseCases: { readonly [Name in ElementwiseName]: PrimitiveCase } = {
  // [eq:add] [eq:sub] [eq:mul] [eq:div] [eq:neg]
  add: binaryCase("add", add, [anything, anything]),
  sub: binaryCase("sub", sub, [anything, anything]),
  mul: binaryCase(
    "mul",
    mul,
    [anything, anything],
    [edge("0 · ∞ is NaN, and so is its derivative in neither factor", both(mul), [0, inf], nan, [inf, 0])],
  ),
  div: binaryCase(
    "div",
    div,
    [anything, nonzero],
    [
      edge("1 / 0", both(div), [1, 0], inf, [inf, minusInf]),
      edge("0 / 0", both(div), [0, 0], nan, [inf, nan]),
      edge("of small numbers", both(div), [1e-300, 1e-200], 1e-100, [1e200, -1e100]),
      edge("of large numbers", both(div), [1e300, 1e200], 1e100, [1e-200, -1e-100]),
    ],
  ),
  neg: unaryCase("neg", neg, anything),

  // [eq:pow]
  pow: {
    settings: fc.oneof(
      binarySettings("pow", pow, [positive, anything]),
      binarySettings("pow, whole exponents", pow, [positive, fc.constantFrom(0, 1, 2)]),
      fc
        .tuple(shapes(), fc.constantFrom(-2, -1, 0, 1, 2, 3))
        .map(([shape, k]) =>
          setting(`pow(x[${shape}], ${k})`, (x) => pow(x!, k), inputsOf([shape], nonzero)),
        ),
      // A power of zero: differences see the base only, and x^k is smooth there for k = 1, 2, 3.
      fc
        .constantFrom(1, 2, 3)
        .map((k) => setting(`pow(x, ${k}) at 0`, (x) => pow(x!, k), inputsOf([[2]], fc.constant(0)))),
    ),
    edges: [
      edge("0^0 = 1, with no slope", both(pow), [0, 0], 1, [0, 0]),
      edge("0^1", both(pow), [0, 1], 0, [1, 0]),
      edge("0^2", both(pow), [0, 2], 0, [0, 0]),
      edge("0^(1/2) rises vertically", both(pow), [0, 0.5], 0, [inf, 0]),
      edge("0^(−1)", both(pow), [0, -1], inf, [minusInf, nan]),
      edge("x^0", both(pow), [3, 0], 1, [0, Math.log(3)]),
      edge("x^0 of a subnormal number", (x) => pow(x!, 0), [5e-324], 1, [0]),
      edge("x² beyond the range", (x) => pow(x!, 2), [[1e200, 1e-200]], [inf, 0], [[2e200, 2e-200]]),
      edge(
        "x^y where x^(y−1) overflows",
        (x) => pow(x!, 1e-5),
        [1e-310],
        0.9928874013250784,
        [9.928874013250784e304],
      ),
      edge(
        "x^y where x^(y−1) underflows",
        (x) => pow(x!, 1076),
        [[0.5, -0.5]],
        [0, 0],
        [[2.66e-321, -2.66e-321]],
      ),
      edge("as in JavaScript, 1^NaN is NaN", (x) => pow(x!, Number.NaN), [1], nan, [nan]),
      edge("as in JavaScript, NaN^0 is 1", (x) => pow(x!, 0), [nan], 1, [0]),
      edge("a negative base has no slope in the exponent", both(pow), [-2, 2], 4, [-4, nan]),
      edge("a negative base with a fraction", (x) => pow(x!, 0.5), [-1], nan, [nan]),
      edge(
        "the slope in y of the slope in x at y = 0 is 1/x",
        (y) => mul(y!, pow(2, sub(y!, 1))),
        [0],
        0,
        [0.5],
      ),
    ],
  },

  // [eq:sqrt] [eq:exp] [eq:expm1] [eq:log] [eq:log1p]
  sqrt: unaryCase("sqrt", sqrt, positive, [
    edge("√0 rises vertically", at(sqrt), [0], 0, [inf]),
    edge("√−1", at(sqrt), [-1], nan, [nan]),
  ]),
  exp: unaryCase("exp", exp, anything, [
    edge("exp overflows to infinity", at(exp), [1000], inf, [inf]),
    edge("exp −∞", at(exp), [minusInf], 0, [0]),
  ]),
  expm1: unaryCase("expm1", expm1, anything, [
    edge("expm1 keeps what exp(x) − 1 loses", at(expm1), [1e-20], 1e-20, [1]),
    edge("expm1 far to the left", at(expm1), [minusInf], -1, [0]),
  ]),
  log: unaryCase("log", log, positive, [
    edge("log 0", at(log), [0], minusInf, [inf]),
    edge("log −1 is no number, and has no slope", at(log), [-1], nan, [nan]),
  ]),
  log1p: unaryCase("log1p", log1p, eighths(-3 / 4, 2), [
    edge("log1p keeps what log(1 + x) loses", at(log1p), [1e-20], 1e-20, [1]),
    edge("log1p −1", at(log1p), [-1], minusInf, [inf]),
    edge("log1p −2 is no number, and has no slope", at(log1p), [-2], nan, [nan]),
  ]),

  // [eq:tanh] [eq:sech-squared] [eq:sigmoid] [eq:softplus] [eq:sin] [eq:cos] [eq:atan2]
  tanh: unaryCase("tanh", tanh, anything, [edge("tanh saturates", at(tanh), [100], 1, [0])]),
  sechSquared: unaryCase("sechSquared", sechSquared, anything, [
    edge(
      "sech² far out",
      at(sechSquared),
      [[20, -20]],
      [1.6993417021166355e-17, 1.6993417021166355e-17],
      [[-3.398683404233271e-17, 3.398683404233271e-17]],
    ),
  ]),
  sigmoid: unaryCase("sigmoid", sigmoid, anything, [
    edge("sigmoid of a large negative number", at(sigmoid), [-1000], 0, [0]),
    edge("sigmoid of a large number", at(sigmoid), [1000], 1, [0]),
  ]),
  softplus: unaryCase("softplus", softplus, anything, [
    edge("softplus of a large number is that number", at(softplus), [1000], 1000, [1]),
    edge("softplus of a large negative number", at(softplus), [-1000], 0, [0]),
  ]),
  sin: unaryCase("sin", sin, anything),
  cos: unaryCase("cos", cos, anything),
  atan2: {
    settings: fc.oneof(
      binarySettings("atan2", atan2, [anything, positive]),
      binarySettings("atan2", atan2, [nonzero, anything]),
    ),
    edges: [
      edge("the origin has no angle", both(atan2), [0, 0], 0, [nan, nan]),
      edge("on the cut", both(atan2), [0, -1], Math.PI, [-1, 0]),
      edge("of large numbers", both(atan2), [1e200, 1e200], Math.PI / 4, [5e-201, -5e-201]),
      edge("of small numbers", both(atan2), [-1e-200, 1e-200], -Math.PI / 4, [5e199, 5e199]),
      edge("one large, one small", both(atan2), [1e-200, 1e200], 0, [1e-200, 0]),
      edge("at infinity nothing moves it", both(atan2), [1, inf], 0, [0, 0]),
      edge("at infinity nothing moves it", both(atan2), [inf, minusInf], (3 * Math.PI) / 4, [0, 0]),
      edge("NaN", both(atan2), [1, nan], nan, [nan, nan]),
    ],
  },

  // [eq:abs] [eq:sign] [eq:maximum] [eq:minimum]
  abs: {
    settings: fc.oneof(
      unarySettings("abs", abs, nonzero),
      unarySettings("abs with zeros", abs, fc.constantFrom(-0.25, 0, 0.25), false),
    ),
    edges: [edge("|x| at 0: the mean of −1 and 1", at(abs), [0], 0, [0])],
  },
  sign: unaryCase("sign", sign, nonzero, [edge("the jump of sign is not seen", at(sign), [0], 0, [0])]),
  maximum: extremumCase("maximum", maximum),
  minimum: {
    ...extremumCase("minimum", minimum),
    edges: [
      ...extremumCase("minimum", minimum).edges,
      edge(
        "clip inside, outside, and on a bound",
        (x) => clip(x!, -1, 1),
        [[0, 3, 1, -1]],
        [0, 1, 1, -1],
        [[1, 0, 0.5, 0.5]],
      ),
    ],
  },

  // [eq:select] [eq:convert]
  bitXor: wordsCase("bitXor", bitXor, 6),
  multiplyHigh: wordsCase("multiplyHigh", multiplyHigh, 0),
  less: comparisonCase("less", less),
  lessEqual: comparisonCase("lessEqual", lessEqual),
  equal: comparisonCase("equal", equal),
  select: {
    settings: fc
      .tuple(shapesTogether(3), fc.infiniteStream(fc.constantFrom(0, 1)))
      .map(([[maskShape, a, b], bits]) => {
        const size = maskShape!.reduce((n, extent) => n * extent, 1);
        const mask = array(
          Int32Array.from({ length: size }, () => bits.next().value ?? 0),
          maskShape!,
        );
        return setting(
          `select([${mask.data}], a[${a}], b[${b}])`,
          (x, y) => select(mask, x!, y!),
          inputsOf([a!, b!], anything),
        );
      }),
    edges: [
      edge("a branch that is not taken", (x) => select(less(0, x!), exp(x!), neg(x!)), [-1], 1, [-1]),
      edge(
        "the cure: an argument inside the domain, whichever branch is taken",
        (x) => select(less(0, x!), sqrt(select(less(0, x!), x!, 1)), 0),
        [-1],
        0,
        [0],
      ),
    ],
  },
  convert: {
    settings: shapes().map((shape) =>
      setting(
        `convert(convert(x[${shape}], "float32"), "float64")`,
        (x) => convert(convert(x!, "float32"), x!.dtype),
        inputsOf([shape], anything),
        { differences: { relative: 1e-2, absolute: 1e-2 } }, // of the rounding to float32
      ),
    ),
    edges: [
      edge(
        "whole numbers carry no derivative",
        (x) => convert(convert(x!, "int32"), "float64"),
        [1.5],
        1,
        [0],
      ),
    ],
  },
};
