import { describe, expect, it } from "vitest";
import {
  abs,
  add,
  array,
  customFunction,
  dot,
  exp,
  matmul,
  mul,
  type NdArray,
  stopGradient,
  sub,
  sum,
} from "../../src/index.ts";
import { key } from "../../src/random/index.ts";
import {
  type ArrayFunction,
  checkGradients,
  derivativesAreLinear,
  differentiateByDifferences,
  float32AgreesWithFloat64,
  gradIsPullbackOfOne,
  hessianIsSymmetric,
  hessianProductsAgree,
  jvpMatchesDifferences,
  LawViolation,
  primalIsKept,
  vjpIsTransposeOfJvp,
} from "../../src/testing/index.ts";

const x = array([0.5, -1, 2]);
const [v, u] = [array([1, -0.5, 0.25]), array([0.5, 1, -1])];
const A = array([
  [1, 2, 0],
  [0, 1, 3],
  [1, 0, 1],
]);

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
    const scalar = /Hessian|grad/.test(name);
    expect(() => law((y) => (scalar ? sum(exp(y!)) : exp(y!)))).not.toThrow();
  });
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

  it("leaves second derivatives out where they do not exist", () => {
    const kinked = (y: NdArray): NdArray => abs(y);
    expect(checkGradients(kinked, [array([0, 1])], { secondOrder: false }).hvp).toBeUndefined();
  });
});
