import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wasm } from "../../src/backends/wasm/index.ts";
import {
  abs,
  add,
  array,
  type Backend,
  concat,
  cond,
  customFunction,
  DomainError,
  dot,
  equal,
  erf,
  erfc,
  exp,
  expm1,
  floor,
  jvp,
  less,
  log,
  logSoftmax,
  matmul,
  mul,
  type NdArray,
  neg,
  reference,
  scan,
  select,
  sigmoid,
  sin,
  slice,
  softplus,
  square,
  stopGradient,
  sub,
  sum,
  TreeError,
  tanh,
  zeros,
} from "../../src/index.ts";
import { key } from "../../src/random/index.ts";
import {
  type ArrayFunction,
  argumentsAreLeftAlone,
  checkGradients,
  compiledRunsAgree,
  derivativesAreLinear,
  differentiateByDifferences,
  float32AgreesWithFloat64,
  float32RunsAgree,
  gradIsPullbackOfOne,
  hessianIsSymmetric,
  hessianProductsAgree,
  jvpMatchesDifferences,
  LawViolation,
  mappedRunsAgree,
  primalIsKept,
  vjpIsTransposeOfJvp,
} from "../../src/testing/index.ts";
import { requireClose, type Tolerance } from "../../src/testing/violation.ts";

/** y, with a NaN for its slope. */
const withNanSlope = customFunction({
  name: "g",
  apply: (y) => mul(y, 1),
  vjp: (bar) => [mul(Number.NaN, bar)],
});
const x = array([0.5, -1, 2]);
const [v, u] = [array([1, -0.5, 0.25]), array([0.5, 1, -1])];
const A = array([
  [1, 2, 0],
  [0, 1, 3],
  [1, 0, 1],
]);

/** exp y, but y³ under a trace: not a function of its argument. */
function otherwiseTraced(y?: NdArray): NdArray {
  return Object.hasOwn(y!, "data") ? exp(y!) : mul(y!, mul(y!, y!));
}

/** The array itself, its first element changed if it has any yet. */
function overwritten(y: NdArray): NdArray {
  if (Object.hasOwn(y, "data")) y.data[0]! += 1;
  return y;
}

const copy = (y: NdArray): NdArray => array(y.data, y.shape);

/** A backend whose results are wrong in the sixth digit. */
const off: Backend = {
  name: "off",
  compile: (graph) => (inputs) =>
    reference
      .compile(graph)(inputs)
      .map((y) => mul(y, 1 + 1e-6)),
};

/** A function that breaks one law, and the law it breaks. */
const broken: Readonly<Record<string, readonly [law: (f: ArrayFunction) => void, f: ArrayFunction]>> = {
  "the primal is kept": [
    (f) => primalIsKept(f, [x], [v]),
    (() => {
      let calls = 0;
      return (y?: NdArray) => add(y!, calls++); // not a function of its argument
    })(),
  ],
  "jvp matches differences": [
    (f) => jvpMatchesDifferences(f, [x], [v]),
    customFunction({ name: "f", apply: (y) => mul(y, y), jvp: ([dy], [y]) => mul(dy!, y!) }),
  ],
  "vjp is the transpose of jvp": [
    (f) => vjpIsTransposeOfJvp(f, [x], [v], u),
    customFunction({
      name: "f",
      apply: (y) => matmul(A, y),
      jvp: ([dy]) => matmul(A, dy!),
      vjp: (yBar) => [matmul(A, yBar)], // not transposed
    }),
  ],
  "jvp is linear": [
    (f) => derivativesAreLinear(f, [x], [[v], [u]], [v, u], 2),
    customFunction({ name: "f", apply: exp, jvp: ([dy]) => mul(dy!, dy!), vjp: (yBar) => [yBar] }),
  ],
  "vjp is linear": [
    (f) => derivativesAreLinear(f, [x], [[v], [u]], [v, u], 2),
    customFunction({ name: "f", apply: exp, jvp: ([dy]) => dy!, vjp: (yBar) => [abs(yBar)] }),
  ],
  "Hessian-vector products agree": [
    (f) => hessianProductsAgree(f, [x], [v], [u]),
    customFunction({
      name: "f",
      apply: (y) => sum(mul(y, mul(y, y))),
      vjp: (yBar, [y]) => [mul(yBar, mul(3, mul(y!, stopGradient(y!))))], // right once, wrong twice
    }),
  ],
  "the Hessian is symmetric": [
    (f) => hessianIsSymmetric(f, [x], [v], [u]),
    customFunction({
      name: "f",
      apply: (y) => dot(y, matmul(A, y)),
      vjp: (yBar, [y]) => [mul(mul(2, yBar), matmul(A, y!))], // the gradient of nothing: A is not symmetric
    }),
  ],
  "float32 agrees with float64": [
    (f) => float32AgreesWithFloat64(f, [x], [v], u),
    (y) => sub(add(y!, 2 ** 24), 2 ** 24), // loses every digit in float32
  ],
  "compiled runs agree": [(f) => compiledRunsAgree(f, [x], [v], u, [reference]), otherwiseTraced],
  "compiled runs agree, on a backend that is off": [
    (f) => compiledRunsAgree(f, [x], [v], u, [reference, off]),
    (y) => mul(y!, 1), // the sound one below is off too, see there
  ],
  "float32 runs agree": [
    (f) => float32RunsAgree(f, [x], [v], u, [wasm]),
    (y) => sub(add(y!, 2 ** 24), 2 ** 24),
  ],
  "mapped runs agree": [(f) => mappedRunsAgree(f, [x], [v], u), otherwiseTraced],
  "arguments are left alone, the point": [
    (f) => argumentsAreLeftAlone(f, [copy(x)], [v], u),
    customFunction({ name: "f", apply: (y) => exp(overwritten(y)), vjp: (yBar) => [yBar] }),
  ],
  "arguments are left alone, the cotangent": [
    (f) => argumentsAreLeftAlone(f, [x], [v], copy(u)),
    customFunction({ name: "f", apply: exp, vjp: (yBar) => [overwritten(yBar)] }),
  ],
  "arguments are left alone, rules that remember": [
    (f) => argumentsAreLeftAlone(f, [x], [v], u),
    (() => {
      let calls = 0;
      return customFunction({ name: "f", apply: exp, vjp: (yBar) => [mul(yBar, calls++)] });
    })(),
  ],
  "grad is the pullback of 1": [
    (f) => gradIsPullbackOfOne(f, [x]),
    (() => {
      let calls = 0;
      return (y?: NdArray) => mul(calls++, sum(y!));
    })(),
  ],
};

describe("a law that does not hold is a LawViolation", () => {
  it.each(Object.entries(broken))("%s", (_name, [law, f]) => {
    expect(() => law(f)).toThrow(LawViolation);
  });

  it.each(Object.entries(broken))("%s holds of a sound function", (name, [law]) => {
    if (name.includes("backend that is off")) return; // no function is sound there
    const scalar = /Hessian|grad/.test(name);
    expect(() => law((y) => (scalar ? sum(exp(y!)) : exp(y!)))).not.toThrow();
  });
});

it("no number will do for an infinite one, nor for a NaN, nor the other way round", () => {
  const [inf, nan] = [Number.POSITIVE_INFINITY, Number.NaN];
  const compare =
    (got: number, expected: number, tolerance: number | Tolerance = 1e-12) =>
    (): unknown =>
      requireClose("law", "it", Float64Array.of(got), Float64Array.of(expected), tolerance);
  for (const [a, b] of [
    [inf, 1],
    [-inf, inf],
    [nan, 1],
    [nan, inf],
  ] as const) {
    for (const tolerance of [1e-12, { relative: 0.5 }, { relative: 1e-12, absolute: 1 }]) {
      expect(compare(a, b, tolerance)).toThrow(LawViolation);
      expect(compare(b, a, tolerance)).toThrow(LawViolation);
    }
  }
  expect(compare(inf, inf)).not.toThrow();
  expect(compare(nan, nan)).not.toThrow(); // stated, as at an edge
  expect(compare(nan, nan, { relative: 1 })).toThrow(LawViolation);
});

describe("difference quotients", () => {
  it("of a smooth function are exact to almost all digits, and know their error", () => {
    const { derivative, error } = differentiateByDifferences((t) =>
      Float64Array.of(Math.exp(1 + t), Math.sin(t)),
    );
    [Math.E, 1].forEach((exact, i) => {
      expect(Math.abs(derivative[i]! - exact)).toBeLessThan(1e-12);
      expect(error[i]).toBeLessThan(1e-11);
    });
  });

  it("at a kink are the mean of the one-sided slopes", () => {
    expect(differentiateByDifferences((t) => Float64Array.of(Math.max(t, 3 * t))).derivative[0]).toBe(2);
  });

  it("at a jump do not settle", () => {
    expect(differentiateByDifferences((t) => Float64Array.of(Math.sign(t))).error[0]).toBeGreaterThan(1);
  });
});

describe("checkGradients", () => {
  it("takes trees of any kind, and reports the largest discrepancies", () => {
    const model = ({ w, b }: { w: NdArray; b: NdArray }, scale: NdArray): { y: NdArray; loss: NdArray } => {
      const y = exp(mul(scale, add(matmul(w, x), b)));
      return { y, loss: sum(mul(y, y)) };
    };
    const report = checkGradients(model, [{ w: mul(0.1, A), b: array([0, 0.1, 0.2]) }, array(0.5)], {
      key: key(3),
    });
    expect(report.jvp).toBeLessThan(1e-8);
    expect(report.vjp).toBeLessThan(1e-13);
    expect(report.hvp).toBeLessThan(1e-8);
  });

  it("finds a jump at the point, whatever its height and what it is added to", () => {
    const jump = fc.record({
      at: fc.integer({ min: -50, max: 50 }),
      height: fc.constantFrom(1e-6, 1e-3, 1, 1e3, 1e9),
      slope: fc.constantFrom(0, 1, -30),
    });
    fc.assert(
      fc.property(jump, ({ at, height, slope }) => {
        const f = (y: NdArray): NdArray => add(mul(height, floor(y)), mul(slope, y));
        const options = { secondOrder: false, float32: false } as const;
        expect(() => checkGradients(f, [array([at + 0.5])], options)).not.toThrow();
        expect(() => checkGradients(f, [array([at])], options)).toThrow(LawViolation);
      }),
    );
  });

  const wrong = (scale: number, factor: number): ArrayFunction =>
    customFunction({
      name: "scaled",
      apply: (y) => mul(scale, sigmoid(y)),
      jvp: ([dy], [y]) => mul(mul(scale * factor, dy!), mul(sigmoid(y!), sigmoid(neg(y!)))),
    });
  const tail = array([-15, -8, 0.5, 12]);

  it.each([1, 1e-9, 1e-15, 1e12])("finds a wrong rule whatever the units: %s times a function", (scale) => {
    const options = { secondOrder: false, float32: false } as const;
    expect(() => checkGradients(wrong(scale, 1), [tail], options)).not.toThrow();
    expect(() => checkGradients(wrong(scale, 2), [tail], options)).toThrow(/^jvp matches differences/);
    // Where the slope is 3e-7 to 3e-4: relative to the slope, not to 1.
    for (const at of [-15, -8, 8]) {
      expect(() => checkGradients(wrong(scale, 1 + 1e-5), [array([at])], options)).toThrow(/^jvp matches/);
      expect(() =>
        checkGradients(wrong(scale, 1 + 1e-5), [array([at])], { ...options, relative: 1e-4 }),
      ).not.toThrow();
    }
    const shifted = customFunction({
      name: "shifted",
      apply: (y) => mul(scale, tanh(y)),
      vjp: (bar, [y]) => [mul(bar, mul(scale, add(1e-5, sub(1, square(tanh(y!))))))],
    });
    expect(() => checkGradients((y: NdArray) => shifted(y), [array([7])], options)).toThrow(LawViolation);
  });

  it("takes an absolute tolerance too", () => {
    const nearly = wrong(1, 1 + 1e-3);
    const options = { secondOrder: false, float32: false } as const;
    expect(() => checkGradients(nearly, [array([-8])], { ...options, absolute: 1e-6 })).not.toThrow();
    expect(() => checkGradients(nearly, [array([0])], { ...options, absolute: 1e-6 })).toThrow(LawViolation);
  });

  it("finds a small wrong part beside a large right one, and names its leaf and the direction", () => {
    const f = ({ w, b: [b] }: { w: NdArray; b: readonly NdArray[] }, s: NdArray): NdArray =>
      add(sum(mul(s, exp(w))), sum(wrong(1e-9, 2)(b!)));
    const at = [{ w: array([1, 2]), b: [array([0.5, 1])] }, array(3)] as const;
    expect(() => checkGradients(f, [...at], { secondOrder: false })).toThrow(
      /^jvp matches differences: .* in args\[0\]\.b\[0\] alone, along random direction \d of 3/,
    );
    expect(() => checkGradients((y: NdArray) => wrong(1, 2)(y), [x])).toThrow(
      /in args\[0\], along random direction 0 of 3/,
    );
    const untransposed = customFunction({
      name: "f",
      apply: (y, z) => add(y, matmul(A, z)),
      jvp: ([dy, dz]) => add(dy!, matmul(A, dz!)),
      vjp: (bar) => [bar, matmul(A, bar)],
    });
    expect(() => checkGradients((y: NdArray, z: NdArray) => untransposed(y, z), [x, x])).toThrow(
      /^vjp is the transpose of jvp: .* in args\[1\] alone/,
    );
  });

  it("lets no NaN pass: at the point, off it, in a second derivative, or in one argument", () => {
    const nanOff = customFunction({
      name: "f",
      apply: (y) => mul(y, y),
      vjp: (bar, [y]) => [mul(bar, select(equal(y!, x), mul(2, y!), Number.NaN))],
    });
    expect(() => checkGradients((y: NdArray) => nanOff(y), [x])).toThrow(LawViolation);
    expect(() => hessianProductsAgree((y) => sum(nanOff(y!)), [x], [v], [u])).toThrow(LawViolation);
    const nanSecond = customFunction({
      name: "f",
      apply: (y) => mul(y, y),
      vjp: (bar, [y]) => [mul(bar, withNanSlope(mul(2, y!)))],
    });
    expect(() => checkGradients((y: NdArray) => nanSecond(y), [x])).toThrow(LawViolation);
    const nanArgument = customFunction({
      name: "f",
      apply: (y, z) => mul(y, z),
      vjp: (bar, [y, z]) => [mul(bar, z!), mul(Number.NaN, mul(bar, y!))],
    });
    expect(() => checkGradients((y: NdArray, z: NdArray) => nanArgument(y, z), [x, x])).toThrow(LawViolation);
    expect(() => checkGradients((y: NdArray) => log(y), [array([1, -1])])).toThrow(
      /^values are numbers: element 1/,
    );
    const nanAhead = (y: NdArray): NdArray => select(less(y, 0.5001), y, Number.NaN);
    expect(() => jvpMatchesDifferences((y) => nanAhead(y!), [array([0.5])], [array([1])])).toThrow(
      LawViolation,
    );
  });

  it("finds a NaN at some distance, where extrapolation would leave it out", () => {
    const later = customFunction({
      name: "f",
      apply: (y) => mul(y, y),
      vjp: (bar, [y]) => [mul(bar, select(less(y!, 1.405), mul(2, y!), Number.NaN))],
    });
    expect(() =>
      hessianProductsAgree((y) => sum(later(y!)), [array([1.4])], [array([1])], [array([1])]),
    ).toThrow(/the gradient is NaN at .* times the direction/);
  });

  /** f with a jvp wrong by one part in 10⁵. */
  const off = (f: (y: NdArray) => NdArray, vjp?: (bar: NdArray, y: NdArray) => NdArray) => {
    const own = customFunction({
      name: "off",
      apply: (y) => f(y),
      jvp: ([dy], [y]) => mul(1 + 1e-5, jvp(f)([y!], [dy!])[1]),
      ...(vjp !== undefined && { vjp: (bar: NdArray, [y]: readonly NdArray[]) => [vjp(bar, y!)] }),
    });
    return (y: NdArray): NdArray => own(y);
  };
  const first = { secondOrder: false, float32: false } as const;

  it("sees a slope wrong by 1e-5 in a loop's step and in a branch", () => {
    for (const f of [
      (y: NdArray) => off(tanh)(add(y, 6)),
      (y: NdArray) => off(sigmoid)(sub(y, 300)),
      (y: NdArray) => off(exp)(sub(y, 30)),
      (y: NdArray) => scan((z: NdArray) => [off(sin)(z), undefined], y, 3)[0],
      (y: NdArray) => cond(less(sum(y), 100), off(sin), (z) => z, y),
    ]) {
      expect(() => checkGradients(f, [array([0.5])], first)).toThrow(LawViolation);
    }
  });

  /** The logarithm of the first of three probabilities. */
  const logFirst = (y: NdArray): NdArray => slice(logSoftmax(concat([y, array([0, 0.5])])), [0, 1]);
  const slopeOf = (f: (y: NdArray) => NdArray) => (y: NdArray) => jvp(f)([y], [add(mul(0, y), 1)])[1];
  // Where the values fall to 0 themselves there is no end: they keep their digits. Where they approach another number, the
  // last points are those with δ |slope| ≈ 2⁻⁴² of it.
  const tails: Readonly<Record<string, readonly [f: (y: NdArray) => NdArray, at: readonly number[]]>> = {
    tanh: [tanh, [-10, -9, 1e-3, 4, 8, 10]],
    sigmoid: [sigmoid, [-600, -300, -40, -12, 6, 12, 18]],
    softplus: [softplus, [-600, -40, -12, 6, 40, 600]],
    "the slope of softplus": [slopeOf(softplus), [-600, -40, 6, 12, 18]],
    erf: [erf, [-4.2, -3, 0.1, 2, 4.2]],
    erfc: [erfc, [-4, 2, 6, 12, 20]],
    "logSoftmax of the largest": [logFirst, [5, 20, 40, 100, 600]],
    "logSoftmax of the least": [logFirst, [-600, -40, -5]],
    expm1: [(y) => expm1(y), [-15, -5, 1e-9, 20]],
  };
  it.each(Object.entries(tails))(
    "sees a slope wrong by 1e-5 as far out as differences can: %s",
    (_, [f, at]) => {
      for (const point of at) {
        const points: [NdArray] = [array([point])];
        expect(() => checkGradients(off(f), points, first), `at ${point}`).toThrow(/^jvp matches/);
        expect(() => checkGradients((y: NdArray) => f(y), points, first), `at ${point}`).not.toThrow();
      }
    },
  );

  it("sees one that is wrong in one mode alone wherever it is", () => {
    const one = off(tanh, (bar, y) => mul(bar, slopeOf(tanh)(y)));
    for (const at of [-300, -20, 15, 30]) {
      expect(() => checkGradients(one, [array([at])], first)).toThrow(/^vjp is the transpose of jvp/);
    }
  });

  it("takes no right slope for a wrong one, however far out", () => {
    for (const [f] of Object.values(tails)) {
      for (const [i, at] of [-700, -31, -22, -17, -11, -5.5, 4.4, 5, 10.5, 13, 19.5, 25, 36, 700].entries()) {
        checkGradients((y: NdArray) => f(y), [array([at])], { ...first, key: key(i) });
      }
    }
    const beside = array([-30, -12, 0.5, 11, 19, 37, 300]);
    for (const f of [tanh, sigmoid, softplus, erf, (y: NdArray) => logSoftmax(y)]) {
      checkGradients((y: NdArray) => f(y), [beside], { float32: false });
    }
    // A kink at a distance that only long steps reach.
    checkGradients((y: NdArray) => add(1, mul(1e-9, abs(y))), [array([0.1, -0.3, 2])], {
      secondOrder: false,
    });
  });

  it("checks float32, with a tolerance of its own", () => {
    const odd = array([0.3, -1.1, 2.2]);
    const loses = (y: NdArray): NdArray => sub(add(mul(y, y), 1e6), 1e6);
    const options = { relative: 1e-4, absolute: 1e-6, secondOrder: false } as const;
    expect(() => checkGradients(loses, [odd], options)).toThrow(
      /^float32 runs agree: the value on reference must/,
    );
    expect(() => checkGradients(loses, [odd], { ...options, float32: 0.1 })).not.toThrow();
    expect(checkGradients(loses, [odd], { ...options, float32: false }).float32).toBeUndefined();
    expect(checkGradients((y: NdArray) => exp(y), [x]).float32).toBeLessThan(1e-6);
  });

  it("checks what it is given", () => {
    const f = (y: NdArray): NdArray => wrong(1, 2)(y);
    for (const options of [
      { directions: 0 },
      { directions: 1.5 },
      { directions: Number.NaN },
      { relative: Number.NaN },
      { relative: -1 },
      { absolute: Number.POSITIVE_INFINITY },
      { float32: Number.NaN },
      { tolerance: 1 },
      { backends: [] },
    ]) {
      expect(() => checkGradients(f, [x], options)).toThrow(DomainError);
    }
    expect(() => checkGradients(() => x, [])).toThrow(TreeError);
    expect(() => checkGradients((y: NdArray) => sum(y), [zeros([0])])).toThrow(/hold no number/);
  });

  it("leaves second derivatives out where they do not exist", () => {
    const kinked = (y: NdArray): NdArray => abs(y);
    expect(checkGradients(kinked, [array([0, 1])], { secondOrder: false }).hvp).toBeUndefined();
  });
});
