import { describe, expect, it } from "vitest";
import {
  add,
  array,
  broadcastTo,
  compile,
  concat,
  convert,
  div,
  exp,
  grad,
  item,
  mul,
  type NdArray,
  neg,
  ones,
  pad,
  reshape,
  scalar,
  show,
  sin,
  slice,
  sub,
  sum,
  toNested,
  transpose,
} from "../../src/index.ts";

const m = array([
  [1, 2],
  [3, 4],
]);

/** The lines of a program that compute something. */
function lines(f: (x: NdArray) => NdArray, x: NdArray = m): string[] {
  return show(f, x)
    .split("\n")
    .filter((line) => line.includes(" = "))
    .map((line) => line.replace(/ +: .*/, ""));
}

describe("a trace", () => {
  it("records equal applications once, in either order of commuting operands", () => {
    expect(lines((x) => mul(exp(x), exp(x)))).toEqual(["t0 = exp(x0)", "t1 = mul(t0, t0)"]);
    expect(lines((x) => mul(add(x, exp(x)), add(exp(x), x)))).toHaveLength(3);
    expect(lines((x) => mul(sub(x, exp(x)), sub(exp(x), x)))).toHaveLength(4); // sub does not commute
  });

  it("drops what no output needs", () => {
    expect(
      lines((x) => {
        sin(x);
        return exp(x);
      }),
    ).toEqual(["t0 = exp(x0)"]);
  });

  it("computes what depends on no argument while tracing", () => {
    expect(lines((x) => mul(x, add(exp(scalar(0)), 1)), scalar(3))).toEqual(["t0 = mul(x0, 2)"]);
  });

  it("tells 0 from −0 among its constants", () => {
    const f = compile((x: NdArray) =>
      sub(div(x, broadcastTo(scalar(0), [1])), div(x, broadcastTo(scalar(-0), [1]))),
    );
    expect(toNested(f(array([1])))).toEqual([Number.POSITIVE_INFINITY]);
  });
});

describe("identities", () => {
  const identities: Readonly<Record<string, (x: NdArray) => NdArray>> = {
    "x + 0": (x) => add(x, 0),
    "0 + x": (x) => add(0, x),
    "x − 0": (x) => sub(x, 0),
    "x · 1": (x) => mul(x, 1),
    "1 · x": (x) => mul(1, x),
    "x / 1": (x) => div(x, 1),
    "−(−x)": (x) => neg(neg(x)),
    "broadcastTo its own shape": (x) => broadcastTo(x, [2, 2]),
    "reshape to its own shape, and back": (x) => reshape(reshape(x, [4]), [2, 2]),
    "transpose twice": (x) => transpose(transpose(x)),
    "convert to its own type": (x) => convert(x, "float64"),
    "slice of everything": (x) => slice(x, [0, 2], []),
    "pad by nothing": (x) =>
      pad(x, [
        [0, 0],
        [0, 0],
      ]),
    "sum over no axis": (x) => sum(x, []),
    "concat of one": (x) => concat([x]),
  };
  it.each(Object.entries(identities))("%s is x", (_name, f) => {
    expect(lines(f)).toEqual([]);
    expect(toNested(compile(f)(m))).toEqual(toNested(m));
    expect(toNested(f(m))).toEqual(toNested(m));
  });

  const others: Readonly<Record<string, (x: NdArray) => NdArray>> = {
    "x · 0, since x may be infinite": (x) => mul(x, 0),
    "x − x, since x may be infinite": (x) => sub(x, x),
    "x / x, since x may be 0": (x) => div(x, x),
    "0 − x": (x) => sub(0, x),
    "1 / x": (x) => div(1, x),
    "one transpose": (x) => transpose(x),
    "a slice that keeps the rank only": (x) => slice(x, [0, 1]),
  };
  it.each(Object.entries(others))("%s is not simplified away", (_name, f) => {
    expect(lines(f).length).toBeGreaterThan(0);
    expect(toNested(compile(f)(m))).toEqual(toNested(f(m)));
  });

  it("NaN and infinities come through a program as they do without one", () => {
    const x = array([Number.NaN, Number.POSITIVE_INFINITY, 0, -1]);
    for (const f of [...Object.values(others).slice(0, 5), (y: NdArray) => mul(ones([4]), add(y, 0))]) {
      expect(toNested(compile(f)(x))).toEqual(toNested(f(x)));
    }
  });
});

it("programs of derivatives of the same function are the same text every time", () => {
  const program = (): string =>
    show(
      grad((x: NdArray) => sum(mul(sin(x), exp(x)))),
      m,
    );
  expect(program()).toBe(program());
  expect(item(sum(grad((x: NdArray) => sum(mul(x, x)))(m)))).toBe(20);
});
