import { describe, expect, it } from "vitest";
import { openGpu } from "../../src/backends/gpu/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import {
  array,
  clip,
  compile,
  convert,
  grad,
  hvp,
  maximum,
  mul,
  type NdArray,
  norm,
  reference,
  softmax,
  sum,
  xlogy,
} from "../../src/index.ts";
import { edgeHolds } from "../support/edges.ts";
import { edge } from "../support/setting.ts";

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: minusInf } = Number;
const gpu = await openGpu({ mode: "cpu" });

describe("xlogy [eq:xlogy]", () => {
  const of = (x: NdArray | undefined, y: NdArray | undefined): NdArray => xlogy(x!, y!);
  it.each([
    edge("is 0 where both are 0, with slope 0", of, [0, 0], 0, [0, 0]),
    edge("is 0 at x = 0", of, [0, 2], 0, [Math.LN2, 0]),
    edge(
      "is 0 at x = 0 beyond the domain of ln",
      of,
      [
        [0, 0],
        [-1, inf],
      ],
      [0, 0],
      [
        [0, 0],
        [0, 0],
      ],
    ),
    edge("is x ln y", of, [2, 3], 2 * Math.log(3), [Math.log(3), 2 / 3]),
    edge("is −∞ at y = 0", of, [2, 0], minusInf, [minusInf, inf]),
    edge("is NaN with NaN", of, [0, nan], nan, [nan, nan]),
  ])("$what", (stated) => edgeHolds(stated));

  it("gives entropies of distributions with zeros, with finite slopes [eq:softmax-entropy]", () => {
    const entropy = (x: NdArray): NdArray => {
      const p = softmax(x);
      return mul(-1, sum(xlogy(p, p)));
    };
    const slope = grad(entropy)(array([0, 0, minusInf]));
    expect(entropy(array([0, 0, minusInf])).data[0]).toBeCloseTo(Math.LN2, 15);
    expect([...slope.data].map(Math.abs)).toEqual([0, 0, 0]);
  });
});

describe.each([
  ["reference", reference],
  ["wasm", wasm],
] as const)("softmax in float32, %s [eq:softmax]", (_name, backend) => {
  it.each([7, 12_345, 100_000, 3_000_000])("of %d equal numbers is 1/n, to two roundings", (n) => {
    const p = compile((x: NdArray) => softmax(x), { backend })(array(new Float32Array(n).fill(3))).data[
      n - 1
    ]!;
    expect(Math.abs(p * n - 1)).toBeLessThan(2 ** -23);
  });
});

describe.each([
  ["reference", reference],
  ["wasm", wasm],
  ["gpu", gpu],
] as const)("norm in float32, %s [eq:norm]", (_name, backend) => {
  it.each([1e-25, 1e25, 1e-40, 3e38, 1])("of 3, 4 and 12 times %f / 13", (size) => {
    const x = array(Float32Array.of((3 * size) / 13, (-4 * size) / 13, (12 * size) / 13));
    const length = compile((y: NdArray) => norm(y), { backend })(x).data[0]!;
    const u = compile(
      grad((y: NdArray) => norm(y)),
      { backend },
    )(x).data;
    const tolerance = size < 1e-38 ? 1e-4 : 1e-6; // 1e-40 has 17 bits
    expect(Math.abs(length / size - 1)).toBeLessThan(tolerance);
    [3, -4, 12].forEach((k, i) => {
      expect(Math.abs(u[i]! - k / 13)).toBeLessThan(tolerance);
    });
  });

  it("has slope 0 at 0, and its second derivative is that of a cone elsewhere", () => {
    const zero = array(new Float32Array(3));
    expect([
      ...compile(
        grad((y: NdArray) => norm(y)),
        { backend },
      )(zero).data,
    ]).toEqual([0, 0, 0]);
    const h = compile(
      hvp((y: NdArray) => norm(y)),
      { backend },
    )(array(Float32Array.of(3, 4)), array(Float32Array.of(1, 0)));
    [16 / 125, -12 / 125].forEach((k, i) => {
      expect(h.data[i]).toBeCloseTo(k, 5);
    });
  });

  it("NaN has no finite slope through clip and maximum", () => {
    const x = array(Float32Array.of(Number.NaN, 0.5, 2));
    const clipped = compile(
      grad((y: NdArray) => sum(clip(y, -1, 1))),
      { backend },
    )(x).data;
    expect([...clipped]).toEqual([nan, 1, 0]);
    const rectified = compile(
      grad((y: NdArray) => sum(maximum(y, 0))),
      { backend },
    )(x).data;
    expect([...rectified]).toEqual([nan, 1, 1]);
    const bounds = (y: NdArray): NdArray => sum(clip(convert(array([0.5]), y.dtype), y, 3));
    expect([...compile(grad(bounds), { backend })(x).data]).toEqual([nan, 0.5, 1]);
  });
});
