import { describe, expect, it } from "vitest";
import {
  add,
  exp,
  grad,
  hvp,
  item,
  jvp,
  log,
  mul,
  type NdArray,
  pow,
  scalar,
  sigmoid,
  sin,
  softplus,
  sqrt,
  sub,
  tanh,
} from "../../src/index.ts";

type Scalar = (x: NdArray) => NdArray;

const modes: Readonly<Record<string, (f: Scalar) => Scalar>> = {
  reverse: (f) => (x) => grad<NdArray, []>(f)(x),
  forward: (f) => (x) => jvp<[NdArray], NdArray>(f)([x], [1])[1],
};

/** All ways to nest `order` derivatives, each forward or reverse. */
function nestings(order: number): string[][] {
  if (order === 0) return [[]];
  return nestings(order - 1).flatMap((inner) => Object.keys(modes).map((mode) => [mode, ...inner]));
}

/** f and its first four derivatives, by hand. */
const closedForms: Readonly<
  Record<string, readonly [f: Scalar, at: number, derivatives: (x: number) => number[]]>
> = {
  sin: [sin, 0.7, (x) => [Math.cos(x), -Math.sin(x), -Math.cos(x), Math.sin(x)]],
  log: [log, 0.7, (x) => [1 / x, -1 / x ** 2, 2 / x ** 3, -6 / x ** 4]],
  sqrt: [sqrt, 0.7, (x) => [x ** -0.5 / 2, -(x ** -1.5) / 4, (3 * x ** -2.5) / 8, (-15 * x ** -3.5) / 16]],
  tanh: [
    tanh,
    0.3,
    (x) => {
      const t = Math.tanh(x);
      return [
        1 - t * t,
        -2 * t * (1 - t * t),
        (1 - t * t) * (6 * t * t - 2),
        (1 - t * t) * (16 * t - 24 * t ** 3),
      ];
    },
  ],
  sigmoid: [sigmoid, 0.3, (x) => sigmoidDerivatives(x).slice(1)],
  softplus: [softplus, 0.3, (x) => sigmoidDerivatives(x).slice(0, 4)],
  "x^4": [(x) => pow(x, 4), -1.5, (x) => [4 * x ** 3, 12 * x ** 2, 24 * x, 24]],
  "x · x · x · x": [(x) => mul(mul(x, x), mul(x, x)), -1.5, (x) => [4 * x ** 3, 12 * x ** 2, 24 * x, 24]],
  "x^x": [
    (x) => pow(x, x),
    1.5,
    (x) => {
      // y' = y L, L = ln x + 1, and so on by the product rule; L' = 1/x.
      const [y, L] = [x ** x, Math.log(x) + 1];
      return [
        y * L,
        y * (L ** 2 + 1 / x),
        y * (L ** 3 + (3 * L) / x - 1 / x ** 2),
        y * (L ** 4 + (6 * L ** 2) / x + (3 - 4 * L) / x ** 2 + 2 / x ** 3),
      ];
    },
  ],
  "exp(sin x)": [
    (x) => exp(sin(x)),
    0.7,
    (x) => {
      const [s, c] = [Math.sin(x), Math.cos(x)];
      const terms = [
        c,
        c * c - s,
        c * (c * c - 3 * s - 1),
        c ** 4 - 6 * c * c * s - 4 * c * c + 3 * s * s + s,
      ];
      return terms.map((term) => term * Math.exp(s));
    },
  ],
  "1 / (1 + x²)": [
    (x) => pow(add(1, mul(x, x)), -1),
    0.5,
    (x) => {
      const q = 1 + x * x;
      return [
        (-2 * x) / q ** 2,
        (6 * x * x - 2) / q ** 3,
        (24 * x - 24 * x ** 3) / q ** 4,
        (120 * x ** 4 - 240 * x ** 2 + 24) / q ** 5,
      ];
    },
  ],
};

/** s, s′, s″, s‴, s⁗ for s = sigmoid. */
function sigmoidDerivatives(x: number): number[] {
  const s = 1 / (1 + Math.exp(-x));
  const ds = s * (1 - s);
  return [
    s,
    ds,
    ds * (1 - 2 * s),
    ds * (1 - 6 * s + 6 * s * s),
    ds * (1 - 2 * s) * (1 - 12 * s + 12 * s * s),
  ];
}

describe.each(Object.entries(closedForms))("derivatives of %s", (_name, [f, at, derivatives]) => {
  it.each([1, 2, 3, 4])("order %i, every nesting of forward and reverse, is the closed form", (order) => {
    for (const nesting of nestings(order)) {
      const derivative = nesting.reduce<Scalar>((g, mode) => modes[mode]!(g), f);
      const expected = derivatives(at)[order - 1]!;
      const error = Math.abs(item(derivative(scalar(at))) - expected) / (1 + Math.abs(expected));
      expect(error, nesting.join(" of ")).toBeLessThan(1e-12);
    }
  });
});

describe("perturbation confusion", () => {
  const forward = modes.forward!;
  const reverse = modes.reverse!;

  // d/dx [ x · d/dy (x + y) ] = d/dx [ x · 1 ] = 1; an engine that confuses dx with dy says 2.
  // Siskind & Pearlmutter, Higher-Order and Symbolic Computation 21(4), 2008, doi:10.1007/s10990-008-9037-1
  it.each([
    ["forward in forward", forward, forward],
    ["forward in reverse", forward, reverse],
    ["reverse in forward", reverse, forward],
    ["reverse in reverse", reverse, reverse],
  ])("%s: the inner derivative does not see the outer perturbation", (_name, inner, outer) => {
    const sumRule = outer((x) => mul(x, inner((y) => add(x, y))(scalar(1))));
    expect(item(sumRule(scalar(1)))).toBe(1);
    const productRule = outer((x) => mul(x, inner((y) => mul(x, y))(scalar(5)))); // x · x
    expect(item(productRule(scalar(3)))).toBe(6);
  });

  it("keeps three levels apart", () => {
    // d/dx [ d/dy [ y · d/dz (x y z²) at z = y ] at y = x ] = d/dx [ 6 x y² at y = x ] = d/dx 6 x³ = 18 x²
    const inZ = (x: NdArray, y: NdArray): NdArray => grad<NdArray, []>((z) => mul(mul(x, y), mul(z, z)))(y);
    const inY = (x: NdArray): NdArray => forward((y) => mul(y, inZ(x, y)))(x);
    expect(item(grad<NdArray, []>(inY)(scalar(2)))).toBe(72);
  });
});

describe("closures over traced values", () => {
  it("are constants of the inner derivative and variables of the outer one", () => {
    // d/dw [ d/dx (w x²) at x = 3 ] = d/dw 6 w = 6
    const slope = (w: NdArray): NdArray => grad<NdArray, []>((x) => mul(w, mul(x, x)))(3);
    expect(item(grad<NdArray, []>(slope)(2))).toBe(6);
  });

  it("work in hvp, in the direction as well as in the function", () => {
    // d/dw [ hvp of w x³ at x = 2 along w ] = d/dw [ 6 w x · w ] = 12 w x
    const f = (w: NdArray): NdArray => hvp<NdArray, []>((x) => mul(w, mul(x, mul(x, x))))(2, w);
    expect(item(grad<NdArray, []>(f)(3))).toBe(72);
  });

  it("may be all that the inner function uses", () => {
    const f = (w: NdArray): NdArray => add(w, grad<NdArray, []>(() => mul(w, w))(3)); // the inner slope is 0
    expect(item(grad<NdArray, []>(f)(5))).toBe(1);
  });

  it("pass through a gradient step, as in meta-learning", () => {
    // loss(θ) = (θ − 1)², θ′ = θ − α loss′(θ);  d loss(θ′)/dθ = 2 (θ′ − 1)(1 − 2α)
    const loss = (theta: NdArray): NdArray => mul(sub(theta, 1), sub(theta, 1));
    const adapted = (theta: NdArray): NdArray => loss(sub(theta, mul(0.1, grad<NdArray, []>(loss)(theta))));
    expect(item(grad<NdArray, []>(adapted)(3))).toBeCloseTo(2 * (3 - 0.4 - 1) * 0.8, 14);
  });
});
