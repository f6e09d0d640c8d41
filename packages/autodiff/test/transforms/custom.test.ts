import { describe, expect, it } from "vitest";
import {
  add,
  array,
  type Backend,
  compile,
  convert,
  cos,
  customFunction,
  dot,
  exp,
  gather,
  grad,
  hvp,
  item,
  jvp,
  mul,
  type NdArray,
  reference,
  scatterAdd,
  show,
  sin,
  sum,
  toNested,
  vjp,
  vmap,
  zerosLike,
} from "../../src/index.ts";
import { checkGradients } from "../../src/testing/index.ts";

// [eq:custom]
const rules = {
  jvp: ([dx]: readonly NdArray[], [x]: readonly NdArray[]) => mul(dx!, cos(x!)),
  vjp: (yBar: NdArray, [x]: readonly NdArray[]) => [mul(yBar, cos(x!))],
};
const apply = (x: NdArray): NdArray => sin(x);
const sines = {
  "jvp only": customFunction({ name: "sine", apply, jvp: rules.jvp }),
  "vjp only": customFunction({ name: "sine", apply, vjp: rules.vjp }),
  both: customFunction({ name: "sine", apply, ...rules }),
};

describe.each(Object.entries(sines))("a function of the user with %s", (_name, sine) => {
  it("obeys all laws, to the second order", () => {
    checkGradients((x: NdArray) => mul(sine(x), sine(x)), [array([0.5, -1, 2])]);
  });

  it("is differentiated through compile", () => {
    const slope = compile(grad((x: NdArray) => sum(sine(x))));
    expect(toNested(slope(array([0, 1])))).toEqual([1, Math.cos(1)]);
  });
});

it("uses its own rule, not its definition", () => {
  const clipped = customFunction({ name: "straightThrough", apply: (x) => mul(0, x), vjp: (yBar) => [yBar] });
  expect(item(grad((x: NdArray) => clipped(x))(3))).toBe(1);
  expect(item(jvp((x: NdArray) => clipped(x))([3], [2])[1])).toBe(2);
});

it("takes several arguments, whole numbers among them", () => {
  const pick = customFunction({
    name: "pick",
    apply: (x, index) => gather(x, index),
    jvp: ([dx], [, index]) => gather(dx!, index!),
  });
  const put = customFunction({
    name: "put",
    apply: (x, index) => gather(x, index),
    vjp: (yBar, [x, index]) => [scatterAdd(zerosLike(x!), index!, yBar), zerosLike(index!)],
  });
  const index = array([2, 0, 2], undefined, "int32");
  for (const f of [pick, put]) {
    const [, pullback] = vjp((x: NdArray) => f(x, index))(array([1, 2, 3]));
    expect(toNested(pullback(array([1, 10, 100]))[0])).toEqual([10, 0, 101]);
    expect(toNested(jvp((x: NdArray) => f(x, index))([array([1, 2, 3])], [array([4, 5, 6])])[1])).toEqual([
      6, 4, 6,
    ]);
  }
});

it("may use another one; a backend sees neither, nor stopGradient", () => {
  const inner = sines["vjp only"];
  const outer = customFunction({
    name: "outer",
    apply: (x) => inner(exp(x)),
    vjp: (yBar, [x]) => [mul(yBar, x!)],
  });
  const seen: string[] = [];
  const spy: Backend = {
    name: "spy",
    compile: (graph) => {
      seen.push(...graph.equations.map(({ primitive }) => primitive.name));
      return reference.compile(graph);
    },
  };
  const run = compile((x: NdArray) => outer(add(x, 1)), { backend: spy });
  expect(item(run(0.5))).toBe(Math.sin(Math.exp(1.5)));
  expect(seen).toEqual(["add", "exp", "sin"]);
});

it("runs in float32 when compiled so", () => {
  const value = compile((x: NdArray) => sines.both(x), { dtype: "float32" })(array([1]));
  expect(value.dtype).toBe("float32");
  expect(value.data[0]).toBe(Math.fround(Math.sin(1)));
});

it("has second derivatives through its rule", () => {
  const square = customFunction({
    name: "square",
    apply: (x) => mul(x, x),
    vjp: (yBar, [x]) => [mul(yBar, mul(2, x!))],
  });
  expect(toNested(hvp((x: NdArray) => dot(square(x), array([1, 3])))(array([5, 6]), array([1, 1])))).toEqual([
    2, 6,
  ]);
});

it("that is commutative is computed once for both orders, of two arguments only", () => {
  const spec = {
    name: "product",
    commutative: true,
    vjp: (bar: NdArray, xs: readonly NdArray[]) => xs.map(() => bar),
  };
  const product = customFunction({ ...spec, apply: (...xs) => xs.reduce((y, x) => mul(y, x)) });
  const both = compile((x: NdArray, y: NdArray) => [product(x, y), product(y, x)]);
  expect(both(2, 3).map(item)).toEqual([6, 6]);
  const equations = (f: (x: NdArray, y: NdArray) => NdArray): number =>
    show(f, 2, 3).match(/\bproduct\b/g)!.length;
  expect(equations((x, y) => add(product(x, y), product(y, x)))).toBe(1);
  for (const xs of [[], [2], [2, 3, 5]]) {
    expect(() => product(...xs)).toThrow(
      `product: a commutative function has two arguments; got ${xs.length}. Omit commutative`,
    );
  }
  const pairs = vmap((x: NdArray, y: NdArray) => add(product(x, y), product(y, x)));
  expect(toNested(pairs(array([1, 2]), array([3, 4])))).toEqual([6, 16]);
});

describe("faults in a rule are named", () => {
  const x = array([1, 2]);
  it.each([
    [
      "no rule",
      () => customFunction({ name: "f", apply }),
      /^f: a custom function needs a jvp or a vjp rule/,
    ],
    [
      "a tangent of another shape",
      () => jvp((y: NdArray) => customFunction({ name: "f", apply, jvp: ([dx]) => sum(dx!) })(y))([x], [x]),
      /^f: jvp rule: the tangent of the output must have the shape of the value it belongs to; got is \[\]; expected is \[2\]/,
    ],
    [
      "a cotangent of another type",
      () =>
        grad((y: NdArray) =>
          sum(customFunction({ name: "f", apply, vjp: (yBar) => [convert(yBar, "float32")] })(y)),
        )(x),
      /^f: vjp rule: cotangent 0 must be float64, as the value it belongs to; got float32/,
    ],
    [
      "a cotangent whose data do not match its shape",
      () => vjp(customFunction({ name: "f", apply, vjp: () => [{ ...x, shape: [3] }] }))(x)[1](x),
      /^f: vjp rule: cotangent 0 .*3/,
    ],
    [
      "a tangent whose data do not match its shape",
      () => jvp(customFunction({ name: "f", apply, jvp: () => ({ ...x, shape: [3] }) }))([x], [x]),
      /^f: jvp rule: the tangent of the output .*3/,
    ],
    [
      "a cotangent too few",
      () => grad((y: NdArray) => sum(customFunction({ name: "f", apply, vjp: () => [] })(y)))(x),
      /^f: vjp rule: one cotangent per input is needed; got 0 for 1 inputs/,
    ],
    [
      "a traced value closed over",
      () => grad((w: NdArray) => sum(customFunction({ name: "f", apply: (y) => mul(w, y), ...rules })(x)))(2),
      /^f: a custom function must not close over traced values; it uses float64\[\]\. Pass it as an argument/,
    ],
  ])("%s", (_what, attempt, message) => {
    expect(attempt).toThrow(message);
  });
});
