import { describe, expect, it } from "vitest";
import {
  add,
  array,
  compile,
  customFunction,
  exp,
  grad,
  hvp,
  jvp,
  mul,
  type NdArray,
  sum,
  vjp,
} from "../../src/index.ts";
import { checkGradients } from "../../src/testing/index.ts";

const [x, y] = [array([0.5, -1, 2]), array([1, 0, -0.5])];
const v = array([1, 2, -1]);

// z = x exp(y), given with either of its rules: the other is its transpose. [eq:custom]
const apply = (a: NdArray, b: NdArray): NdArray => mul(a, exp(b));
const rules = [
  {
    name: "a jvp",
    f: customFunction({
      name: "xExpY",
      apply,
      jvp: ([dx, dy], [a, b]) => mul(exp(b!), add(dx!, mul(a!, dy!))),
    }),
  },
  {
    name: "a vjp",
    f: customFunction({
      name: "xExpY",
      apply,
      vjp: (zBar, [a, b]) => [mul(zBar, exp(b!)), mul(zBar, mul(a!, exp(b!)))],
    }),
  },
];

describe.each(rules)("[eq:custom] a function with $name rule", ({ f: custom }) => {
  const f = (a: NdArray, b: NdArray): NdArray => custom(a, b);

  it("has the value and both derivatives of its definition", () => {
    expect(f(x, y).data).toEqual(apply(x, y).data);
    expect(jvp(f)([x, y], [v, v])[1].data).toEqual(jvp(apply)([x, y], [v, v])[1].data);
    const [, pullback] = vjp(f)(x, y);
    const [, expected] = vjp(apply)(x, y);
    expect(pullback(v).map(({ data }) => data)).toEqual(expected(v).map(({ data }) => data));
  });

  it("obeys the laws, second derivatives included", () => {
    checkGradients(f, [x, y]);
  });

  it("is compiled by its definition", () => {
    expect(compile(f)(x, y).data).toEqual(apply(x, y).data);
  });
});

describe("the rule of a custom function", () => {
  // Deliberately not the derivative of its definition.
  const straightThrough = customFunction({
    name: "straightThrough",
    apply: (a) => mul(a, 0),
    vjp: (yBar) => [mul(3, yBar)],
  });

  it("is used in place of the definition, in both modes", () => {
    expect(straightThrough(x).data).toEqual(Float64Array.of(0, -0, 0));
    expect(grad((a: NdArray) => sum(straightThrough(a)))(x).data).toEqual(Float64Array.of(3, 3, 3));
    expect(jvp((a: NdArray) => straightThrough(a))([x], [v])[1].data).toEqual(Float64Array.of(3, 6, -3));
    expect(hvp((a: NdArray) => sum(mul(straightThrough(a), a)))(x, v).data).toEqual(
      Float64Array.of(6, 12, -6),
    );
  });

  it("cannot be missing", () => {
    expect(() => customFunction({ name: "ruleless", apply: (a) => a })).toThrow(
      /ruleless: .* needs a jvp or a vjp/,
    );
  });
});
